"""The pages: Jinja blueprints, one file an area."""

from __future__ import annotations

from flask import Flask


def register_pages(app: Flask) -> None:
    """Bind the pages' blueprints."""
