"""Streams as a reader gets them: from now on, from where it was, in its language, and refusals."""

from __future__ import annotations

import html
import json
import re
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import gettext
from sqlalchemy import event

from tests.integration.live.conftest import record
from tests.integration.live.listening import Listener, steps
from webapp import clock, events
from webapp.db import transaction
from webapp.extensions import db
from webapp.live.hub import Hub
from webapp.live.reader import WAITING_MOST
from webapp.live.streams import CATCH_UP_MOST


def test_a_stream_opens_at_once_and_names_the_place_to_resume_from(
    client: FlaskClient, hub: Hub, story_id: int
) -> None:
    listener = Listener(client, story_id)
    opening, place = listener.take(2)
    assert opening["retry"] == "3000"
    assert place == {"id": str(events.put_in_line())}
    headers = listener.response.headers
    assert headers["Content-Type"].startswith("text/event-stream")
    assert headers["Cache-Control"] == "no-cache"
    assert headers["X-Accel-Buffering"] == "no"
    listener.response.close()
    assert hub.readers() == 0


def test_what_happens_is_told_to_the_readers_of_that_story(
    client: FlaskClient, hub: Hub, story_id: int
) -> None:
    listener = Listener(client, story_id)
    listener.take(2)
    record(story_id + 1, 99)
    event_id = record(story_id, 7)
    told = listener.take(1)[0]
    assert told["id"] == str(event_id)
    assert told["event"] == "progress"
    assert json.loads(told["data"]) == {"step": 7}
    listener.response.close()


@pytest.mark.parametrize("how", ["header", "query"])
def test_a_reader_that_comes_back_gets_what_it_missed_in_order(
    client: FlaskClient, hub: Hub, story_id: int, how: str
) -> None:
    seen = record(story_id, 1)
    for number in (2, 3, 4):
        record(story_id, number)
    resumed: dict[str, Any] = (
        {"headers": {"Last-Event-ID": str(seen)}}
        if how == "header"
        else {"query_string": {"last_event_id": seen}}
    )
    listener = Listener(client, story_id, **resumed)
    blocks = listener.take(5)
    record(story_id, 5)
    blocks += listener.take(1)
    assert steps(blocks) == [2, 3, 4, 5]
    listener.response.close()


def test_resuming_while_much_happens_leaves_no_gap_and_repeats_nothing(
    client: FlaskClient, hub: Hub, story_id: int
) -> None:
    seen = record(story_id, 0)
    numbers = iter(range(1, 61))
    got: list[int] = []
    for _ in range(6):
        for _ in range(5):
            record(story_id, next(numbers))
        listener = Listener(client, story_id, headers={"Last-Event-ID": str(seen)})
        for _ in range(5):
            record(story_id, next(numbers))
        wanted, blocks = len(got) + 10, []
        while len(got) + len(steps(blocks)) < wanted:
            blocks += listener.take(1)
        listener.response.close()
        got += steps(blocks)
        seen = max(int(block["id"]) for block in blocks if "id" in block)
    assert got == list(range(1, 61))


def test_a_reader_from_before_the_oldest_event_is_told_to_begin_anew(
    client: FlaskClient, hub: Hub, story_id: int
) -> None:
    seen = record(story_id, 1)
    record(story_id, 2)
    with transaction():
        events.forget_events_before(clock.now() + timedelta(seconds=1))
    reset = Listener(client, story_id, headers={"Last-Event-ID": str(seen)}).take(2)[1]
    assert (reset["event"], reset["id"]) == ("reset", str(seen + 1))
    missed_nothing = Listener(client, story_id, headers={"Last-Event-ID": str(seen + 1)})
    assert record(story_id, 3) == seen + 2
    assert steps(missed_nothing.take(3)) == [3]


def test_a_reader_too_far_behind_or_from_another_database_is_told_to_begin_anew(
    client: FlaskClient, hub: Hub, story_id: int
) -> None:
    with transaction():
        for number in range(CATCH_UP_MOST + 1):
            events.record(story_id, "progress", {"step": number})
    future = Listener(client, story_id, headers={"Last-Event-ID": "999999"}).take(2)[1]
    assert future["event"] == "reset"
    behind = Listener(client, story_id, headers={"Last-Event-ID": "0"}).take(2)[1]
    assert behind["event"] == "reset"


