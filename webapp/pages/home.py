"""The front page: what this is, and what can be done right now."""

from __future__ import annotations

from flask import Blueprint, render_template

from webapp.core.stories import queries
from webapp.pages.growth import growth_at_a_glance
from webapp.pages.panel import panel_of
from webapp.people import current_account

pages = Blueprint("home", __name__)


@pages.get("/")
def index() -> str:
    """The newest open story's turn and last passages, and how far the writer has grown."""
    story = next((story for story in queries.stories() if story.status == "open"), None)
    panel = panel_of(story, current_account()) if story else None
    latest = queries.newest_passages(story.id, 3) if story else []
    return render_template("home/index.html", panel=panel, latest=latest, growth=growth_at_a_glance())
