"""Databases for tests: SQLite in a temporary folder, and one of its own per session on PostgreSQL and MariaDB.

A module (or test) runs on all three with `pytestmark = every_database`. TEST_POSTGRES_URL and TEST_MARIADB_URL name
other servers than those on this machine; the user must be allowed to create databases.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import scoped_session

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


def empty_tables(session: scoped_session, names: list[str]) -> None:
    """Delete every row, whatever points at what."""
    dialect = session.get_bind().dialect
    quoted = [dialect.identifier_preparer.quote(name) for name in names]
    if dialect.name == "postgresql":
        session.execute(text(f"TRUNCATE {', '.join(quoted)} RESTART IDENTITY CASCADE"))
    elif dialect.name in ("mysql", "mariadb"):
        session.execute(text("SET foreign_key_checks = 0"))
        for name in quoted:
            session.execute(text(f"DELETE FROM {name}"))
        session.execute(text("SET foreign_key_checks = 1"))
    session.commit()
