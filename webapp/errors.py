"""What can be refused, and how it is told. Knows nothing of Flask; the edges turn it into pages and problem+json.

A message is a Korean sentence that says what was wrong and what to do. It is the key for its translation, so values
stand in it as `%(name)s` and travel beside it in `params`.
"""

from __future__ import annotations

from collections.abc import Mapping


def N_(message: str) -> str:  # noqa: N802 - the customary name of this mark
    """Mark a sentence for translation; it is translated where it is shown."""
    return message


class DomainError(Exception):
    """A request that cannot be granted, with a stable `code`, a sentence and the HTTP status that suits it."""

    status = 400

    def __init__(self, code: str, message: str, *, field: str | None = None, **params: object) -> None:
        super().__init__(message % params if params else message)
        self.code = code
        self.message = message
        self.params: Mapping[str, object] = params
        self.field = field


class Invalid(DomainError):
    """A value that was sent cannot be taken (422); `field` names it."""

    status = 422


class NotAllowed(DomainError):
    """The person may not do this (403)."""

    status = 403


class NotSignedIn(DomainError):
    """Nobody is signed in, and somebody has to be (401)."""

    status = 401


class NotFound(DomainError):
    """There is no such thing (404)."""

    status = 404


class Conflict(DomainError):
    """It cannot be done as things stand now (409)."""

    status = 409


class TooLarge(DomainError):
    """More was sent than is taken (413)."""

    status = 413


class Unavailable(DomainError):
    """Something that is needed does not answer just now (503)."""

    status = 503
