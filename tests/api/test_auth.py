"""Who is let in: tokens before cookies, and a cookie alone changes nothing without the CSRF token."""

from __future__ import annotations

import pytest
from flask import Flask, session
from flask_wtf.csrf import generate_csrf

from tests.api.conftest import Api, Caller, refused
from webapp.core.accounts.models import Account

NOVEL = {
    "title": "우체통",
    "author": "하나",
    "rights": "own",
    "text": "우체통 안에 편지가 들어 있었다. " * 20,
}


def browser(app: Flask, account: Account) -> tuple[Caller, str]:
    """A browser that is signed in by cookie, and the CSRF token of its pages."""
    account_id = account.id
    with app.test_request_context():
        token = generate_csrf()
        secret = session["csrf_token"]
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie.update({"_user_id": str(account_id), "_fresh": True, "csrf_token": secret})
    return Caller(client), token


def test_a_cookie_is_enough_for_reading(app: Flask, api: Api) -> None:
    caller, _ = browser(app, api.stage.person("하나"))
    assert caller.get("/me").json["name"] == "하나"


def test_a_cookie_alone_changes_nothing(app: Flask, api: Api) -> None:
    caller, _ = browser(app, api.stage.person("하나"))
    refused(caller.post("/novels", NOVEL), 400, "csrf")
    refused(caller.post("/novels", NOVEL, headers={"X-CSRFToken": "wrong"}), 400, "csrf")
    assert api.visitor.get("/novels").json["items"] == []


def test_a_cookie_with_the_csrf_token_may_change_things(app: Flask, api: Api) -> None:
    caller, token = browser(app, api.stage.person("하나"))
    assert caller.post("/novels", NOVEL, headers={"X-CSRFToken": token}).status_code == 201


def test_a_token_needs_no_csrf_token_and_comes_before_the_cookie(app: Flask, api: Api) -> None:
    caller, _ = browser(app, api.stage.person("하나"))
    caller.token = api.person("둘").token
    assert caller.get("/me").json["name"] == "둘"
    assert caller.post("/novels", NOVEL).status_code == 201


def test_a_program_that_brings_a_token_has_no_session(app: Flask, api: Api) -> None:
    caller, _ = browser(app, api.stage.person("하나"))
    with caller.client.session_transaction() as cookie:
        cookie["language"] = "en"
    assert caller.get("/stories/999").headers["Content-Language"] == "en"
    caller.token = api.person("둘").token
    answer = caller.get("/stories/999")
    assert answer.headers["Content-Language"] == "ko"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Bearer  ", "bearer \xff", "Bearer a b"])
def test_a_bad_token_is_refused_even_for_reading_and_beside_a_good_cookie(
    app: Flask, api: Api, header: str
) -> None:
    caller, _ = browser(app, api.stage.person("하나"))
    for one in (api.visitor, caller):
        answer = one.get("/stories", headers={"Authorization": header})
        refused(answer, 401, "bad-token")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_other_kinds_of_authorization_are_no_business_of_ours(api: Api) -> None:
    assert api.visitor.get("/stories", headers={"Authorization": "Basic YTpi"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/stories"),
        ("POST", "/novels"),
        ("POST", "/novels/1/decision"),
        ("POST", "/turns/1/nominations"),
        ("POST", "/turns/1/drafts"),
        ("DELETE", "/turns/1/drafts"),
        ("POST", "/turns/1/close"),
        ("POST", "/polls/1/options"),
        ("PUT", "/polls/1/ballot"),
        ("DELETE", "/polls/1/ballot"),
        ("PUT", "/passages/1/hidden"),
        ("DELETE", "/sessions"),
        ("GET", "/me"),
    ],
)
def test_a_visitor_is_asked_to_sign_in(api: Api, method: str, address: str) -> None:
    refused(api.visitor.ask(method, address), 401, "sign-in-needed")


@pytest.mark.parametrize(
    ("method", "address"), [("POST", "/stories"), ("POST", "/turns/1/close"), ("PUT", "/passages/1/hidden")]
)
def test_what_moderators_do_takes_a_moderator(api: Api, method: str, address: str) -> None:
    refused(api.person().ask(method, address), 403, "role-needed")
