"""What every act on a page shares: what was typed, where to go next, and how a refusal is told."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import flash, g, redirect, request, session, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from webapp.errors import DomainError

SEE_OTHER = 303
TAKEN = "taken_texts"


def sentence(error: DomainError) -> str:
    """What a refusal says, in the reader's language."""
    return gettext(error.message, **error.params)


def errors_of(error: DomainError) -> dict[str, str]:
    """The refusal under the field it is about, or under the empty name where it is about none."""
    return {error.field or "": sentence(error)}


def done(message: str, address: str) -> Response:
    """Say that the act is done, and go on to a page that can be reloaded safely."""
    flash(message, "done")
    return redirect(address, SEE_OTHER)


def taken(name: str) -> None:
    """Tell the browser, on the next page, that it need not keep the text of this name any longer."""
    session[TAKEN] = [*session.get(TAKEN, []), name]


def taken_texts() -> list[str]:
    """The names of the texts that were taken since the last page; asked once a page."""
    if "taken_texts" not in g:
        g.taken_texts = session.pop(TAKEN, [])
    names: list[str] = g.taken_texts
    return names


def here() -> str:
    """The address of this page, to come back to; of a page that only takes forms, the front page."""
    return request.full_path.rstrip("?") if request.method == "GET" else url_for("home.index")


def safe_next(address: str | None) -> str:
    """The address to go on to if it lies on this site, else the front page."""
    plain = (address or "").replace("\\", "/")
    parts = urlsplit(plain)
    on_site = plain.startswith("/") and not plain.startswith("//") and not parts.scheme and not parts.netloc
    return plain if on_site and plain.isprintable() else url_for("home.index")
