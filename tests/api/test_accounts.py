"""Signing up, tokens, and who one is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from config import Settings
from tests.api.conftest import Api, Caller, refused
from tests.conftest import MovableClock
from webapp import create_app

PASSWORD = "correct horse battery"
DAY = 86_400


def test_signing_up_gives_an_account_and_a_token_that_opens_the_door(api: Api) -> None:
    answer = api.visitor.post("/accounts", {"name": " 하나 ", "password": PASSWORD})
    assert answer.status_code == 201
    assert {"name": "하나", "role": "participant"}.items() <= answer.json.items()
    me = api.visitor.get("/me", headers={"Authorization": f"Bearer {answer.json['token']}"})
    assert me.json == {"id": answer.json["id"], "name": "하나", "role": "participant"}


def test_a_taken_name_is_a_conflict_however_it_is_spelt(api: Api) -> None:
    api.visitor.post("/accounts", {"name": "Hana 가", "password": PASSWORD})
    problem = refused(
        api.visitor.post("/accounts", {"name": "hana \u1100\u1161", "password": PASSWORD}), 409, "name-taken"
    )
    assert problem["errors"].keys() == {"name"}


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"password": PASSWORD}, "name"),
        ({"name": None, "password": PASSWORD}, "name"),
        ({"name": 3, "password": PASSWORD}, "name"),
        ({"name": "하나"}, "password"),
        ({"name": "하나", "password": "짧아요"}, "password"),
        ({"name": "하나", "password": "가" * 201}, "password"),
        ({"name": "하나", "password": PASSWORD, "role": "administrator"}, "role"),
    ],
)
def test_what_is_wrong_with_a_sign_up_is_said_for_each_field(api: Api, sent: dict, field: str) -> None:
    problem = refused(api.visitor.post("/accounts", sent), 422, "invalid")
    assert problem["errors"].keys() == {field}
    assert all(sentence for sentence in problem["errors"][field])


@pytest.mark.parametrize(
    ("name", "code"), [("ㅤ", "bad-name"), ("  ", "blank-name"), ("가" * 21, "name-too-long")]
)
def test_names_that_show_nothing_or_too_much_are_refused(api: Api, name: str, code: str) -> None:
    problem = refused(api.visitor.post("/accounts", {"name": name, "password": PASSWORD}), 422, code)
    assert problem["errors"].keys() == {"name"}


def test_a_session_is_a_new_token(api: Api) -> None:
    first = api.visitor.post("/accounts", {"name": "하나", "password": PASSWORD}).json["token"]
    second = api.visitor.post("/sessions", {"name": "하나", "password": PASSWORD})
    assert second.status_code == 201
    assert second.json.keys() == {"token"}
    assert second.json["token"] != first


@pytest.mark.parametrize("name", ["하나", "아무도 아님", "\x00"])
def test_a_wrong_password_and_an_unknown_name_are_refused_alike(api: Api, name: str) -> None:
    api.stage.person("하나")
    answer = api.visitor.post("/sessions", {"name": name, "password": "틀린 비밀번호"})
    refused(answer, 401, "wrong-credentials")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_that_was_given_back_opens_nothing(api: Api) -> None:
    person = api.person()
    assert person.delete("/sessions").status_code == 204
    refused(person.get("/me"), 401, "bad-token")


def test_a_token_ends_after_ninety_days(api: Api, clock: MovableClock) -> None:
    person = api.person()
    clock.move_on(89 * DAY)
    assert person.get("/me").status_code == 200
    clock.move_on(2 * DAY)
    refused(person.get("/me"), 401, "bad-token")


def test_nobody_is_nobody(api: Api) -> None:
    refused(api.visitor.get("/me"), 401, "sign-in-needed")


@pytest.mark.parametrize("address", ["/accounts", "/sessions"])
def test_too_many_tries_from_one_address_have_to_wait(settings: Settings, address: str) -> None:
    site = create_app(replace(settings, rate_limits=True))
    visitor = Caller(site.test_client())
    answers = [visitor.post(address, {}) for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {422}
    refused(answers[60], 429, "too-many-requests")
    assert 1 <= int(answers[60].headers["Retry-After"]) <= 61
    assert visitor.post(address, {}, environ_overrides={"REMOTE_ADDR": "203.0.113.9"}).status_code == 422
