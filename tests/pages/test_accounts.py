"""Signing up, logging in and out, and the language switch, by forms alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from config import Settings
from tests.pages.visitor import Page, Visitor
from webapp import create_app


def test_signing_up_logs_in_and_greets_by_name(visitor: Visitor) -> None:
    page = visitor.sign_up("물결")
    assert page.status == 200
    assert "반가워요, 물결 님." in page.words
    assert "로그아웃" in page.words


def test_a_refused_sign_up_says_why_and_keeps_the_name_but_never_the_password(visitor: Visitor) -> None:
    page = visitor.send(visitor.open("/sign-up"), "/sign-up", name="물결", password="짧아")
    assert page.status == 422
    assert "비밀번호는 8자에서" in page.words
    assert page.form("/sign-up").values["name"] == ["물결"]
    assert "짧아" not in page.html


def test_a_name_that_is_taken_is_refused_with_409(visitor: Visitor, reader_named) -> None:
    reader_named("물결")
    page = visitor.sign_up("물결")
    assert page.status == 409
    assert "다른 분이 쓰고 있는 이름" in page.words


def test_a_wrong_password_is_refused_and_the_name_stays(visitor: Visitor, reader_named) -> None:
    reader_named("물결")
    page = visitor.log_in("물결", "wrong horse battery")
    assert page.status == 401
    assert "이름이나 비밀번호가 맞지 않아요" in page.words
    assert page.form("/log-in").values["name"] == ["물결"]


def test_logging_out_ends_the_session(visitor: Visitor) -> None:
    page = visitor.send(visitor.sign_up("물결"), "/log-out")
    assert "로그아웃했어요" in page.words
    assert "/log-in" in "".join(page.links)


@pytest.mark.parametrize(
    "address", ["https://else.where/", "//else.where", "/\\else.where", "javascript:alert(1)"]
)
def test_logging_in_never_leads_to_another_site(visitor: Visitor, reader_named, address: str) -> None:
    reader_named("물결")
    form = visitor.open("/log-in").form("/log-in")
    data = {**form.values, "name": "물결", "password": "correct horse battery", "next": address}
    assert visitor.client.post("/log-in", data=data).headers["Location"] == "/"


def test_logging_in_leads_back_to_where_one_was(visitor: Visitor, reader_named) -> None:
    reader_named("물결")
    page = visitor.open("/log-in?next=/novels")
    page = visitor.send(page, "/log-in", name="물결", password="correct horse battery")
    assert page.address == "/novels"


def test_the_switch_changes_the_language_and_stays_on_the_page(visitor: Visitor) -> None:
    page = visitor.open("/about", headers={"Accept-Language": "ko"})
    assert '<html lang="ko">' in page.html
    page = visitor.send(page, "/language", language="en")
    assert page.address == "/about"
    assert '<html lang="en">' in page.html


def test_an_unknown_language_changes_nothing(visitor: Visitor) -> None:
    page = visitor.send(visitor.open("/about"), "/language", language="xx")
    assert '<html lang="ko">' in page.html


@pytest.mark.parametrize("address", ["/sign-up", "/log-in", "/log-out", "/language"])
def test_a_form_without_its_token_is_refused(visitor: Visitor, address: str) -> None:
    response = visitor.client.post(address, data={"name": "물결", "password": "correct horse battery"})
    assert response.status_code == 400
    assert "새로고침" in response.get_data(as_text=True)


def test_guessing_passwords_is_slowed_down_with_a_sentence(app: Flask, settings: Settings) -> None:
    site = create_app(replace(settings, rate_limits=True))
    client = site.test_client()
    token = Page(client.get("/log-in")).form("/log-in").values["csrf_token"]
    sent = {"csrf_token": token, "name": "물결", "password": "guess guess"}
    answers = [client.post("/log-in", data=sent) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert "조금만 쉬었다 해 주세요" in answers[-1].get_data(as_text=True)