@pytest.mark.parametrize("given", ["", "abc", "-1", "１２", "9" * 40])
def test_an_id_that_is_none_of_ours_means_from_now_on(
    client: FlaskClient, hub: Hub, story_id: int, given: str
) -> None:
    blocks = Listener(client, story_id, headers={"Last-Event-ID": given.encode().decode("latin-1")}).take(2)
    assert blocks[1] == {"id": str(events.put_in_line())}


def test_messages_come_in_the_readers_language(
    app: Flask, client: FlaskClient, hub: Hub, story_id: int
) -> None:
    listener = Listener(client, story_id, headers={"Accept-Language": "en"})
    listener.take(2)
    with transaction():
        events.record(story_id, "progress", {"job_id": 1, "progress": 0.5, "message": "다 했어요."})
    message = json.loads(listener.take(1)[0]["data"])["message"]
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert message == gettext("다 했어요.")
    listener.response.close()


@pytest.mark.parametrize("page", ["/", "/stories/{}", "/stories/{}/turn"])
def test_what_happens_while_a_page_is_on_its_way_is_told_to_it(
    client: FlaskClient, hub: Hub, story_id: int, page: str
) -> None:
    other = Listener(client, story_id)
    other.take(2)
    shown = client.get(page.format(story_id)).get_data(as_text=True)
    record(story_id, 1)
    other.take(1)
    address = re.search(r'sse-connect="([^"]+)"', shown)
    assert address is not None
    assert steps(Listener(client, story_id, address=html.unescape(address[1])).take(2)) == [1]
    other.response.close()


def test_an_unknown_story_is_a_problem(client: FlaskClient, hub: Hub) -> None:
    response = client.get("/live/stories/4711")
    assert response.status_code == 404
    assert response.content_type.startswith("application/problem+json")
    assert response.json is not None
    assert response.json["code"] == "no-such-story"
    assert hub.readers() == 0


def test_a_slow_reader_is_dropped_and_catches_up_when_it_comes_back(
    client: FlaskClient, hub: Hub, story_id: int
) -> None:
    slow = Listener(client, story_id)
    seen = int(slow.take(2)[1]["id"])
    with transaction():
        for number in range(WAITING_MOST + 50):
            events.record(story_id, "progress", {"step": number})
    while hub.readers():
        hub._stopping.wait(0.02)
    assert [list(block) for block in slow.rest()] == [["retry"]]
    again = Listener(client, story_id, headers={"Last-Event-ID": str(seen)})
    assert steps(again.take(WAITING_MOST + 51)) == list(range(WAITING_MOST + 50))
    again.response.close()


def test_readers_that_were_away_for_a_moment_do_not_ask_the_database(
    app: Flask, client: FlaskClient, hub: Hub, story_id: int
) -> None:
    other = Listener(client, story_id)
    seen = int(other.take(2)[1]["id"])
    assert [record(story_id, number) for number in (1, 2)] == [seen + 1, seen + 2]
    assert steps(other.take(2)) == [1, 2]
    asked: list[str] = []
    caller = threading.get_ident()

    @event.listens_for(db.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if threading.get_ident() == caller:
            asked.append(statement)

    for last_id in (seen - 1, seen, seen + 1, seen + 2):
        again = Listener(client, story_id, headers={"Last-Event-ID": str(last_id)})
        told = again.take(2 + seen + 2 - last_id)
        assert steps(told) == [1, 2][max(0, last_id - seen) :]
        again.response.close()
    event.remove(db.engine, "before_cursor_execute", note)
    other.response.close()
    assert asked == []


def test_a_stream_holds_no_database_connection(
    app: Flask, client: FlaskClient, hub: Hub, story_id: int
) -> None:
    db.session.remove()
    listeners = [Listener(client, story_id) for _ in range(20)]
    for listener in listeners:
        listener.take(2)
    db.session.remove()
    # The hub has one for a moment now and then; twenty streams that held theirs would never come to none.
    deadline = time.monotonic() + 10
    while db.engine.pool.checkedout() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert db.engine.pool.checkedout() == 0
    for listener in listeners:
        listener.response.close()
