"""The REST API: Flask-RESTful resources under /api."""

from __future__ import annotations

from flask import Flask


def register_api(app: Flask) -> None:
    """Bind the API's routes."""
