"""Connections to the database: how many, how they are opened, and how one that does not answer is found out.

Nobody asks the server whether it is there before asking what they want to know. A PostgreSQL connection that has ended
shows it by itself; one that hangs is given up when the patience of whoever asks is at its end (`webapp.patience`).
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Generator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pymysql
from psycopg.abc import PQGen
from sqlalchemy import Engine, QueuePool, event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Connection, Dialect, ExceptionContext, make_url
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.pool import Pool

from webapp import patience
from webapp.patience import Patience

LATE = "no answer in time"
MACHINE_TIME = "machine_time"
"""What SQLite calls the function that tells this machine's time."""
POOL_SIZE = 10
"""Connections that a process keeps; PostgreSQL's default of 100 is enough for eight web processes."""
POOL_SECONDS = 0.8
"""What a request waits for a free one."""
CONNECT_SECONDS = 2
PATIENT_SECONDS = 30.0
"""What those wait for a free connection, or for SQLite's write lock, who have no limit of their own."""
ABANDONED_SECONDS = 10
"""When the server ends a statement of a request, or a transaction that it left open: nobody waits for it any more."""
IDLE_SECONDS = 30
"""The same for a transaction of the relay clock or a worker in which nothing happens: its machine stands still, and the
rows that it has locked are waited for."""
MOST_IDLE = "most_idle"
"""Where a connection to MariaDB remembers how many seconds its transactions may stand still; 0: as long as they like."""


# Many rows are written in one statement, as by the other drivers: psycopg would send each by itself, and under gevent
# every one of them is a wait.
PGDialect_psycopg.use_insertmanyvalues_wo_returning = True


