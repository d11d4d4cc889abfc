"""The connection is given back at the end of a request, whatever state it is in."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.engine.default import DefaultDialect

from tests.databases import every_database
from webapp.core.accounts.models import Account
from webapp.db import let_go, session
from webapp.extensions import db

pytestmark = every_database


def test_a_connection_that_does_not_even_answer_to_that_is_dropped(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialect = db.engine.dialect
    session.connection(execution_options={"writing": True})
    driver = session.connection().connection.driver_connection

    def hang(_dialect: DefaultDialect, _connection: object) -> None:
        raise dialect.loaded_dbapi.OperationalError("no answer in time")

    with monkeypatch.context() as patch:
        patch.setattr(type(dialect), "do_rollback", hang)
        let_go()
    assert session.connection().connection.driver_connection is not driver
    assert session.scalars(select(Account)).all() == []
