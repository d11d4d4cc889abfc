"""Run by `flask db …`: brings the database to another version, or compares it with the tables."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import Connection

database = current_app.extensions["migrate"].db


def migrate(connection: Connection) -> None:
    """Do what was asked on this connection. SQLite cannot change a table, so there each is made anew (batch mode)."""
    options = {"compare_type": True, "render_as_batch": True, **current_app.extensions["migrate"].configure_args}
    context.configure(connection=connection, target_metadata=database.metadata, **options)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("flask db needs the database itself; --sql is not supported.")

with database.engine.connect() as connection:
    migrate(connection)
