"""Databases for tests: SQLite in a temporary folder, and one of its own per session on PostgreSQL and MariaDB.

A module (or test) runs on all three with `pytestmark = every_database`. TEST_POSTGRES_URL and TEST_MARIADB_URL name
other servers than those on this machine; the user must be allowed to create databases.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

from webapp.extensions import db

every_database = pytest.mark.parametrize("database_url", ["sqlite", "postgresql", "mariadb"], indirect=True)
"""Runs what it marks on SQLite, PostgreSQL and MariaDB."""

POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
MARIADB = "mysql+pymysql://root@127.0.0.1:3306/mysql"


def server_address(kind: str) -> URL:
    """Where the PostgreSQL or MariaDB server for tests is."""
    if kind == "postgresql":
        return make_url(os.environ.get("TEST_POSTGRES_URL") or POSTGRES).set(drivername="postgresql+psycopg")
    return make_url(os.environ.get("TEST_MARIADB_URL") or MARIADB).set(drivername="mysql+pymysql")


def kind_of(url: str) -> str:
    """The database that an address names, as `every_database` calls it."""
    kind = make_url(url).get_backend_name()
    return "mariadb" if kind == "mysql" else kind


@contextmanager
def own_database(kind: str) -> Iterator[str]:
    """A new database on that server, dropped at the end; skips where there is no server, and fails there under CI."""
    address = server_address(kind)
    name = f"ieum_test_{os.getpid()}_{secrets.token_hex(4)}"
    encoding = "TEMPLATE template0 ENCODING 'UTF8'" if kind == "postgresql" else "CHARACTER SET utf8mb4"
    server = create_engine(address, isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} {encoding}"))
    except OperationalError as error:
        reason = f"no {kind} server answers at {address.host}:{address.port}: {error.orig}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            force = " WITH (FORCE)" if kind == "postgresql" else ""
            connection.execute(text(f"DROP DATABASE {name}{force}"))
        server.dispose()


def prepare_tables(template: Path) -> None:
    """Bring every table of the app's database into place, empty.

    A new SQLite file is a copy of `template`, which the first test of the process makes. A file that exists is left as
    it is: the test's own module has put it there.
    """
    url = db.engine.url
    if url.get_backend_name() != "sqlite":
        if not inspect(db.engine).has_table("account"):
            upgrade()
        empty_tables()
        return
    file = Path(str(url.database))
    if file.exists():
        return
    if not template.exists():
        upgrade()
        empty_tables()
        db.engine.dispose()
        shutil.copyfile(file, template)
    else:
        shutil.copyfile(template, file)


def empty_tables() -> None:
    """Delete every row, those that point at others first; tables without rows are only looked at.

    MariaDB checks each row of a table whose rows point at one another by itself: its foreign keys rest meanwhile.
    """
    tables = [table.name for table in reversed(db.metadata.sorted_tables)]
    quoted = [db.engine.dialect.identifier_preparer.quote(name) for name in tables]
    look = " UNION ALL ".join(
        f"SELECT {place} WHERE EXISTS (SELECT 1 FROM {name})" for place, name in enumerate(quoted)
    )
    with db.engine.connect().execution_options(writing=True) as connection:
        filled = sorted(connection.scalars(text(look)))
        is_maria = connection.dialect.name in ("mysql", "mariadb")
        if filled and is_maria:
            connection.execute(text("SET foreign_key_checks = 0"))
        for place in filled:
            connection.execute(text(f"DELETE FROM {quoted[place]}"))
        if filled and is_maria:
            connection.execute(text("SET foreign_key_checks = 1"))
        connection.commit()
