"""`flask doctor` counts closed polls again, by whichever method they were counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from tests.databases import every_database
from tests.people import person
from webapp import clock
from webapp.core.voting import rules, service
from webapp.core.voting.models import BallotChoice, Option, Poll
from webapp.core.voting.service import NewOption
from webapp.db import session, transaction
from webapp.upkeep.checks import votes

pytestmark = every_database


def closed(method: str, *, ballots: int = 5, quorum: int = 1) -> Poll:
    """A closed poll over four options, the last of them "none of these"."""
    poll = service.open_poll(
        story_id=1,
        kind="passage",
        method=method,
        winners=2,
        closes_at=clock.now() + timedelta(seconds=60),
        options=[
            *(NewOption(f"선택 {value}", value=value) for value in (1, 2, 3)),
            NewOption("이 중에는 없어요", is_none=True),
        ],
        quorum=quorum,
    )
    ids = [option.id for option in poll.options[:3]]
    for number in range(ballots):
        turned = ids[number % 2 :] + ids[: number % 2]
        most = 1 if method in rules.ONE_ONLY else 3
        service.cast(poll.id, turned[:most], person(f"{method} {quorum} {number}"))
    return service.close_poll(poll.id)


def test_every_method_is_counted_again(app: Flask) -> None:
    for method in rules.METHODS:
        closed(method)
        closed(method, ballots=2, quorum=3)
        closed(method, ballots=0)
    finding = votes.polls_recount()
    assert (finding.looked_at, finding.wrong) == (3 * len(rules.METHODS), [])


@pytest.mark.parametrize("method", rules.RANKED)
def test_a_ranking_that_was_turned_round_is_found(app: Flask, method: str) -> None:
    poll = closed(method)
    with transaction():
        session.execute(update(BallotChoice).values(rank=4 - BallotChoice.rank))
    assert f"투표 {poll.id} " in votes.polls_recount().wrong[0]


@pytest.mark.parametrize("change", [{"quorum": 9}, {"winners": 1}, {"method": "approval"}])
def test_a_rule_that_was_changed_afterwards_is_found(app: Flask, change: dict[str, object]) -> None:
    poll = closed("ranked-pairs")
    with transaction():
        session.execute(update(Poll).where(Poll.id == poll.id).values(change))
    assert len(votes.polls_recount().wrong) == 1


def test_an_option_that_was_struck_afterwards_is_found(app: Flask) -> None:
    poll = closed("irv")
    with transaction():
        session.execute(
            update(Option).where(Option.id == (poll.result or {})["winners"][0]).values(struck=True)
        )
    assert len(votes.polls_recount().wrong) == 1
