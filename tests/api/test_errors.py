"""However a request is broken, the answer is a problem with a stable code, and never a 5xx."""

from __future__ import annotations

import json
import re

import pytest
from flask import Flask

from tests.api.conftest import Api, refused
from tests.databases import every_database
from webapp.core.stories import queries

JSON = {"content_type": "application/json"}
LARGE = (2**31 - 1, 2**31, 2**63 - 1, 2**63)


@pytest.mark.parametrize(
    "address", ["/api/", "/api/v1", "/api/v1/nothing", "/api/v2/stories", "/api/%00", "/api/v1/stories/"]
)
def test_unknown_addresses_are_told_as_json(api: Api, address: str) -> None:
    refused(api.visitor.get(address), 404, "no-such-address")


def test_the_rest_of_the_site_keeps_its_own_404(api: Api) -> None:
    answer = api.visitor.client.get("/nothing-here")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


def test_a_wrong_method_names_the_right_ones(api: Api) -> None:
    answer = api.visitor.delete("/stories")
    refused(answer, 405, "method-not-allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


@every_database
@pytest.mark.parametrize(
    "address",
    [
        "/stories/{}",
        "/stories/{}/turns",
        "/novels/{}",
        "/turns/{}",
        "/polls/{}/ballots",
        "/jobs/{}",
        "/runs/{}",
    ],
)
def test_ids_that_cannot_be_are_not_found(api: Api, address: str) -> None:
    for number in (*map(str, LARGE), "9" * 5000, "0", "-1", "１", "1.0", "x"):
        answer = api.visitor.get(address.format(number))
        assert answer.status_code == 404, number
        assert answer.content_type == "application/problem+json"


@every_database
@pytest.mark.parametrize("address", ["/stories", "/novels", "/checkpoints"])
def test_places_in_a_list_that_cannot_be_are_refused_or_empty(api: Api, address: str) -> None:
    answers = [api.visitor.get(f"{address}?cursor={number}") for number in LARGE]
    assert [answer.status_code for answer in answers] == [200, *[422] * (len(LARGE) - 1)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"name": "a",}',
        b"\xff\xfe",
        b'{"name": NaN, "password": 1}',
        b'{"name": "\\ud800", "password": "12345678"}',
        b'{"name": "\xed\xa0\x80", "password": "12345678"}',
        '{"name": "\\ud800", "password": "12345678"}'.encode("utf-16"),
        b'{"\\udfff": 1}',
        b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"name": ' + b"9" * 5000 + b"}",
    ],
    ids=[
        *("empty", "cut", "comma", "bytes", "nan", "surrogate", "surrogate-bytes", "surrogate-utf-16"),
        *("surrogate-name", "deep", "digits"),
    ],
)
def test_what_is_no_json_is_refused(api: Api, body: bytes) -> None:
    refused(api.visitor.post("/accounts", data=body, **JSON), 400, "bad-json")


@pytest.mark.parametrize("body", [b"[]", b"3", b'"x"', b"null"])
def test_json_that_is_no_object_is_refused(api: Api, body: bytes) -> None:
    problem = refused(api.visitor.post("/accounts", data=body, **JSON), 422, "invalid")
    assert problem["errors"].keys() == {"body"}


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_another_content_type_is_refused(api: Api, kind: str) -> None:
    refused(api.visitor.post("/accounts", data=b"{}", content_type=kind), 415, "content-type")


def test_a_body_that_is_too_large_is_refused(api: Api) -> None:
    body = json.dumps({"name": "가" * 300_000, "password": "x"})
    refused(api.visitor.post("/accounts", data=body, **JSON), 413, "too-large")


def test_a_nul_is_dropped_and_never_stored(api: Api) -> None:
    title = "우체\x00통\u202e"
    sent = {"title": title, "premise": "편지가 오는 마을.", "opening": "편지가 들어 있었다. " * 5}
    answer = api.moderator.post("/stories", sent)
    assert answer.status_code == 201
    assert queries.get_story(answer.json["id"]).title == "우체통"


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "limit=１", "limit=", "limit=1.5", "cursor=-1", "cursor=x"]
)
@pytest.mark.parametrize("address", ["/stories", "/novels", "/checkpoints"])
def test_bad_parts_of_a_list_are_refused(api: Api, address: str, query: str) -> None:
    problem = refused(api.visitor.get(f"{address}?{query}"), 422, "invalid")
    assert problem["errors"].keys() == {query.split("=")[0]}


def test_an_error_that_nobody_foresaw_tells_nothing_of_itself(
    app: Flask, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("a secret")

    monkeypatch.setitem(app.view_functions, "api.hello", broken)
    answer = api.visitor.get("/api/Hello")
    refused(answer, 500, "internal")
    assert "secret" not in answer.text


def test_answers_are_korean_as_it_is_and_stay_out_of_caches(api: Api) -> None:
    answer = api.visitor.get("/nothing")
    assert "없어요" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Language"] == "ko"


def test_the_language_of_a_refusal_follows_the_caller(api: Api) -> None:
    english = {"Accept-Language": "en"}
    answer = api.visitor.post("/accounts", {"name": 3}, headers=english)
    assert answer.headers["Content-Language"] == "en"
    assert not re.search("[가-힣]", answer.text)
    answer = api.visitor.get("/stories/7", headers=english)
    assert not re.search("[가-힣]", answer.text)
