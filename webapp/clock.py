"""The only clock. Deadlines are decided by the database's time, so that every process agrees on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, literal, literal_column, select

from webapp.db import Moment, session

_DATABASE_TIME = {
    # now() stands still within a transaction on PostgreSQL and MariaDB; these two do not.
    "postgresql": "(clock_timestamp() AT TIME ZONE 'UTC')",
    "mysql": "CONVERT_TZ(SYSDATE(6), @@session.time_zone, '+00:00')",
    "mariadb": "CONVERT_TZ(SYSDATE(6), @@session.time_zone, '+00:00')",
}


class Offset:
    """How far tests have moved the clock on, in seconds. Nothing but a test changes it."""

    seconds: float = 0.0


def now() -> datetime:
    """The database's time in UTC (SQLite has none of its own: this machine's)."""
    if session.get_bind().dialect.name not in _DATABASE_TIME:
        return seen(datetime.now(UTC))
    return seen(session.execute(select(column())).scalar_one())


def column() -> ColumnElement[datetime]:
    """The database's time as a column of a query, for those who ask for other things as well; read it with `seen`."""
    expression = _DATABASE_TIME.get(session.get_bind().dialect.name)
    if expression is None:
        return literal(datetime.now(UTC), Moment).label("moment")
    return literal_column(expression, Moment).label("moment")


def seen(moment: datetime) -> datetime:
    """What the clock shows when the database's time is this."""
    return moment + timedelta(seconds=Offset.seconds)
