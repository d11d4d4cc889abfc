"""Who is asking, and in which language: shared by the pages, the API and the streams."""

from __future__ import annotations

from flask import Flask, Request, request, session
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import UserMixin, current_user

from webapp.core.accounts import queries
from webapp.core.accounts.models import Account

LANGUAGES = ("ko", "en")


class BrowserSessions(SecureCookieSessionInterface):
    """Sessions are for browsers: a program that brings a token reads and gets no cookie."""

    def open_session(self, app: Flask, request: Request) -> SessionMixin | None:
        """The session of the cookie; an empty one that cannot be written where there is a token."""
        if bearer_token():
            return self.make_null_session(app)
        return super().open_session(app, request)


class SignedIn(UserMixin):
    """What Flask-Login holds of the account that the session cookie names."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.id = account.id


def load_account(account_id: str) -> SignedIn | None:
    """The account of a session cookie, if it still exists."""
    account = queries.find(int(account_id)) if account_id.isdigit() else None
    return SignedIn(account) if account else None


def current_account() -> Account | None:
    """The account that is signed in, by cookie or by bearer token; None for a visitor."""
    if current_user.is_authenticated:
        account: Account = current_user.account
        return account
    return None


def bearer_token() -> str | None:
    """The token of an `Authorization: Bearer …` header."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def load_account_from_request(_request: object) -> SignedIn | None:
    """The account of a bearer token, for requests that bring one."""
    token = bearer_token()
    account = queries.account_for_token(token) if token else None
    return SignedIn(account) if account else None


def current_language() -> str:
    """The language chosen with the switch, or else the one the browser prefers of ours; Korean by default."""
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    if "Accept-Language" not in request.headers:
        return LANGUAGES[0]
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
