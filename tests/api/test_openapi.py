"""The document that describes the API, and the page that shows it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from flask import Flask

from tests.api.conftest import Api, lived
from webapp.api.codes import codes
from webapp.api.openapi import openapi

DOCUMENT = openapi(8 * 1024 * 1024)
OPERATIONS = [
    (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
NAMES = [f"{method.upper()} {path}" for method, path, _ in OPERATIONS]


def test_every_route_of_the_app_is_described(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    routed = {
        (method, re.sub(r"<id:(\w+)>", r"{\1}", rule.rule))
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(method.upper(), path) for method, path, _ in OPERATIONS}
    assert routed - described == {("GET", "/api/openapi.json"), ("GET", "/api/docs")}
    assert described <= routed


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/accounts"),
        ("post", "/sessions"),
        ("get", "/me"),
        ("get", "/stories"),
        ("get", "/stories/{story_id}"),
        ("post", "/stories"),
        ("get", "/stories/{story_id}/passages"),
        ("post", "/novels"),
        ("get", "/novels"),
        ("get", "/novels/{novel_id}"),
        ("post", "/novels/{novel_id}/decision"),
        ("post", "/turns/{turn_id}/nominations"),
        ("post", "/turns/{turn_id}/drafts"),
        ("post", "/turns/{turn_id}/close"),
        ("get", "/polls/{poll_id}"),
        ("post", "/polls/{poll_id}/options"),
        ("put", "/polls/{poll_id}/ballot"),
        ("delete", "/polls/{poll_id}/ballot"),
        ("get", "/polls/{poll_id}/ballots"),
        ("get", "/jobs/{job_id}"),
        ("get", "/checkpoints/{checkpoint_id}"),
    ],
)
def test_the_contract_is_in_the_document(method: str, path: str) -> None:
    assert method in DOCUMENT["paths"]["/api/v1" + path]


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)
def test_operations_say_who_may_ask_and_how_much_may_be_sent(method: str, path: str, operation: dict) -> None:
    assert operation["summary"]
    assert operation["security"]
    assert any(status.startswith("2") for status in operation["responses"])
    if "requestBody" in operation:
        assert operation["requestBody"]["x-most-bytes"] > 0
    for status, response in operation["responses"].items():
        kinds = set(response.get("content", {}))
        assert kinds <= {"application/problem+json" if int(status) >= 400 else "application/json"}


def test_what_takes_a_moderator_is_said_to_take_one() -> None:
    said = {
        name
        for name, (_, _, each) in zip(NAMES, OPERATIONS, strict=True)
        if "moderator" in str(each.get("description"))
    }
    assert said == {
        "POST /api/v1/stories",
        "POST /api/v1/jobs/{job_id}/cancel",
        "POST /api/v1/turns/{turn_id}/close",
        "PUT /api/v1/passages/{passage_id}/hidden",
    }


def test_every_text_that_is_sent_has_a_limit() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        if name.endswith("In") and name != "PutHumanTxtIn":
            for field, inner in schema["properties"].items():
                limited = {"maxLength", "enum"} & inner.keys() or "string" not in str(inner.get("type"))
                assert limited, f"{name}.{field}"


def test_references_lead_somewhere() -> None:
    names = set(re.findall(r"#/components/schemas/(\w+)", str(DOCUMENT)))
    assert names == set(DOCUMENT["components"]["schemas"]) & names
    assert "ProblemOut" in names


def test_every_code_of_the_domains_is_listed_with_a_sentence() -> None:
    core = Path(__file__).resolve().parents[2] / "webapp" / "core"
    kinds = {"Invalid", "Conflict", "NotFound", "NotAllowed", "NotSignedIn", "TooLarge", "Unavailable"}
    raised = {
        node.args[0].value
        for path in core.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert raised
    assert raised <= codes().keys()
    assert all(sentence for _, sentence in codes().values())


def test_the_document_is_served(api: Api) -> None:
    answer = api.visitor.get("/api/openapi.json")
    assert answer.mimetype == "application/json"
    assert answer.json["openapi"] == "3.1.0"
    assert answer.json["paths"].keys() == DOCUMENT["paths"].keys()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_shows_every_operation_and_code_and_loads_nothing_from_elsewhere(
    api: Api, language: str
) -> None:
    answer = api.visitor.get("/api/docs", headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    for _, _, operation in OPERATIONS:
        assert f'id="{operation["operationId"]}"' in answer.text
    for code in codes():
        assert f'id="{code}"' in answer.text
    assert not re.search(r'(src|href)="(https?:)?//', answer.text)
    assert "%(" not in answer.text


def test_a_problem_points_at_its_code_on_the_page(api: Api) -> None:
    lived(api.stage)
    problem = api.visitor.get("/stories/77").get_json(force=True)
    assert problem["type"] == "/api/docs#no-such-story"
    assert 'id="no-such-story"' in api.visitor.get("/api/docs").text
