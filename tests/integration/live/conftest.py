"""A story whose events tests record, and the hub, which ends with the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from webapp import events
from webapp.core.stories import service as stories
from webapp.db import transaction
from webapp.live.hub import EXTENSION, Hub

OPENING = "마을 어귀에 오래된 우체통이 하나 있었다. 아무도 편지를 넣지 않는데 아침마다 편지가 들어 있었다."


@pytest.fixture
def hub(app: Flask) -> Iterator[Hub]:
    """The hub of this test's site."""
    hub: Hub = app.extensions[EXTENSION]
    yield hub
    hub.stop()


@pytest.fixture
def story_id(app: Flask) -> int:
    """A story, with the events of its beginning."""
    return stories.create_story("우체통", "편지가 오는 마을.", OPENING, {}, actor=None).id


def record(story_id: int, number: int) -> int:
    """An event that can be told from others by its number; returns its place."""
    with transaction():
        events.record(story_id, "progress", {"step": number})
    return events.put_in_line()
