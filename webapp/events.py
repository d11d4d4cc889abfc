"""The outbox: what happened in a story, written in the same transaction, told to readers after it.

A row is the record; the message on Redis only says that there is something new. Whoever missed the message finds the
row by its place.

A database gives ids before it commits, so of two events the one with the lower id may be seen later, by any length of
time. Readers therefore go by an event's place in the line, which is given once it has been committed
(`put_in_line`), under one lock: no place is ever seen before a lower one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import JSON, Index, Row, String, case, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from webapp import clock, doorbell, patience
from webapp.db import Base, Moment, after_commit, locked, session, table_of, transaction

CHANNEL = "ieum:events"
AT_ONCE = 500
"""Events that are put in line, or read, at one time."""


class Event(Base):
    """One thing that happened in a story: `passage`, `phase`, `ballots`, `progress` or `checkpoint`.

    `place` is what readers know it by; None until it has been put in line.
    """

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_story_id_place", "story_id", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int | None] = mapped_column(unique=True)
    story_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    recorded_at: Mapped[datetime] = mapped_column(Moment, index=True)


_INSERT = insert(table_of(Event))


class EndOfLine(Base):
    """The last place that was given. Its one row is the lock under which places are given."""

    __tablename__ = "end_of_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int]


Payload = dict[str, Any]

_COMPLETED: dict[str, Callable[[Payload], Payload]] = {}


def completed_by(kind: str, complete: Callable[[Payload], Payload]) -> None:
    """Have `complete` say what events of this kind tell, given what was recorded, when they are put in line: all that
    they tell of is committed then, which it was not for those who recorded them."""
    _COMPLETED[kind] = complete


def record(story_id: int, kind: str, payload: Payload, moment: datetime | None = None) -> None:
    """Write an event in the transaction under way and ring for it once that is committed. `moment` is when it happened,
    for those who know; else now."""
    row = {"story_id": story_id, "kind": kind, "payload": payload, "recorded_at": moment or clock.now()}
    session.execute(_INSERT, row)
    # A request does not wait for Redis; a worker's child might be gone before it is told.
    publish = doorbell.publish_soon if patience.present().is_short else doorbell.publish
    after_commit(partial(publish, CHANNEL, str(story_id)))


def put_in_line() -> int:
    """Give every event that has been committed its place, in the order of their ids; returns the last place given.

    Whoever commits later comes later. Called by all who read, and by the relay clock.
    """
    while session.execute(_waiting(1)).first() is not None:
        if session.get(EndOfLine, 1) is None:
            _begin_line()
        _put_in_line(AT_ONCE)
    return newest_place()


def _begin_line() -> None:
    # Somebody else may do the same at this moment, once in the life of a site.
    with suppress(IntegrityError), transaction():
        session.add(EndOfLine(id=1, place=0))


def _waiting(limit: int) -> Any:
    query = select(Event.id, Event.kind, Event.payload).where(Event.place.is_(None))
    return query.order_by(Event.id).limit(limit)


def _put_in_line(limit: int) -> None:
    with transaction():
        end = session.scalars(locked(select(EndOfLine))).one()
        # Only now: what was put in line by whoever held the lock before us waits no more.
        waiting = session.execute(_waiting(limit)).all()
        places = {event.id: end.place + step for step, event in enumerate(waiting, 1)}
        if places:
            _complete(waiting)
            given = update(Event).where(Event.id.in_(places)).values(place=case(places, value=Event.id))
            session.execute(given.execution_options(synchronize_session=False))
            end.place += len(places)


def _complete(waiting: Sequence[Row[Any]]) -> None:
    """Complete these events; those that say the same are asked about once."""
    same = defaultdict(list)
    for event in waiting:
        if event.kind in _COMPLETED:
            same[event.kind, json.dumps(event.payload, sort_keys=True)].append(event.id)
    for (kind, recorded), ids in same.items():
        told = update(Event).where(Event.id.in_(ids)).values(payload=_COMPLETED[kind](json.loads(recorded)))
        session.execute(told.execution_options(synchronize_session=False))


def events_after(place: int, *, story_id: int | None = None, limit: int = AT_ONCE) -> list[Event]:
    """The events in line after this place, in their order, of one story or of all."""
    query = select(Event).where(Event.place > place).order_by(Event.place).limit(limit)
    if story_id is not None:
        query = query.where(Event.story_id == story_id)
    return list(session.scalars(query))


def newest_place() -> int:
    """The last place given; 0 where there is none."""
    return session.scalar(select(EndOfLine.place)) or 0


def oldest_place() -> int:
    """The place of the first event still kept, or the next to be given where none is kept."""
    return session.scalar(select(func.min(Event.place))) or newest_place() + 1


def forget_events_before(moment: datetime) -> None:
    """Drop events that no reader will ask for any more, and every one before them; called within a transaction."""
    last = session.scalar(select(func.max(Event.place)).where(Event.recorded_at < moment))
    if last is not None:
        session.execute(delete(Event).where(Event.place <= last))
