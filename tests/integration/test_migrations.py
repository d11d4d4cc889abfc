"""The database's history: one line of it, up and down on every database, ending where the tables are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from config import ROOT, Settings
from tests.databases import own_database
from webapp import create_app
from webapp.extensions import db


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def empty_site(request: pytest.FixtureRequest, tmp_path: Path, redis_url: str) -> Iterator[Flask]:
    """A site whose database holds nothing at all."""
    environ = {"INSTANCE": str(tmp_path), "REDIS_URL": redis_url, "LOG_LEVEL": "WARNING"}
    if request.param == "sqlite":
        yield from _pushed(environ)
    else:
        with own_database(request.param) as url:
            yield from _pushed({**environ, "DATABASE_URL": url})


def _pushed(environ: dict[str, str]) -> Iterator[Flask]:
    app = create_app(Settings.from_environment(environ))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(ROOT / "migrations")).get_heads()) == 1


def test_upgrade_ends_where_the_tables_are_and_downgrade_at_nothing(empty_site: Flask) -> None:
    upgrade()
    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []
    assert set(db.metadata.tables) <= set(inspect(db.engine).get_table_names())
    downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    upgrade()
    assert set(db.metadata.tables) <= set(inspect(db.engine).get_table_names())
