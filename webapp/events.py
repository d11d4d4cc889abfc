"""The outbox: what happened in a story, written in the same transaction, told to readers after it.

A row is the record; the message on Redis only says that there is something new. Whoever missed the message finds the
row by its id.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import JSON, Index, String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp import clock, doorbell
from webapp.db import Base, Moment, after_commit, session

CHANNEL = "ieum:events"


class Event(Base):
    """One thing that happened in a story: `passage`, `phase`, `ballots`, `progress` or `checkpoint`."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_story_id_id", "story_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    recorded_at: Mapped[datetime] = mapped_column(Moment, index=True)


def record(story_id: int, kind: str, payload: dict[str, Any]) -> None:
    """Write an event in the transaction under way and ring for it once that is committed."""
    session.add(Event(story_id=story_id, kind=kind, payload=payload, recorded_at=clock.now()))
    after_commit(partial(doorbell.publish, CHANNEL, str(story_id)))


def events_after(event_id: int, *, story_id: int | None = None, limit: int = 500) -> list[Event]:
    """The events that came after the one with this id, oldest first, of one story or of all."""
    query = select(Event).where(Event.id > event_id).order_by(Event.id).limit(limit)
    if story_id is not None:
        query = query.where(Event.story_id == story_id)
    return list(session.scalars(query))


def newest_event_id() -> int:
    """The id of the last event recorded; 0 where there is none."""
    return session.scalar(select(func.max(Event.id))) or 0


def oldest_event_id() -> int:
    """The id of the first event still kept; 0 where there is none."""
    return session.scalar(select(func.min(Event.id))) or 0


def forget_events_before(moment: datetime) -> None:
    """Drop events that no reader will ask for any more; called within a transaction.

    The newest one stays whatever its age: SQLite would give its id again, and ids must rise.
    """
    session.execute(delete(Event).where(Event.recorded_at < moment, Event.id < newest_event_id()))
