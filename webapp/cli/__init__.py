"""Commands for `flask …`, which call services."""

from __future__ import annotations

from flask import Flask

from webapp.cli import accounts, backup, doctor, passages, relay, starter

COMMANDS = (
    accounts.commands,
    relay.commands,
    passages.commands,
    starter.commands,
    doctor.doctor,
    backup.backup,
    backup.restore,
)


def register_commands(app: Flask) -> None:
    """Bind the commands."""
    for command in COMMANDS:
        app.cli.add_command(command)
