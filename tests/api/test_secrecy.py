"""While a poll is open, nothing that anybody can ask for tells how it stands: only how many have voted."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.api.conftest import Api, Caller
from tests.integration.stories.stage import Stage
from webapp import clock, events
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.voting import service as voting
from webapp.core.voting.models import Poll

CHANGING = re.compile(r'name="(csrf_token|server-time)" (value|content)="[^"]*"')
"""What differs from one answer to the next, whatever is asked."""


def addresses(app: Flask, values: dict[str, int]) -> list[str]:
    """Every address that can be asked for, with these ids put in; streams, which do not end, are looked at apart."""
    found = [_address(rule, values) for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    return sorted(one for one in found if not one.startswith(("/live", "/static")))


def _address(rule: Rule, values: dict[str, int]) -> str:
    built = rule.build({name: values.get(name, 1) for name in rule.arguments})
    assert built is not None
    return built[1]


def everything(caller: Caller, asked: list[str]) -> dict[str, tuple[int, str]]:
    """What is answered at each address."""
    answers = {address: caller.client.get(address, headers=_signed(caller)) for address in asked}
    return {
        address: (answer.status_code, CHANGING.sub("", answer.get_data(as_text=True)))
        for address, answer in answers.items()
    }


def _signed(caller: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {caller.token}"} if caller.token else {}


@pytest.mark.parametrize("kind", ["human", "machine"])
def test_no_answer_depends_on_what_was_voted_for(
    app: Flask, api: Api, stage: Stage, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = stage.story_at(kind)
    polls = _open_polls(stage, story.id)
    values = {"story_id": story.id, "turn_id": stage.turn(story).id, "poll_id": polls[0].id}
    asked = addresses(app, values)
    assert f"/api/v1/polls/{polls[0].id}" in asked
    assert f"/polls/{polls[0].id}" in asked
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    callers = [api.visitor, api.person("보기만 하는 사람"), api.moderator]
    before = events.put_in_line()
    first = None
    for pattern in ([0, 0, 0], [1, 1, 1], [0, 1, 1]):
        for poll in polls:
            for place, name in zip(pattern, "가나다", strict=True):
                voting.cast(poll.id, [poll.options[place].id], stage.person(name))
        answers = [everything(caller, asked) for caller in callers]
        first = first or answers
        for answer, as_before in zip(answers, first, strict=True):
            assert [one for one in asked if answer[one] != as_before[one]] == []
    events.put_in_line()
    told = [event for event in events.events_after(before) if event.kind == "ballots"]
    assert told
    assert all(set(event.payload) == {"poll_id", "ballots"} for event in told)


def _open_polls(stage: Stage, story_id: int) -> list[Poll]:
    """The polls of the story's turn, opened, each with two options at least."""
    turn = queries.current_turn(story_id)
    assert turn is not None
    if turn.kind == "human":
        for name in ("가", "나"):
            stage.hand_in(turn.id, name)
        stories.close_phase(turn.id, stage.moderator)
    else:
        poll = queries.polls_of(turn.id)["keyword"]
        for word in ("우체통", "새벽"):
            voting.propose_option(poll.id, word, stage.person("가"))
    return [poll for poll in queries.polls_of(turn.id).values() if poll.status == "open"]
