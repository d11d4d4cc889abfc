"""The only clock. Deadlines are decided by the database's time, so that every process agrees on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from webapp.db import session

_DATABASE_TIME = {
    # now() stands still within a transaction on PostgreSQL and MariaDB; these two do not.
    "postgresql": "SELECT (clock_timestamp() AT TIME ZONE 'UTC')",
    "mysql": "SELECT CONVERT_TZ(SYSDATE(6), @@session.time_zone, '+00:00')",
    "mariadb": "SELECT CONVERT_TZ(SYSDATE(6), @@session.time_zone, '+00:00')",
}


class Offset:
    """How far tests have moved the clock on, in seconds. Nothing but a test changes it."""

    seconds: float = 0.0


def now() -> datetime:
    """The database's time in UTC (SQLite has none of its own: this machine's)."""
    dialect = session.get_bind().dialect.name
    query = _DATABASE_TIME.get(dialect)
    moment = (
        datetime.now(UTC) if query is None else session.execute(text(query)).scalar_one().replace(tzinfo=UTC)
    )
    return moment + timedelta(seconds=Offset.seconds)
