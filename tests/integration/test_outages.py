"""The database is away, hangs, or lets people wait for one another: what they are told, and how long they wait."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pymysql
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, TimeoutError  # noqa: A004

from config import Settings
from tests.clients import SeparateClient
from tests.faults.proxy import Manner, Proxy
from tests.people import person
from webapp import create_app, doorbell, patience
from webapp.core.accounts import service as accounts
from webapp.db import session, transaction
from webapp.outages import outage_of

on_postgres = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
on_servers = pytest.mark.parametrize("database_url", ["postgresql", "mariadb"], indirect=True)


@pytest.fixture
def way(app: Flask, settings: Settings) -> Iterator[tuple[Proxy, Flask]]:
    """The same site once more, whose way to its database may be shut."""
    url = make_url(settings.database_url)
    with Proxy(url.host or "", url.port or {"postgresql": 5432}.get(url.get_backend_name(), 3306)) as proxy:
        behind = url.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        site = create_app(replace(settings, database_url=behind))
        site.test_client_class = SeparateClient
        yield proxy, site


@pytest.fixture
def hurried() -> Iterator[None]:
    """Whoever asks in this test waits a third of a second in all."""
    patience._present.set(patience.Patience(together=0.3))
    yield
    patience._present.set(None)


@on_servers
def test_a_program_is_told_with_a_problem_and_when_to_come_again(way: tuple[Proxy, Flask]) -> None:
    proxy, site = way
    token = accounts.issue_token(person("민지").id)
    proxy.behave(Manner.REFUSING)
    told = site.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (told.status_code, told.content_type) == (503, "application/problem+json")
    assert told.json is not None
    assert told.json["code"] == "database-away"
    assert told.headers["Retry-After"] == "2"


@on_servers
def test_a_person_gets_a_page_with_what_they_typed(way: tuple[Proxy, Flask]) -> None:
    proxy, site = way
    site.config["WTF_CSRF_ENABLED"] = False
    proxy.behave(Manner.REFUSING)
    client = site.test_client()
    page = client.post("/turns/1/drafts", data={"text": "밤새 쓴 대목이에요. 사라지면 안 돼요."})
    assert page.status_code == 503
    assert "밤새 쓴 대목이에요. 사라지면 안 돼요." in page.text
    assert "이야기를 보관하는 곳이 지금 대답하지 않아요." in page.text
    assert "503" in client.get("/stories/1", headers={"Accept-Language": "en"}).text


@on_servers
def test_somebody_signed_in_who_asks_for_a_page_that_is_not_there_is_told_as_well(
    way: tuple[Proxy, Flask],
) -> None:
    proxy, site = way
    client, number = site.test_client(), person("민지").id
    with client.session_transaction() as cookie:
        cookie["_user_id"] = str(number)
    proxy.behave(Manner.REFUSING)
    assert client.get("/nowhere").status_code == 503


@on_servers
def test_a_request_waits_two_seconds_for_a_database_that_hangs(way: tuple[Proxy, Flask]) -> None:
    proxy, site = way
    assert site.test_client().get("/api/v1/stories").status_code == 200
    proxy.behave(Manner.HANGING)
    began = time.monotonic()
    assert site.test_client().get("/api/v1/stories").status_code == 503
    assert time.monotonic() - began < 2.9
    proxy.behave(Manner.NORMAL)
    assert site.test_client().get("/api/v1/stories").status_code == 200


@on_postgres
def test_a_connection_that_the_server_has_ended_is_not_used(app: Flask) -> None:
    number = session.scalar(text("SELECT pg_backend_pid()"))
    session.rollback()
    address = app.config["SETTINGS"].database_url.replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [number])
    time.sleep(0.2)
    assert session.scalar(text("SELECT pg_backend_pid()")) != number


@on_postgres
def test_an_answer_that_does_not_come_in_time_ends_the_connection_and_not_the_next_question(
    app: Flask, hurried: None
) -> None:
    began = time.monotonic()
    with pytest.raises(OperationalError):
        session.scalar(text("SELECT pg_sleep(5)"))
    assert time.monotonic() - began < 1.0
    session.rollback()
    patience._present.set(None)
    assert session.scalar(text("SELECT 1")) == 1


def test_whoever_waits_for_sqlite_in_vain_is_told_so_in_time(
    app: Flask, settings: Settings, hurried: None
) -> None:
    with sqlite3.connect(settings.instance / "ieum.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(OperationalError) as refusal, transaction():
            pass
        assert 0.2 < time.monotonic() - began < 1.0
        other.execute("ROLLBACK")
    other.close()
    outage = outage_of(refusal.value)
    assert outage is not None
    assert outage.code == "database-busy"
    patience._present.set(None)
    with transaction():
        assert session.scalar(text("SELECT 1")) == 1


def wrapped(kind: type[DBAPIError], cause: Exception) -> DBAPIError:
    return kind("SELECT 1", None, cause)


def test_errors_are_told_for_what_they_are() -> None:
    deadlock = psycopg.errors.lookup("40P01")("deadlock detected")
    told: list[tuple[Callable[[], BaseException], str | None]] = [
        (lambda: wrapped(OperationalError, deadlock), "database-busy"),
        (
            lambda: wrapped(OperationalError, pymysql.OperationalError(1213, "Deadlock found")),
            "database-busy",
        ),
        (lambda: wrapped(OperationalError, pymysql.OperationalError(2013, "Lost")), "database-away"),
        (lambda: TimeoutError("QueuePool limit"), "database-busy"),
        (lambda: wrapped(IntegrityError, sqlite3.IntegrityError("UNIQUE")), None),
        (lambda: ValueError("ours"), None),
    ]
    for make, code in told:
        outage = outage_of(make())
        assert (outage.code if outage else None) == code


def test_what_is_said_twice_before_it_is_told_is_told_once_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[str] = []

    def publish(_channel: str, message: str) -> bool:
        time.sleep(0.05)
        heard.append(message)
        return True

    def heard_is(expected: list[str]) -> bool:
        deadline = time.monotonic() + 5
        while heard != expected and time.monotonic() < deadline:
            time.sleep(0.01)
        return heard == expected

    monkeypatch.setattr(doorbell, "publish", publish)
    doorbell.publish_soon("channel", "1")
    time.sleep(0.02)
    for message in ["2", "2", "2", "3", "1"]:
        doorbell.publish_soon("channel", message)
    # 1 was being told when it was said again, so it is told again.
    assert heard_is(["1", "2", "3", "1"])
    # And the one who tells is still there.
    doorbell.publish_soon("channel", "4")
    assert heard_is(["1", "2", "3", "1", "4"])
