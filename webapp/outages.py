"""What people are told while the database is away or too busy: one sentence, with 503, wherever it was needed.

A deadlock is told as well, not tried again: what a request does is checked from its beginning when it is sent again.
"""

from __future__ import annotations

import sqlite3

import structlog
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    OperationalError,
    PendingRollbackError,
    SQLAlchemyError,
    TimeoutError,  # noqa: A004 - the pool's own
)

from webapp.errors import N_, Unavailable

log = structlog.get_logger()

AWAY = (OperationalError, InterfaceError, PendingRollbackError, TimeoutError)
IN_EACH_OTHERS_WAY = ("40001", "40P01", "55P03", 1205, 1213, sqlite3.SQLITE_BUSY)
"""Serialisation failures, deadlocks and locks that were waited for in vain: PostgreSQL's, MariaDB's, SQLite's code."""


def outage_of(error: BaseException | None) -> Unavailable | None:
    """What to tell people, if this error means that the database is away or too busy; None for any other."""
    if not isinstance(error, SQLAlchemyError) or not _is_outage(error):
        return None
    log.warning("database_away", error=str(error).partition("\n")[0])
    if isinstance(error, TimeoutError) or _code(error) in IN_EACH_OTHERS_WAY:
        return Unavailable("database-busy", N_("지금 한꺼번에 많은 일이 몰렸어요. 잠시 뒤에 다시 해 주세요."))
    return Unavailable(
        "database-away",
        N_(
            "이야기를 보관하는 곳이 지금 대답하지 않아요. "
            "방금 한 일이 남지 않았을 수 있으니, 잠시 뒤에 다시 해 주세요."
        ),
    )


def _is_outage(error: SQLAlchemyError) -> bool:
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    return lost or isinstance(error, AWAY)


def _code(error: SQLAlchemyError) -> object:
    """What the database calls this error."""
    cause = getattr(error, "orig", None)
    if isinstance(cause, sqlite3.Error):
        return cause.sqlite_errorcode & 0xFF
    return getattr(cause, "sqlstate", None) or next(iter(getattr(cause, "args", ())), None)
