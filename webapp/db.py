"""Transactions, locks and column types that hold on SQLite, PostgreSQL and MariaDB alike.

`transaction()` is the only way that services write: it takes SQLite's write lock at once (BEGIN IMMEDIATE), so that
two writers queue instead of failing, and runs what waits for the commit (`after_commit`) once it has happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Select, String, TypeDecorator
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
    "let_go",
    "locked",
    "session",
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
    try:
        session.rollback()
    except SQLAlchemyError:
        session.invalidate()


def disconnect() -> None:
    """Close every connection of this process: it is about to fork, and no two processes may use the same one."""
    session.remove()
    db.engine.dispose()


def after_commit(action: Callable[[], object]) -> None:
    """Run `action` once the transaction under way has been committed; never if it is rolled back."""
    session().info[_WAITING].append(action)


def locked(statement: Select[Any], *, share: bool = False) -> Select[Any]:
    """The statement with its rows locked until the transaction ends (SQLite has locked everything already)."""
    return statement.with_for_update(read=share).execution_options(populate_existing=True)
