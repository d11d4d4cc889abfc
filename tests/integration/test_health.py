"""/healthz and /readyz name what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Settings
from tests.ports import free_port
from webapp import create_app
from webapp.extensions import db

pytestmark = pytest.mark.servers


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_a_site_that_has_all_it_needs_is_well(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert response.json == {"status": "ok", "missing": []}


def missing(site: Flask) -> list[str]:
    response = site.test_client().get("/readyz")
    assert response.status_code == 503
    found: list[str] = response.json["missing"]
    return found


def test_a_redis_that_does_not_answer_is_named(app: Flask, settings: Settings) -> None:
    site = create_app(replace(settings, redis_url=f"redis://127.0.0.1:{free_port()}"))
    assert missing(site) == ["redis"]


def test_a_database_without_tables_is_named(app: Flask) -> None:
    db.drop_all()
    assert missing(app) == ["database"]


def test_a_storage_folder_that_is_gone_is_named(app: Flask, settings: Settings) -> None:
    (settings.instance / "storage").rmdir()
    assert missing(app) == ["storage"]
