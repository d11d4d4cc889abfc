"""Streams of server-sent events."""

from __future__ import annotations

from flask import Flask


def register_live(app: Flask) -> None:
    """Bind the streams."""
