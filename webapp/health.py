"""GET /healthz and /readyz: whether all that the site needs answers, for those who watch over it."""

from __future__ import annotations

from flask import Flask
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from webapp import doorbell, events, storage


def register_health(app: Flask) -> None:
    """Bind both addresses; they say the same."""
    app.add_url_rule("/healthz", "healthz", health)
    app.add_url_rule("/readyz", "readyz", health)


def health() -> ResponseReturnValue:
    """200, or 503 with the names of what is missing: database, redis, storage."""
    answers = {"database": database_answers(), "redis": doorbell.answers(), "storage": storage.answers()}
    missing = [name for name, answer in answers.items() if not answer]
    body = {"status": "missing" if missing else "ok", "missing": missing}
    return body, 503 if missing else 200, {"Cache-Control": "no-store"}


def database_answers() -> bool:
    """Whether the database answers and has its tables."""
    try:
        events.newest_place()
    except SQLAlchemyError:
        return False
    return True
