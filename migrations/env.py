"""Run by `flask db …`: brings the database to another version, or compares it with the tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy import Connection

from webapp.db import Moment

database = current_app.extensions["migrate"].db


def render_item(kind: str, item: object, _autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column type by its name, which the template imports."""
    return "Moment()" if kind == "type" and isinstance(item, Moment) else False


def migrate(connection: Connection) -> None:
    """Do what was asked on this connection. SQLite cannot change a table, so there each is made anew (batch mode)."""
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        compare_type=True,
        render_as_batch=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("flask db needs the database itself; --sql is not supported.")


@contextmanager
def unguarded(connection: Connection) -> Iterator[None]:
    """SQLite makes a table anew to change it, and dropping the old one would delete all rows that point at its rows.

    So its foreign keys rest meanwhile. They can only be switched outside a transaction, hence on the driver's own.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        yield
        return
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


with database.engine.connect().execution_options(writing=True) as connection, unguarded(connection):
    migrate(connection)
