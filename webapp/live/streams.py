"""GET /live/stories/<id>: what happens in a story, as it happens."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

from flask import Blueprint, Response, current_app, request
from flask_babel import get_locale, get_translations

from webapp import events
from webapp.api.problems import problem_of
from webapp.core.stories import queries as stories
from webapp.errors import DomainError
from webapp.live.hub import EXTENSION, Hub
from webapp.live.reader import Reader, Wire
from webapp.live.telling import Told, frame

streams = Blueprint("live", __name__, url_prefix="/live")

RETRY_MILLISECONDS = 3000
COME_BACK_MILLISECONDS = (1000, 5000)
"""When a reader is asked to come back whose stream ends: at a time of its own, so that not all come at once."""
BEAT_SECONDS = 15.0
BEAT = b": beat\n\n"
CATCH_UP_MOST = 500
"""A reader that is further behind is told to begin anew."""
HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


@streams.errorhandler(DomainError)
def refuse(error: DomainError) -> Response:
    """Refusals are told to programs."""
    answer = problem_of(error)
    assert answer is not None
    return answer


@streams.get("/stories/<id:story_id>")
def story(story_id: int) -> Response:
    """The stream of a story, from now on or from where the reader was (Last-Event-ID, or ?last_event_id=)."""
    hub: Hub = current_app.extensions[EXTENSION]
    if not hub.knows(story_id):
        stories.get_story(story_id)
    wire = Wire(request.environ.get("gunicorn.socket"))
    wire.narrow()
    reader, place = hub.join(story_id, wire)
    with ExitStack() as stack:
        stack.callback(hub.leave, story_id, reader)
        last_id = _last_event_id()
        missed = [] if last_id is None else _missed(hub, story_id, last_id, place)
        # Another process may have been further than this one is: who comes from there has seen more already.
        seen = place if missed is None else max(place, last_id or 0)
        told = _frames(reader, missed, seen, _translator())
        response = Response(told, mimetype="text/event-stream", headers=HEADERS)
        # Whatever becomes of the stream, even if it is never read: its reader leaves the hub.
        response.call_on_close(stack.pop_all().close)
    return response


def _last_event_id() -> int | None:
    """The id of the last event that the reader saw; None when it does not say."""
    given = request.headers.get("Last-Event-ID") or request.args.get("last_event_id", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def _missed(hub: Hub, story_id: int, last_id: int, place: int) -> list[Told] | None:
    """What a reader missed up to this place; None when that is not known any more, or too much."""
    missed = hub.told_since(story_id, last_id)
    if missed is None:
        missed = _kept(story_id, last_id)
    return (
        None if missed is None or len(missed) > CATCH_UP_MOST else [one for one in missed if one.id <= place]
    )


def _kept(story_id: int, last_id: int) -> list[Told] | None:
    """The same from the database, whose line may be longer."""
    if not events.oldest_place() - 1 <= last_id <= events.newest_place():
        return None
    return [Told.of(row) for row in events.events_after(last_id, story_id=story_id, limit=CATCH_UP_MOST + 1)]


def _translator() -> Callable[[Told], bytes]:
    """Puts an event on the wire in the language of the reader, also when the request is over."""
    return partial(Told.frame, language=str(get_locale()), translate=get_translations().gettext)


def _frames(
    reader: Reader, missed: list[Told] | None, seen: int, on_the_wire: Callable[[Told], bytes]
) -> Iterator[bytes]:
    """What is sent: an opening, what was missed (or `reset`), then each event with an id above `seen`, and beats; at
    the end, when to come back."""
    yield f": 이어졌어요\nretry: {RETRY_MILLISECONDS}\n\n".encode()
    if missed is None:
        yield frame("reset", {}, seen)
    for told in missed or []:
        yield on_the_wire(told)
    # An id without an event: a reader that has seen none yet can still resume from here.
    yield f"id: {seen}\n\n".encode()
    while not reader.over:
        news = reader.take(BEAT_SECONDS)
        if not reader.over:
            yield b"".join(on_the_wire(told) for told in news if told.id > seen) or BEAT
    yield f"retry: {random.randint(*COME_BACK_MILLISECONDS)}\n\n".encode()
