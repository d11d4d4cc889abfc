"""A worker that stands still in the midst of writing: the rows that it has locked get free, on every server."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import create_engine, select
from sqlalchemy.exc import DBAPIError

from tests.people import person
from webapp import connections, patience
from webapp.core.accounts.models import Account
from webapp.db import locked, session, transaction
from webapp.extensions import db

MOST_SECONDS = 10

pytestmark = pytest.mark.parametrize("database_url", ["postgresql", "mariadb"], indirect=True)


@pytest.fixture
def account_id(app: Flask, monkeypatch: pytest.MonkeyPatch) -> int:
    """Somebody's account. From here on this process waits as a worker does, and may stand still for one second."""
    known: int = person("사람").id
    session.commit()
    session.remove()
    db.engine.dispose()
    monkeypatch.setattr(connections, "IDLE_SECONDS", 1)
    monkeypatch.setattr(patience._Process, "patience", patience.Patience(answer=patience.PROCESS_SECONDS))
    return known


def lock(account_id: int, url: str) -> None:
    """Lock the account as somebody else, who has a connection of their own."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(select(Account.id).where(Account.id == account_id).with_for_update())
    engine.dispose()


def stand_still(account_id: int, url: str, *, has_written: bool) -> None:
    """Lock the account, perhaps change it, do nothing until somebody else has got the lock, and go on."""
    with ThreadPoolExecutor(1) as beside, transaction():
        account = session.scalars(locked(select(Account).where(Account.id == account_id))).one()
        if has_written:
            account.role = "moderator"
            session.flush()
        beside.submit(lock, account_id, url).result(timeout=MOST_SECONDS)
        account.role = "admin"


@pytest.mark.parametrize("has_written", [False, True])
def test_its_locks_are_taken_from_it_and_it_writes_nothing_any_more(
    account_id: int, database_url: str, *, has_written: bool
) -> None:
    with pytest.raises(DBAPIError):
        stand_still(account_id, database_url, has_written=has_written)
    session.remove()
    assert session.get_one(Account, account_id).role == "participant"


def test_whoever_only_reads_may_think_for_as_long_as_they_like(account_id: int) -> None:
    with transaction():
        session.get_one(Account, account_id).role = "moderator"
    session.expire_all()
    assert session.get_one(Account, account_id).role == "moderator"
    time.sleep(2.5 * connections.IDLE_SECONDS)
    session.expire_all()
    assert session.get_one(Account, account_id).role == "moderator"
