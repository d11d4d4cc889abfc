"""Where a page listens: from what had been told when it was asked for, so that what happens while it is on its way to
its reader is told as well."""

from __future__ import annotations

from flask import current_app, g, url_for

from webapp.live.hub import EXTENSION, Hub


def note_place() -> None:
    """Before anything is read for a page."""
    hub: Hub = current_app.extensions[EXTENSION]
    g.told_until = hub.place


def live_address(story_id: int) -> str:
    """The stream of a story, for the page that is being made."""
    return url_for("live.story", story_id=story_id, last_event_id=g.told_until)
