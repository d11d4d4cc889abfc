"""Transactions, locks and column types that hold on SQLite, PostgreSQL and MariaDB alike.

`transaction()` is the only way that services write: it takes SQLite's write lock at once (BEGIN IMMEDIATE), so that
two writers queue instead of failing, and runs what waits for the commit (`after_commit`) once it has happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import DateTime, Executable, Select, String, Table, TypeDecorator
from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.dialects.mysql import DATETIME as MYSQL_DATETIME
from sqlalchemy.dialects.mysql import VARCHAR as MYSQL_VARCHAR
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import scoped_session

from webapp.extensions import Base, db

__all__ = [
    "Base",
    "Moment",
    "after_commit",
    "disconnect",
    "exact_string",
    "is_writing",
    "let_go",
    "locked",
    "put_in_place",
    "session",
    "table_of",
    "transaction",
]

session: scoped_session[Any] = db.session

_DEPTH = "ieum_transaction_depth"
_WAITING = "ieum_after_commit"


class Moment(TypeDecorator[datetime]):
    """A moment in UTC with microseconds: stored without a zone, always read with one."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name in ("mysql", "mariadb"):
            return dialect.type_descriptor(MYSQL_DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def exact_string(length: int) -> String:
    """A string that is equal to itself only: MariaDB by default takes many different letters for one."""
    return String(length).with_variant(MYSQL_VARCHAR(length, collation="utf8mb4_bin"), "mysql", "mariadb")


@contextmanager
def transaction() -> Iterator[scoped_session[Any]]:
    """One all-or-nothing piece of writing; inside another one, a part of it.

    Any exception rolls the whole of it back and passes on.
    """
    info = session().info
    if info.get(_DEPTH, 0):
        yield session
        return
    # What was read before under a read-only BEGIN ends here: SQLite cannot raise it to a write safely.
    session.rollback()
    session.connection(execution_options={"writing": True})
    info[_DEPTH], info[_WAITING] = 1, []
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        info[_DEPTH] = 0
        waiting = info.pop(_WAITING, [])
    for action in waiting:
        action()


def let_go(_error: BaseException | None = None) -> None:
    """Give the connection back at the end of a request; one that does not even answer to that is dropped."""
    if not session.registry.has():
        return
    try:
        session.rollback()
    except SQLAlchemyError:
        session().invalidate()


def disconnect() -> None:
    """Close every connection of this process: it is about to fork, and no two processes may use the same one."""
    session.remove()
    db.engine.dispose()


def is_writing() -> bool:
    """Whether a transaction is under way."""
    return session.registry.has() and bool(session().info.get(_DEPTH, 0))


def after_commit(action: Callable[[], object]) -> None:
    """Run `action` once the transaction under way has been committed; never if it is rolled back."""
    session().info[_WAITING].append(action)


def locked(statement: Select[Any], *, share: bool = False) -> Select[Any]:
    """The statement with its rows locked until the transaction ends (SQLite has locked everything already)."""
    return statement.with_for_update(read=share).execution_options(populate_existing=True)


def table_of(row: type[Base]) -> Table:
    """The table that these rows lie in, for those who need no objects made of them."""
    table: Any = row.__table__
    assert isinstance(table, Table)
    return table


def put_in_place(table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert these rows, each in the place of the one that has its key already, if there is one.

    Whoever does this at the same time waits for the other: give rows that others may write in the order of their keys.
    """
    session.execute(_placing(table, session.get_bind().dialect.name), rows)


@cache
def _placing(table: Table, dialect: str) -> Executable:
    others = [column.name for column in table.columns if not column.primary_key]
    if dialect in ("mysql", "mariadb"):
        insert = mysql.insert(table)
        return insert.on_duplicate_key_update({name: insert.inserted[name] for name in others})
    new = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(table)
    placing = new.on_conflict_do_update(
        index_elements=list(table.primary_key), set_={name: new.excluded[name] for name in others}
    )
    # SQLAlchemy puts many rows into one statement only where they come back.
    return placing.returning(*table.primary_key) if dialect == "postgresql" else placing
