"""An event as it is told to readers, in each language once."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from webapp.events import Event


@dataclass(frozen=True)
class Told:
    """An event in line, apart from the database; its `id` on the wire is its place."""

    id: int
    story_id: int
    kind: str
    payload: dict[str, Any]
    _frames: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, event: Event) -> Told:
        """The same as the row, which has its place."""
        assert event.place is not None
        return cls(event.place, event.story_id, event.kind, event.payload)

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
