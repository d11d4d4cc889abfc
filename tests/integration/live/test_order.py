"""Events are told in the order in which they were committed, to everybody the same, however long a commit takes."""

from __future__ import annotations

import random
import threading
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.databases import every_database
from tests.integration.live.conftest import record
from tests.integration.live.listening import Listener, Slow, steps
from webapp import events
from webapp.db import session, transaction
from webapp.extensions import db
from webapp.live.hub import Hub
from webapp.live.reader import Reader, Wire

pytestmark = every_database

LONG = 2.5
"""Seconds that a transaction stays open: once, events told after two of them were never told at all."""


def numbers(reader: Reader, count: int) -> dict[int, int]:
    """What a reader of the hub is handed, place → number, until there are so many."""
    got: dict[int, int] = {}
    while len(got) < count:
        news = reader.take(20)
        assert news, f"only {len(got)} of {count}"
        got |= {told.id: told.payload["step"] for told in news}
    return got


def test_an_event_that_is_committed_late_is_told_late_and_to_everybody(
    app: Flask, client: FlaskClient, hub: Hub, story_id: int
) -> None:
    listener = Listener(client, story_id)
    seen = int(listener.take(2)[1]["id"])
    slow = Slow(app, story_id, 1)
    quick = threading.Thread(target=in_context, args=(app, story_id, 2))
    quick.start()
    # SQLite has one writer at a time: there the quick one waits for the slow one.
    time.sleep(LONG)
    between = Listener(client, story_id)
    came = int(between.take(2)[1]["id"])
    other = Hub(app)
    reader, _ = other.join(story_id, Wire(None))
    slow.let_go()
    quick.join()
    expected = [2, 1] if came > seen else [1, 2]
    later = expected[came - seen :]
    blocks = listener.take(2)
    assert steps(blocks) == expected
    assert [int(block["id"]) for block in blocks] == [seen + 1, seen + 2]
    assert steps(between.take(len(later))) == later
    assert list(numbers(reader, len(later)).values()) == later
    again = Listener(client, story_id, headers={"Last-Event-ID": str(seen + 1)})
    assert steps(again.take(3)) == expected[1:]
    for one in (listener, between, again):
        one.response.close()
    other.stop()


def in_context(app: Flask, story_id: int, number: int) -> None:
    """Record an event in a thread of its own."""
    with app.app_context():
        record(story_id, number)
        db.session.remove()


@pytest.mark.timeout(120)
def test_events_of_many_writers_reach_all_processes_in_one_order(app: Flask, hub: Hub, story_id: int) -> None:
    writers, each = 6, 20
    hubs = [hub, Hub(app)]
    readers = [one.join(story_id, Wire(None))[0] for one in hubs]

    def write(first: int) -> None:
        with app.app_context():
            for number in range(first, first + each):
                with transaction():
                    events.record(story_id, "progress", {"step": number})
                    session.flush()
                    time.sleep(random.random() * 0.02)
            db.session.remove()

    threads = [threading.Thread(target=write, args=(number * each,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    first, second = (numbers(reader, writers * each) for reader in readers)
    for thread in threads:
        thread.join()
    assert first == second, "the same event has the same place everywhere"
    assert list(first) == sorted(first), "places rise"
    assert sorted(first.values()) == list(range(writers * each)), "none is missed, none is repeated"
    for number in range(writers):
        own = [one for one in first.values() if one // each == number]
        assert own == sorted(own), "what one did after another is told in that order"
    hubs[1].stop()
