"""An event as it is told to readers, in each language once, and the order in which events are told."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from webapp.events import Event

GAP = timedelta(seconds=2)
"""How old an event must be to be told although an id before it is missing."""


@dataclass(frozen=True)
class Told:
    """An event, apart from the database."""

    id: int
    story_id: int
    kind: str
    payload: dict[str, Any]
    recorded_at: datetime
    _frames: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, event: Event) -> Told:
        """The same as the row."""
        return cls(event.id, event.story_id, event.kind, event.payload, event.recorded_at)

    def frame(self, language: str, translate: Callable[[str], str]) -> bytes:
        """The event on the wire; its message, if it has one, is translated."""
        if language not in self._frames:
            payload = dict(self.payload)
            if payload.get("message"):
                payload["message"] = translate(payload["message"])
            self._frames[language] = frame(self.kind, payload, self.id)
        return self._frames[language]


def frame(kind: str, payload: dict[str, Any], event_id: int) -> bytes:
    """One server-sent event: JSON has no line breaks, so its data is one line."""
    return f"id: {event_id}\nevent: {kind}\ndata: {json.dumps(payload, ensure_ascii=False)}\n\n".encode()


class InOrder:
    """Decides what may be told, so that ids rise and none is left out.

    A database gives ids before it commits: an event may become visible after one with a higher id. So an event behind
    a missing id waits until it is `GAP` old; by then the missing one is there, or was rolled back.
    """

    def __init__(self, position: int) -> None:
        self.position = position

    def take(self, found: Sequence[Told], moment: datetime) -> list[Told]:
        """Those of the events after `position`, in the order of their ids, that may be told now."""
        taken = []
        for told in found:
            if told.id != self.position + 1 and moment - told.recorded_at < GAP:
                break
            self.position = told.id
            taken.append(told)
        return taken
