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
from sqlalchemy import func, inspect, select, text

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


def test_an_upgrade_keeps_the_rows_that_point_at_a_table_it_changes(empty_site: Flask) -> None:
    upgrade(revision="0001")
    with db.engine.connect().execution_options(writing=True) as connection, connection.begin():
        for table, row in VOTED.items():
            columns = ", ".join(connection.dialect.identifier_preparer.quote(name) for name in row)
            places = ", ".join(f":{name}" for name in row)
            table = connection.dialect.identifier_preparer.quote(table)
            connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({places})"), row)
    upgrade()
    with db.engine.connect() as connection:
        for table in VOTED:
            assert (
                connection.execute(select(func.count()).select_from(db.metadata.tables[table])).scalar() == 1
            )
        assert connection.execute(select(db.metadata.tables["poll"].c.quorum)).scalar() == 1
        assert connection.dialect.name != "sqlite" or connection.execute(text("PRAGMA foreign_keys")).scalar()


MOMENT = "2026-05-01 12:00:00.000000"
VOTED: dict[str, dict[str, object]] = {
    "account": {
        "id": 1,
        "name": "민지",
        "name_key": "민지",
        "password_hash": "!",
        "role": "participant",
        "created_at": MOMENT,
    },
    "poll": {
        "id": 1,
        "story_id": 1,
        "kind": "passage",
        "method": "approval",
        "status": "open",
        "winners": 1,
        "opens_at": MOMENT,
        "closes_at": MOMENT,
        "secret": "0" * 64,
        "seed_hash": "0" * 64,
    },
    "option": {
        "id": 1,
        "poll_id": 1,
        "position": 1,
        "label": "초안 1",
        "label_key": "초안 1",
        "is_none": False,
        "struck": False,
        "proposed_at": MOMENT,
    },
    "ballot": {"poll_id": 1, "voter_id": 1, "cast_at": MOMENT},
    "ballot_choice": {"poll_id": 1, "voter_id": 1, "option_id": 1},
}
"""A row of each table that others hang on, as they were in the first version."""
