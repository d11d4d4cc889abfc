"""Signing up, logging in and out, and the language switch."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, refresh
from flask_login import login_user, logout_user

from webapp.core.accounts import service
from webapp.errors import DomainError
from webapp.extensions import limiter
from webapp.pages.acts import SEE_OTHER, done, errors_of, safe_next
from webapp.people import LANGUAGES, SignedIn

pages = Blueprint("accounts", __name__)


@pages.get("/sign-up")
def sign_up() -> str:
    """The form for a new account."""
    return render_template("accounts/sign_up.html", values=request.args)


@pages.post("/sign-up")
@limiter.limit("10 per minute; 60 per hour")
def create() -> ResponseReturnValue:
    """Make the account and log in."""
    try:
        account = service.sign_up(request.form.get("name", ""), request.form.get("password", ""))
    except DomainError as error:
        return _again("accounts/sign_up.html", error)
    login_user(SignedIn(account))
    message = gettext("반가워요, %(name)s 님. 이제 함께할 수 있어요.", name=account.name)
    return done(message, safe_next(request.form.get("next")))


@pages.get("/log-in")
def log_in() -> str:
    """The form to log in with."""
    return render_template("accounts/log_in.html", values=request.args)


@pages.post("/log-in")
@limiter.limit("10 per minute; 100 per hour")
def enter() -> ResponseReturnValue:
    """Log in."""
    try:
        account = service.log_in(request.form.get("name", ""), request.form.get("password", ""))
    except DomainError as error:
        return _again("accounts/log_in.html", error)
    login_user(SignedIn(account))
    return done(gettext("어서 오세요, %(name)s 님.", name=account.name), safe_next(request.form.get("next")))


def _again(template: str, error: DomainError) -> tuple[str, int]:
    return render_template(template, values=request.form, errors=errors_of(error)), error.status


@pages.post("/log-out")
def log_out() -> ResponseReturnValue:
    """Log out."""
    logout_user()
    return done(gettext("로그아웃했어요. 또 만나요."), url_for("home.index"))


@pages.post("/language")
def choose_language() -> ResponseReturnValue:
    """Keep the chosen language for this browser."""
    language = request.form.get("language")
    if language in LANGUAGES:
        session["language"] = language
        refresh()
    return redirect(safe_next(request.form.get("next")), SEE_OTHER)