def engine_options(address: str) -> dict[str, Any]:
    """What `create_engine` needs for this address, beside the address."""
    kind = make_url(address).get_backend_name()
    pool = {
        "poolclass": PatientPool,
        "pool_size": POOL_SIZE,
        "max_overflow": 0,
        "pool_use_lifo": True,
        "pool_recycle": 1800,
    }
    if kind == "sqlite":
        # With no isolation level the driver leaves BEGIN to us: see `_begin`.
        return {**pool, "connect_args": {"isolation_level": None, "check_same_thread": False}}
    if kind == "postgresql":
        # Under READ COMMITTED a question sees the same in a transaction and without one. So only those who write begin
        # one (see `_transact`), and reading saves two of its three ways to the server and back.
        return {**pool, "isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
    return {**pool, "isolation_level": "READ COMMITTED", "pool_pre_ping": True}


class PatientPool(QueuePool):
    """Waiting for a connection is waiting for the database."""

    def connect(self) -> Any:
        """A connection; raises TimeoutError when none gets free in time."""
        present = patience.present()
        self._timeout = min(POOL_SECONDS, present.seconds()) if present.is_short else PATIENT_SECONDS
        with present.spending():
            return super().connect()


# A connection that ends while it is given back is nobody's loss; the pool would print a trace for each.
logging.getLogger(f"{PatientPool.__module__}.{PatientPool.__qualname__}").setLevel(logging.CRITICAL)


class PatientPostgres(psycopg.Connection[Any]):
    """A connection to PostgreSQL that ends when an answer does not come in time.

    The driver has no limit for reading, and for connecting one of two seconds at least; TCP's own limits find out a
    machine that is gone, not one that hangs.
    """

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait as long as patience lasts; raises OperationalError, and nothing can be asked here any more."""
        present = patience.present()
        if timeout is not None or present.is_endless:
            return super().wait(gen, interval, timeout)
        with present.spending():
            try:
                return super().wait(gen, interval, present.seconds())
            except psycopg.errors._WaitTimeout as error:
                self.close()
                raise psycopg.OperationalError(LATE) from error

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> Generator[Any, Any, Any]:
        until = time.monotonic() + patience.present().seconds()
        steps = super()._connect_gen(conninfo)
        wanted = next(steps)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() >= until:
                raise psycopg.OperationalError(LATE)
            try:
                wanted = steps.send(ready)
            except StopIteration as done:
                return done.value


class PatientMaria(pymysql.connections.Connection):
    """The same for MariaDB. Its driver has one limit for each piece of an answer, which is set anew for every piece."""

    def _read_packet(self, *words: Any) -> Any:
        present = patience.present()
        self._read_timeout = None if present.is_endless else present.seconds()
        with present.spending():
            return super()._read_packet(*words)


@event.listens_for(Engine, "do_connect")
def _connect(dialect: Dialect, _record: Any, words: Any, options: dict[str, Any]) -> Any:
    """Open a connection with the limits of whoever asks for it; what the address says comes before ours."""
    present = patience.present()
    if dialect.driver == "psycopg":
        if present.is_over:
            raise psycopg.OperationalError(LATE)
        return PatientPostgres.connect(*words, **{**_postgres_limits(present), **options})
    if dialect.driver == "pymysql":
        if present.is_over:
            raise pymysql.OperationalError(LATE)
        return PatientMaria(*words, **{**_maria_limits(present), **options})
    return None


def _postgres_limits(present: Patience) -> dict[str, Any]:
    """libpq's parameters: a machine that is gone is found out after 10 to 20 seconds of silence."""
    idle = ABANDONED_SECONDS if present.is_short else 0 if present.is_endless else IDLE_SECONDS
    statement = ABANDONED_SECONDS if present.is_short else 0
    return {
        "connect_timeout": CONNECT_SECONDS,
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        "options": f"-c statement_timeout={statement}s -c idle_in_transaction_session_timeout={idle}s",
    }


def _maria_limits(present: Patience) -> dict[str, Any]:
    """PyMySQL's parameters."""
    limits: dict[str, Any] = {"connect_timeout": min(CONNECT_SECONDS, present.seconds())}
    if present.is_short:
        limits["init_command"] = (
            f"SET SESSION innodb_lock_wait_timeout={CONNECT_SECONDS}, max_statement_time={ABANDONED_SECONDS},"
            f" idle_transaction_timeout={ABANDONED_SECONDS}"
        )
    return limits


@event.listens_for(Pool, "checkout")
def _see_whether_it_lives(driver: Any, _record: Any, _proxy: Any) -> None:
    """A connection to PostgreSQL that the server has ended has news waiting: the farewell, then the end itself."""
    if isinstance(driver, PatientPostgres):
        try:
            for _ in range(2):
                driver.pgconn.consume_input()
        except psycopg.OperationalError as error:
            raise DisconnectionError(str(error)) from error


@event.listens_for(Engine, "handle_error")
def _spare_the_others(context: ExceptionContext) -> None:
    """One connection that was given up says nothing of the others, which are looked at when they are taken."""
    if context.dialect.driver == "psycopg":
        context.invalidate_pool_on_disconnect = False


@event.listens_for(Engine, "connect")
def _set_pragmas(driver: Any, _record: Any) -> None:
    """SQLite: check foreign keys, let readers read while somebody writes, and be on the disk before saying so.

    It has no time of its own but in milliseconds, so it gets this machine's.
    """
    if isinstance(driver, sqlite3.Connection):
        driver.create_function(MACHINE_TIME, 0, _machine_time)
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
            driver.execute(f"PRAGMA {pragma}")


def _machine_time() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


@event.listens_for(Engine, "set_connection_execution_options")
def _transact(connection: Connection, options: dict[str, Any]) -> None:
    """Whoever is about to write (`writing=True`) gets a transaction."""
    if options.get("writing") and connection.dialect.name == "postgresql":
        options["isolation_level"] = "READ COMMITTED"


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    if connection.dialect.name in ("mysql", "mariadb"):
        _limit_standing_still(connection, IDLE_SECONDS if writing else 0)
    elif connection.dialect.name == "sqlite" and writing:
        _take_write_lock(connection)
    elif connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN")


def _limit_standing_still(connection: Connection, seconds: int) -> None:
    """A worker's connection to MariaDB: how long its next transaction may do nothing.

    MariaDB has a limit of its own for transactions that write, but counts one that has only locked rows among those that read.
    And whoever reads is in a transaction there as well, and may think for as long as it likes.
    """
    present = patience.present()
    if present.is_short or present.is_endless or connection.info.get(MOST_IDLE, 0) == seconds:
        return
    connection.exec_driver_sql(f"SET SESSION idle_transaction_timeout={seconds}")
    connection.info[MOST_IDLE] = seconds


def _take_write_lock(connection: Connection) -> None:
    """BEGIN IMMEDIATE, again and again while somebody else writes.

    SQLite could wait by itself, but the whole process would stand still meanwhile, and all its readers with it.
    """
    driver: Any = connection.connection.driver_connection
    until = time.monotonic() + min(patience.present().seconds(), PATIENT_SECONDS)
    pause = 0.001
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while not _began(driver, until):
            time.sleep(pause)
            pause = min(2 * pause, 0.02)
    finally:
        driver.execute("PRAGMA busy_timeout=5000")


def _began(driver: sqlite3.Connection, until: float) -> bool:
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        # The low byte is the kind of error, the others its shade.
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
            raise OperationalError("BEGIN IMMEDIATE", None, error) from error
        return False
    return True
