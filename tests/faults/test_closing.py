"""Phases end in processes that die at every step, or in two at once: one result, one following job, nothing lost."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Settings
from tests.databases import every_database, kind_of
from tests.faults.closers import Crew, closers
from tests.faults.ledger import Ledger
from tests.integration.stories.stage import Stage
from tests.people import person
from webapp.core.accounts.models import Account
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.stories.models import Story, Turn, TurnPoll
from webapp.core.training.models import Run
from webapp.core.voting import queries as voting_queries
from webapp.core.voting import rules
from webapp.core.voting import service as voting
from webapp.core.voting.models import Poll
from webapp.db import session, transaction
from webapp.events import Event
from webapp.jobs import Job

pytestmark = [every_database, pytest.mark.timeout(2400)]

PEOPLE = ("가", "나", "다")


@pytest.fixture
def crew(app: Flask, settings: Settings) -> Iterator[Crew]:
    with closers(settings) as crew:
        yield crew


class Theatre(Stage):
    """A stage with phases that are due: as many ballots as are enough have been cast.

    Nobody on it ever signs in, which spares the hashing of passwords.
    """

    def __init__(self) -> None:
        self.people = {name: person(name) for name in PEOPLE}
        self.moderator = person("운영자", "moderator")
        self.books = [self.novel(title) for title in ("하나", "둘", "셋")]

    def person(self, name: str) -> Account:
        return self.people[name]

    def due(self, number: int) -> Turn:
        """A turn that is over as soon as somebody looks: now a vote on novels, now one on words and length."""
        return self.vote_on_novels() if number % 2 else self.vote_on_wishes()

    def vote_on_novels(self) -> Turn:
        turn = self.turn(self.story(enough_ballots=len(PEOPLE), source_method="ranked-pairs"))
        for novel in self.books:
            stories.nominate(turn.id, novel, self.moderator)
        stories.close_phase(turn.id, self.moderator)
        choices = {name: self.books[place:] + self.books[:place] for place, name in enumerate(PEOPLE)}
        self.vote(turn.id, "source", choices)
        return turn

    def vote_on_wishes(self) -> Turn:
        turn = self.turn(self.story_at("machine", enough_ballots=len(PEOPLE)))
        polls = queries.polls_of(turn.id)
        for place, name in enumerate(PEOPLE):
            word = voting.propose_option(polls["keyword"].id, f"낱말{place % 2}", self.person(name))
            voting.cast(polls["keyword"].id, [word.id], self.person(name))
            length = polls["length"].options[place].id
            voting.cast(polls["length"].id, [length], self.person(name))
        return turn

    def strike(self, turn: Turn) -> None:
        """Take the story off the stage, so that no later tick looks at it."""
        with transaction():
            session.get_one(Story, turn.story_id).status = "over"


@pytest.fixture
def theatre(app: Flask) -> Theatre:
    return Theatre()


def what_is_wrong(turn_id: int) -> list[str]:
    """Everything in which a turn has not ended its phase exactly once."""
    session.rollback()
    turn, troubles = queries.get_turn(turn_id), []
    polls = session.scalars(select(Poll).join(TurnPoll).where(TurnPoll.turn_id == turn_id)).all()
    troubles += [f"poll {poll.id} {poll.kind}: {poll.result}" for poll in polls if not is_counted(poll)]
    jobs = session.scalars(select(Job).where(Job.story_id == turn.story_id)).all()
    if turn.phase != "working" or [job.id for job in jobs] != [turn.job_id]:
        troubles.append(f"turn {turn.phase} with job {turn.job_id}, jobs {[job.id for job in jobs]}")
    runs = session.scalar(select(func.count()).select_from(Run).where(Run.turn_id == turn_id))
    told = [
        event.payload["phase"]
        for event in session.scalars(
            select(Event).where(Event.story_id == turn.story_id, Event.kind == "phase").order_by(Event.id)
        )
        if event.payload["turn_id"] == turn_id
    ]
    if runs != 1 or told.count("working") != 1:
        troubles.append(f"{runs} runs; phases told: {told}")
    return troubles


def is_counted(poll: Poll) -> bool:
    """Whether a poll is closed and says what its ballots say."""
    result = poll.result or {}
    standing = voting_queries.standing_ballots(poll.id)
    return (
        poll.status == "closed"
        and result["ballots"] == len(standing) == len(PEOPLE)
        and rules.hash_result(result) == poll.result_hash
        and rules.hash_seed(result["seed"]) == poll.seed_hash
    )


def test_a_crash_after_any_step_of_closing_leaves_one_result_and_one_job(
    app: Flask, settings: Settings, crew: Crew, theatre: Theatre, ledger: Ledger
) -> None:
    times, wrong, recoveries = ledger.times(200, short=8), [], []
    steps = {}
    for kind in (0, 1):
        turn = theatre.due(kind)
        [steps[kind]] = crew.tick()
        assert what_is_wrong(turn.id) == []
        theatre.strike(turn)
    for trial in range(times):
        kind = trial % 2
        turn = theatre.due(kind)
        # Every step in turn; in the short form steps spread over all of them.
        last = steps[kind]
        place = trial // 2 % last if times > 2 * last else trial * last // times
        [outcome] = crew.tick(die_after=place + 1)
        began = time.monotonic()
        stories.tick()
        recoveries.append(time.monotonic() - began)
        troubles = what_is_wrong(turn.id)
        if troubles or outcome is not None:
            wrong.append((trial, place + 1, outcome, troubles))
        theatre.strike(turn)
    ledger.note(
        f"a closer killed after each of its {steps[0]} or {steps[1]} steps, {kind_of(settings.database_url)}",
        times,
        lost=len(wrong),
        recoveries=recoveries,
    )
    assert wrong[:3] == []


def test_two_closers_at_once_leave_one_result_and_one_job(
    app: Flask, settings: Settings, crew: Crew, theatre: Theatre, ledger: Ledger
) -> None:
    times, wrong = ledger.times(200, short=6), []
    for trial in range(times):
        turn = theatre.due(trial)
        outcomes = crew.tick(at_once=2)
        troubles = what_is_wrong(turn.id)
        if troubles or None in outcomes:
            wrong.append((trial, outcomes, troubles))
        theatre.strike(turn)
    ledger.note(f"two closers at once, {kind_of(settings.database_url)}", times, lost=len(wrong))
    assert wrong[:3] == []
