"""People vote at the same moment, and polls close under their hands: each ballot counts once, or is refused in time."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests
from flask import Flask
from requests.adapters import HTTPAdapter

from config import Settings
from tests.databases import every_database, kind_of
from tests.faults.ledger import Ledger
from tests.faults.web import served
from tests.people import at_once, person
from tests.ports import free_port
from webapp import clock
from webapp.core.accounts import queries as people
from webapp.core.accounts import service as accounts
from webapp.core.voting import queries, service
from webapp.core.voting.service import NewOption
from webapp.db import session
from webapp.errors import Conflict

pytestmark = [every_database, pytest.mark.timeout(2400)]

OPTIONS = 4
VOTERS = 20
BY_HTTP = 10
"""One race of so many goes through the REST API, the others through the service that it calls."""
WINDOW = 0.05
"""Seconds before and after the deadline in which everybody votes."""


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[ExitStack, dict[str, str]]]:
    """What serves the sites of this module, and where each database's site answers; ended with the last test."""
    with ExitStack() as stack:
        yield stack, {}


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all tests of this module: what serves its sites writes there."""
    return tmp_path_factory.mktemp("votes")


@pytest.fixture
def address(app: Flask, settings: Settings, servers: tuple[ExitStack, dict[str, str]]) -> str:
    """Where the same site answers over HTTP."""
    stack, addresses = servers
    if settings.database_url not in addresses:
        site = served(replace(settings, port=free_port()))
        addresses[settings.database_url] = stack.enter_context(site)
    return addresses[settings.database_url]


@dataclass(frozen=True)
class Outcome:
    """What became of a ballot for these options: the moment that was acknowledged, or the refusal's status and code;
    `asked_at` is the database's time before it was sent, where that was looked up."""

    voter_id: int
    options: tuple[int, ...]
    cast_at: datetime | None = None
    refused: tuple[int, str] | None = None
    asked_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether they were told to come again in a moment: their ballot may have been taken all the same."""
        return self.refused is not None and self.refused[0] == 503


@dataclass(frozen=True)
class Voter:
    """Somebody who votes by the service or, with a session of their own, over HTTP."""

    id: int
    token: str
    session: requests.Session

    def by_service(self, poll_id: int, chosen: list[int]) -> Outcome:
        asked_at, options = clock.now(), tuple(sorted(chosen))
        try:
            ballot = service.cast(poll_id, chosen, people.find(self.id))
        except Conflict as refusal:
            return Outcome(self.id, options, refused=(refusal.status, refusal.code), asked_at=asked_at)
        return Outcome(self.id, tuple(ballot.options), ballot.cast_at, asked_at=asked_at)

    def by_http(self, address: str, poll_id: int, chosen: list[int]) -> Outcome:
        answer = self.session.put(
            f"{address}/api/v1/polls/{poll_id}/ballot",
            json={"options": chosen},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
        )
        told = answer.json()
        if answer.status_code != 200:
            return Outcome(self.id, tuple(sorted(chosen)), refused=(answer.status_code, told["code"]))
        return Outcome(self.id, tuple(told["options"]), datetime.fromisoformat(told["cast_at"]))


@pytest.fixture
def voters(app: Flask) -> Iterator[list[Voter]]:
    with ExitStack() as stack:
        names = [f"사람 {number}" for number in range(VOTERS)]
        ids = [(people.by_name(name) or person(name)).id for name in names]
        yield [Voter(one, accounts.issue_token(one), stack.enter_context(browser())) for one in ids]


def browser() -> requests.Session:
    """Sends what may be sent twice again, as browsers do, when the server has closed an idle connection at the very moment
    at which it was used again (RFC 9110, 9.2.2)."""
    made = requests.Session()
    made.mount("http://", HTTPAdapter(max_retries=1))
    return made


def new_poll(seconds: float) -> tuple[int, list[int]]:
    """The id of a poll that closes so many seconds from now, and those of its options."""
    poll = service.open_poll(
        story_id=1,
        kind="passage",
        method="approval",
        winners=1,
        closes_at=clock.now() + timedelta(seconds=seconds),
        options=[NewOption(f"초안 {number}") for number in range(OPTIONS)],
    )
    return poll.id, [option.id for option in poll.options]


def test_two_ballots_of_one_person_at_once_are_one_ballot(
    app: Flask, settings: Settings, address: str, voters: list[Voter], ledger: Ledger
) -> None:
    times, wrong = ledger.times(1_000, short=20), []
    poll_id, options = new_poll(3600)
    crowd = [person(f"누군가 {number}").id for number in range(times)]
    for race, voter_id in enumerate(crowd):
        first = random.choice(options)
        second = first if race % 2 else random.choice([one for one in options if one != first])
        if race % BY_HTTP == 0:
            # Two browsers of the same person.
            token = accounts.issue_token(voter_id)
            twins = [replace(voter, id=voter_id, token=token) for voter in voters[:2]]
            actions = [
                lambda twin=twin, one=one: twin.by_http(address, poll_id, [one])
                for twin, one in zip(twins, (first, second), strict=True)
            ]
        else:
            twin = replace(voters[0], id=voter_id)
            actions = [lambda twin=twin, one=one: twin.by_service(poll_id, [one]) for one in (first, second)]
        told = at_once(app, actions)
        standing = queries.choices_of(poll_id, voter_id)
        acknowledged = [one.options if getattr(one, "cast_at", None) else one for one in told]
        if acknowledged != [(first,), (second,)] or standing not in ([first], [second]):
            wrong.append((race, told, standing))
    ballots = queries.ballot_count(poll_id)
    ledger.note(
        f"two ballots of one person at once, {kind_of(settings.database_url)}",
        times,
        lost=len(wrong) + abs(ballots - times),
        remark=f"{ballots:,} ballots stand; every {BY_HTTP}th race over HTTP",
    )
    assert wrong[:3] == []
    assert ballots == times
    assert sum(len(chosen) for chosen in queries.standing_ballots(poll_id).values()) == times


def test_a_closing_poll_counts_what_was_taken_and_takes_nothing_too_late(
    app: Flask, settings: Settings, address: str, voters: list[Voter], ledger: Ledger
) -> None:
    times, wrong = ledger.times(1_000, short=15), []
    taken, refused, late, busy = 0, 0, 0, 0
    for race in range(times):
        poll_id, options = new_poll(3600)
        ballots = [
            ballot_of(voter, poll_id, options, address if race % BY_HTTP == 0 else "") for voter in voters
        ]
        # Half of them have voted already, and change their minds at the last moment.
        early = [ballot() for ballot in ballots[::2]]
        closes_at = clock.now() + timedelta(seconds=2 * WINDOW)
        deadline = time.monotonic() + 2 * WINDOW
        service.extend(poll_id, closes_at)
        # Now a moderator closes it before its time, now the relay clock comes after it.
        close = at(deadline, lambda poll_id=poll_id: service.close_poll(poll_id).id)
        *told, closed = at_once(app, [*(at(deadline, ballot) for ballot in ballots), close])
        trouble = what_is_wrong(poll_id, [*early, *told]) if closed == poll_id else [closed]
        if trouble:
            wrong.append((race, trouble))
        outcomes = [one for one in told if isinstance(one, Outcome)]
        taken += sum(one.refused is None for one in outcomes)
        refused += sum(one.refused is not None for one in outcomes)
        busy += sum(one.is_open for one in outcomes)
        late += sum(one.asked_at is not None and one.asked_at >= closes_at for one in outcomes)
    ledger.note(
        f"a poll closes while {VOTERS} people vote, {kind_of(settings.database_url)}",
        times,
        lost=len(wrong),
        remark=f"around the deadline {taken:,} ballots were taken and {refused:,} refused, {late:,} sent after it"
        + (f"; {busy} told that the site is busy" if busy else ""),
    )
    assert wrong[:3] == []
    assert taken > 0
    assert refused > 0


def at(deadline: float, action: Callable[[], object]) -> Callable[[], object]:
    """The action, done at a random moment around the deadline (`time.monotonic`)."""
    moment = deadline + random.uniform(-WINDOW, WINDOW)

    def wait_and_act() -> object:
        time.sleep(max(0.0, moment - time.monotonic()))
        return action()

    return wait_and_act


def ballot_of(voter: Voter, poll_id: int, options: list[int], address: str) -> Callable[[], Outcome]:
    """A ballot that is another one each time, sent over HTTP where there is an address."""

    def cast() -> Outcome:
        chosen = random.sample(options, random.randint(1, OPTIONS))
        return voter.by_http(address, poll_id, chosen) if address else voter.by_service(poll_id, chosen)

    return cast


def what_is_wrong(poll_id: int, told: list[object]) -> list[object]:
    """Everything in which what people were told (a person's last word last), what stands and what was counted differ,
    or came too late."""
    session.rollback()
    poll, troubles = queries.get(poll_id), [one for one in told if not isinstance(one, Outcome)]
    outcomes = [one for one in told if isinstance(one, Outcome)]
    possible: dict[int, set[tuple[int, ...]]] = {}
    for one in outcomes:
        if one.refused is None:
            possible[one.voter_id] = {one.options}
            troubles += [one] if is_late(one, poll.closes_at) else []
        elif one.is_open:
            possible.setdefault(one.voter_id, {()}).add(one.options)
        elif one.refused != (409, "poll-closed"):
            troubles.append(one)
    standing = {voter: tuple(chosen) for voter, chosen in queries.standing_ballots(poll_id).items()}
    for voter_id in standing.keys() | possible.keys():
        if standing.get(voter_id, ()) not in possible.get(voter_id, {()}):
            troubles.append(("standing", voter_id, standing.get(voter_id), possible.get(voter_id)))
    votes = Counter(option for chosen in standing.values() for option in chosen)
    result = poll.result or {"ballots": None, "tallies": []}
    counted = {tally["option_id"]: tally["votes"] for tally in result["tallies"]}
    if result["ballots"] != len(standing) or counted != {
        option.id: votes[option.id] for option in poll.options
    }:
        troubles.append(("counted", result, standing))
    return troubles


def is_late(ballot: Outcome, closes_at: datetime) -> bool:
    """Whether a ballot that was taken came at or after the deadline."""
    asked_at = ballot.asked_at or ballot.cast_at
    return ballot.cast_at is None or ballot.cast_at >= closes_at or asked_at >= closes_at
