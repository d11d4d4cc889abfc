"""Clients of the API: a visitor, people with tokens, a browser with a cookie; in production's way of telling errors."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.integration.stories.stage import Stage
from webapp.core.accounts import service as accounts
from webapp.core.accounts.models import Account
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.stories.models import Story

V1 = "/api/v1"


class Caller:
    """A program that asks the API, with or without a bearer token."""

    def __init__(self, client: FlaskClient, token: str | None = None) -> None:
        self.client = client
        self.token = token

    def ask(self, method: str, address: str, json: Any = None, **more: Any) -> TestResponse:
        """One request; addresses stand under /api/v1 unless they begin with /api."""
        headers = dict(more.pop("headers", {}))
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        path = address if address.startswith("/api") else V1 + address
        if json is not None:
            more["json"] = json
        return self.client.open(path, method=method, headers=headers, **more)

    def get(self, address: str, **more: Any) -> TestResponse:
        return self.ask("GET", address, **more)

    def post(self, address: str, json: Any = None, **more: Any) -> TestResponse:
        return self.ask("POST", address, json, **more)

    def put(self, address: str, json: Any = None, **more: Any) -> TestResponse:
        return self.ask("PUT", address, json, **more)

    def delete(self, address: str, **more: Any) -> TestResponse:
        return self.ask("DELETE", address, **more)


class Api:
    """Everybody who may ask."""

    def __init__(self, app: Flask, stage: Stage) -> None:
        self.app = app
        self.stage = stage
        self.visitor = Caller(app.test_client())

    def of(self, account: Account) -> Caller:
        """A program with a token of this account."""
        return Caller(self.app.test_client(), accounts.issue_token(account.id))

    def person(self, name: str = "하나") -> Caller:
        """A participant."""
        return self.of(self.stage.person(name))

    @property
    def moderator(self) -> Caller:
        """The moderator."""
        return self.of(self.stage.moderator)


@pytest.fixture
def stage() -> Stage:
    """People, novels and the worker's stand-in."""
    return Stage()


@pytest.fixture
def api(app: Flask, stage: Stage) -> Api:
    """Callers of a site on which errors are told as they are in production."""
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return Api(app, stage)


def refused(response: TestResponse, status: int, code: str) -> dict[str, Any]:
    """Check that the answer is this refusal, whole and well formed; returns it."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    problem = response.get_json(force=True)
    assert {"type", "title", "status", "detail", "code"} <= problem.keys()
    assert (problem["code"], problem["status"]) == (code, status)
    assert problem["detail"]
    return problem


def lived(stage: Stage) -> Story:
    """A story that has read a novel, published two people's passages, and collects wishes for the writer."""
    story = stage.story(enough_ballots=1)
    novel_id = stage.novel("운수 좋은 날")
    turn = stage.turn(story)
    stories.nominate(turn.id, novel_id, stage.person("하나"))
    stories.close_phase(turn.id, stage.moderator)
    stage.vote(turn.id, "source", {"하나": [novel_id]})
    stories.tick()
    stage.read_novels(queries.get_turn(turn.id))
    turn = stage.turn(story)
    draft = stage.hand_in(turn.id, "둘")
    stories.close_phase(turn.id, stage.moderator)
    stage.vote(turn.id, "passage", {"하나": [draft.id]})
    stories.tick()
    return queries.get_story(story.id)
