"""Commands for `flask …`, which call services."""

from __future__ import annotations

from flask import Flask


def register_commands(app: Flask) -> None:
    """Bind the command groups."""
