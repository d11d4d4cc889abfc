"""Commands for `flask …`, which call services."""

from __future__ import annotations

from flask import Flask

from webapp.cli import accounts, relay, starter


def register_commands(app: Flask) -> None:
    """Bind the command groups."""
    for module in (accounts, relay, starter):
        app.cli.add_command(module.commands)
