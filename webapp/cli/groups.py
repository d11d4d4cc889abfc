"""Command groups whose refusals are one sentence instead of a trace."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.errors import DomainError


class Commands(AppGroup):
    """A group of commands that call services, within the app's context."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a refusal ends it with its sentence and exit status 1."""
        try:
            return super().invoke(ctx)
        except DomainError as error:
            raise click.ClickException(str(error)) from error
