"""The only clock. Deadlines are decided by the database's time, so that every process agrees on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from webapp.connections import MACHINE_TIME
from webapp.db import Moment, session


class Offset:
    """How far tests have moved the clock on, in seconds. Nothing but a test changes it."""

    seconds: float = 0.0


class DatabaseTime(FunctionElement[datetime]):
    """The database's time in UTC, as a column for those who ask for other things as well; read it with `seen`."""

    name = "database_time"
    type = Moment()
    inherit_cache = True


# now() stands still within a transaction on PostgreSQL and MariaDB; these do not.
@compiles(DatabaseTime, "postgresql")
def _of_postgres(*_: Any, **__: Any) -> str:
    return "(clock_timestamp() AT TIME ZONE 'UTC')"


@compiles(DatabaseTime, "mysql")
@compiles(DatabaseTime, "mariadb")
def _of_maria(*_: Any, **__: Any) -> str:
    return "CONVERT_TZ(SYSDATE(6), @@session.time_zone, '+00:00')"


@compiles(DatabaseTime, "sqlite")
def _of_sqlite(*_: Any, **__: Any) -> str:
    return f"{MACHINE_TIME}()"


_NOW = select(DatabaseTime())


def now() -> datetime:
    """The database's time in UTC (SQLite has none of its own: this machine's)."""
    if session.get_bind().dialect.name == "sqlite":
        return seen(datetime.now(UTC))
    return seen(session.execute(_NOW).scalar_one())


def seen(moment: datetime) -> datetime:
    """What the clock shows when the database's time is this."""
    return moment + timedelta(seconds=Offset.seconds)
