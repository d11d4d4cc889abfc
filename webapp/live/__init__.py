"""Streams of server-sent events."""

from __future__ import annotations

from flask import Flask

from webapp.live.address import live_address, note_place
from webapp.live.hub import EXTENSION, Hub
from webapp.live.streams import streams


def register_live(app: Flask) -> None:
    """Bind the streams and the hub that feeds them; the hub begins with the first reader."""
    app.extensions[EXTENSION] = Hub(app)
    app.register_blueprint(streams)
    app.before_request(note_place)
    app.jinja_env.globals["live_address"] = live_address
