"""The app of this process, for its settings, its database and its storage."""

from __future__ import annotations

from functools import cache

from flask import Flask

from config import Settings
from webapp import create_app


@cache
def site() -> Flask:
    """The app, made once a process; a worker's child inherits it, with no connection opened yet."""
    return create_app()


def settings() -> Settings:
    """The settings of this site."""
    found: Settings = site().config["SETTINGS"]
    return found
