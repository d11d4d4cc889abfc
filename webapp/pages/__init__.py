"""The pages: Jinja blueprints, one file an area."""

from __future__ import annotations

from flask import Flask, request
from flask_babel import get_locale

from webapp.extensions import csrf
from webapp.pages import about, accounts, home, moderation, novels, polls, stories, turns, work, writer
from webapp.pages.acts import here, taken_texts
from webapp.pages.assets import register_assets
from webapp.pages.refusals import register_refusals
from webapp.pages.words import register_words
from webapp.people import current_account

AREAS = (home, stories, turns, polls, novels, writer, accounts, moderation, work, about)
BLUEPRINTS = frozenset(area.pages.name for area in AREAS)


def register_pages(app: Flask) -> None:
    """Bind the pages' blueprints, and what their templates share. Every form on them carries a CSRF token."""
    register_assets(app)
    register_words(app)
    register_refusals(app)
    app.jinja_env.globals.update(here=here, taken_texts=taken_texts, get_locale=get_locale)
    for area in AREAS:
        app.register_blueprint(area.pages)
    app.context_processor(viewer_and_form)
    app.before_request(check_token)


def check_token() -> None:
    """Refuse a page's form without its CSRF token; the API looks after itself."""
    if request.blueprint in BLUEPRINTS:
        csrf.protect()


def viewer_and_form() -> dict[str, object]:
    """What every template may count on: who looks at it, and an empty form with nothing wrong in it."""
    viewer = current_account()
    may_moderate = viewer is not None and viewer.role in ("moderator", "administrator")
    return {"viewer": viewer, "may_moderate": may_moderate, "values": {}, "errors": {}}
