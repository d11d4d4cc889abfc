"""Commands whose refusals are one sentence instead of a trace."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from webapp.errors import DomainError


@contextmanager
def one_sentence() -> Iterator[None]:
    """A refusal ends the command with its sentence and exit status 1."""
    try:
        yield
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    except DBAPIError as error:
        reason = str(error.orig).splitlines()[0]
        raise click.ClickException(f"데이터베이스를 쓸 수 없어요. (the database says: {reason})") from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise click.ClickException(from_system(error)) from error


def from_system(error: OSError) -> str:
    """What the operating system refused, in a sentence: a full disk, a file that cannot be written or read."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"보관할 자리가 모자라요. 자리를 비우고 다시 해 주세요. (no room left: {error.strerror})"
    where = error.filename or ""
    return f"파일을 다룰 수 없어요: {where} (this file cannot be used: {error.strerror or error})"


class Commands(AppGroup):
    """A group of commands that call services, within the app's context."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a refusal is one sentence."""
        with one_sentence():
            return super().invoke(ctx)


class Single(click.Command):
    """A command that stands alone."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a refusal is one sentence."""
        with one_sentence():
            return super().invoke(ctx)
