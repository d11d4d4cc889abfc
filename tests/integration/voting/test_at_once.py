"""Many voting at the same moment, on every database: nothing fails, nothing is counted twice or lost."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from tests.databases import every_database
from tests.people import at_once, person
from webapp import clock
from webapp.core.accounts import queries as accounts
from webapp.core.voting import queries, service
from webapp.core.voting.service import NewOption
from webapp.db import transaction
from webapp.errors import Conflict
from webapp.extensions import db

pytestmark = every_database

Cast = Callable[[], object]


def new_poll(kind: str = "passage", options: int = 4) -> tuple[int, list[int]]:
    """The id of a new poll and those of its options."""
    poll = service.open_poll(
        story_id=1,
        kind=kind,
        method="approval",
        winners=1,
        closes_at=clock.now() + timedelta(seconds=60),
        options=[NewOption(f"선택 {number}") for number in range(options)],
    )
    return poll.id, [option.id for option in poll.options]


def cast(poll_id: int, chosen: list[int], voter_id: int) -> Cast:
    """An action that casts this ballot."""
    return lambda: service.cast(poll_id, chosen, accounts.find(voter_id)).poll_id


@pytest.mark.parametrize("round_", range(5))
def test_a_person_who_casts_many_times_at_once_has_one_of_these_ballots(app: Flask, round_: int) -> None:
    poll_id, options = new_poll()
    voter_id = person("민지").id
    wishes = [[option] for option in options] + [options[:2], options[1:]]
    outcomes = at_once(app, [cast(poll_id, wish, voter_id) for wish in wishes])
    assert outcomes == [poll_id] * len(wishes)
    assert queries.ballot_count(poll_id) == 1
    assert queries.choices_of(poll_id, voter_id) in wishes


@pytest.mark.parametrize("round_", range(5))
def test_casting_and_withdrawing_at_once_leave_a_whole_ballot_or_none(app: Flask, round_: int) -> None:
    poll_id, options = new_poll()
    voter_id = person("민지").id
    withdraw = [lambda: service.withdraw_ballot(poll_id, accounts.find(voter_id))] * 3
    outcomes = at_once(app, [*withdraw, *(cast(poll_id, options[:2], voter_id) for _ in range(3))])
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert queries.choices_of(poll_id, voter_id) == (options[:2] if queries.ballot_count(poll_id) else [])


@pytest.mark.parametrize("round_", range(10))
def test_a_poll_that_closes_under_a_rush_counts_the_ballots_that_were_taken(app: Flask, round_: int) -> None:
    poll_id, options = new_poll()
    voters = [person(f"사람 {number}").id for number in range(8)]
    casts = [cast(poll_id, [options[number % 4]], voter) for number, voter in enumerate(voters)]
    close = [lambda: service.close_poll(poll_id).id] * 2
    outcomes = at_once(app, [*casts[:4], *close, *casts[4:]])
    taken = [outcome for outcome in outcomes[:4] + outcomes[6:] if outcome == poll_id]
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert all(isinstance(error, Conflict) and error.code == "poll-closed" for error in refused)
    assert len(taken) + len(refused) == 8
    poll = queries.get(poll_id)
    assert poll.result is not None
    assert poll.result["ballots"] == len(taken) == queries.ballot_count(poll_id)
    assert sum(tally["votes"] for tally in poll.result["tallies"]) == len(taken)


def test_a_word_that_many_propose_at_once_is_one_option(app: Flask) -> None:
    poll_id, _ = new_poll("keyword", options=0)
    voters = [person(f"사람 {number}").id for number in range(6)]
    words = ["첫눈", "첫눈", "첫눈", "달빛", "달빛", "첫눈"]
    actions = [
        lambda word=word, voter=voter: service.propose_option(poll_id, word, accounts.find(voter)).label
        for word, voter in zip(words, voters, strict=True)
    ]
    assert at_once(app, actions) == words
    options = queries.options_of(poll_id)
    assert {option.label for option in options} == {"첫눈", "달빛"}
    assert [option.position for option in options] == [1, 2]


def test_those_who_wait_to_vote_hold_no_connection(app: Flask) -> None:
    poll_id, options = new_poll()
    voters = [person(f"사람 {number}").id for number in range(6)]

    def crowd() -> list[object]:
        with app.app_context():
            return at_once(app, [cast(poll_id, options[:1], voter) for voter in voters])

    with ThreadPoolExecutor(1) as elsewhere, transaction():
        service.extend(poll_id, clock.now() + timedelta(seconds=60))
        told = elsewhere.submit(crowd)
        time.sleep(1.0)
        # Ours, and that of whoever came first; the others have asked who they are, and given theirs back.
        assert db.engine.pool.checkedout() == 2
    assert told.result() == [poll_id] * len(voters)


def test_one_person_may_vote_in_two_polls_at_once(app: Flask) -> None:
    polls = [new_poll() for _ in range(3)]
    voter_id = person("민지").id
    actions = [cast(poll_id, options[:1], voter_id) for poll_id, options in polls * 2]
    assert at_once(app, actions) == [poll_id for poll_id, _ in polls * 2]
