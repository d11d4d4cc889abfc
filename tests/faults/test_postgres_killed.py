"""PostgreSQL is killed while people vote: what was acknowledged is there afterwards, once, and the rest was told."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from config import Settings
from tests.faults.ledger import Ledger
from tests.faults.postgres import PostgresServer, own_postgres
from tests.faults.voters import Voter, new_voters
from tests.faults.web import MOST_SECONDS, Answer, Crowd, served
from tests.ports import free_port
from webapp.extensions import db

VOTERS = 8


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with own_postgres() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, postgres: PostgresServer) -> Settings:
    return replace(settings, database_url=postgres.new_database(), port=free_port())


def wait_until_all_are_heard(voters: list[Voter], since: float) -> float:
    """When every voter has been acknowledged after that moment."""
    deadline = time.monotonic() + MOST_SECONDS
    while not all(voter.acknowledged_at > since for voter in voters):
        assert time.monotonic() < deadline, "somebody cannot vote although PostgreSQL is back"
        time.sleep(0.01)
    return time.monotonic()


@pytest.mark.timeout(900)
def test_no_acknowledged_ballot_is_lost_and_none_is_doubled(
    app: Flask, settings: Settings, postgres: PostgresServer, ledger: Ledger
) -> None:
    times = ledger.times(20, short=2)
    recoveries, wronged, acknowledged = [], 0, 0
    answers: list[Answer] = []
    with served(settings) as address:
        voters = new_voters(address, VOTERS)
        for _ in range(times):
            with Crowd(address, voters) as crowd:
                time.sleep(random.uniform(0.5, 1.5))
                postgres.kill()
                db.session.remove()
                killed_at = time.monotonic()
                time.sleep(random.uniform(0.0, 0.5))
                postgres.start()
                recoveries.append(wait_until_all_are_heard(voters, killed_at) - killed_at)
            wronged += sum(voter.is_wronged() for voter in voters)
            db.session.remove()
            answers += crowd.answers
    acknowledged = sum(answer.status == 200 for answer in answers)
    unexplained = [answer for answer in answers if not (answer.is_success or answer.is_apology)]
    ledger.note(
        "PostgreSQL killed under load",
        times,
        lost=wronged,
        recoveries=recoveries,
        remark=f"{acknowledged:,} ballots acknowledged, {len(answers) - acknowledged} told to come again",
    )
    assert wronged == 0
    assert unexplained == []
