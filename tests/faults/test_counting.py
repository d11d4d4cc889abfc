"""Counting held against pref_voting, and tens of thousands of ballots counted in no time, here and by the script."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from config import ROOT, Settings
from tests.databases import every_database, kind_of
from tests.faults.ledger import FULL, Ledger
from tests.faults.oracle import NOON, Answers, Profile, answers_of, kept, options_of, random_profile
from webapp import clock
from webapp.core.accounts.models import Account
from webapp.core.voting import queries, rules, service
from webapp.core.voting.models import Ballot, BallotChoice, Poll
from webapp.core.voting.rules import Choice
from webapp.core.voting.service import NewOption
from webapp.core.voting.tallies import tally
from webapp.core.voting.tallies.results import Result
from webapp.db import session, transaction

SCRIPT = ROOT / "webapp" / "static" / "recount.py"
PROFILES = 10_000
BALLOTS = 50_000
OPTIONS = 9
"""Eight drafts, as many as the writer may offer, and "none of these"."""
FAST_SECONDS = 2.0
SLOW_MACHINE = 4
"""How many times as long it may take where other tests run at the same time."""


def count(profile: Profile, method: str, seed: str) -> Result:
    """Our count of a profile."""
    ballots = profile["approvals"] if method == "approval" else profile["ballots"]
    if method == "plurality":
        ballots = [ballot[:1] for ballot in ballots]
    return tally(method, options_of(profile), ballots, seed=seed)


def most(result: Result) -> list[int]:
    """All options that have most votes."""
    best = max(each.votes for each in result.tallies)
    return [each.option_id for each in result.tallies if each.votes == best]


def disagreements(profile: Profile, answers: Answers) -> list[str]:
    """Every way in which our counts differ from what the oracle says."""
    wrong = []
    for method in ("plurality", "approval", "irv", "ranked-pairs"):
        result = count(profile, method, profile["seed"])
        [winner] = result.winners
        possible, under_order = answers[method], answers.get(f"{method}-order")
        if possible is not None and winner not in possible:
            wrong.append(f"{method}: {winner} is not in {possible}")
        if under_order not in (None, [winner]):
            wrong.append(f"{method}: {winner} under an order that makes {under_order} win")
        if under_order is None and most(result) != possible:
            wrong.append(f"{method}: {most(result)} have most votes, not {possible}")
        if count(profile, method, profile["seed"]) != result:
            wrong.append(f"{method}: another result under the same seed")
        [other] = count(profile, method, rules.hash_seed(profile["seed"])).winners
        if possible is not None and other not in possible:
            wrong.append(f"{method}: {other} under another seed is not in {possible}")
        if count({**profile, "ballots": [], "approvals": []}, method, profile["seed"]).winners:
            wrong.append(f"{method}: a winner without ballots")
    return wrong


@pytest.mark.timeout(1800)
def test_the_same_winners_as_pref_voting(ledger: Ledger) -> None:
    if FULL:
        chance = random.Random()
        profiles = [random_profile(chance) for _ in range(PROFILES)]
        pairs = list(zip(profiles, answers_of(profiles), strict=True))
    else:
        pairs = kept()
    wrong = [(profile, trouble) for profile, answers in pairs if (trouble := disagreements(profile, answers))]
    several = sum(len(answers["irv"] or []) > 1 for _, answers in pairs)
    too_long = sum(answers["ranked-pairs"] is None for _, answers in pairs)
    ledger.note(
        "profiles counted like pref_voting" + ("" if FULL else ", kept answers"),
        len(pairs),
        lost=len(wrong),
        remark=f"{several:,} with several possible winners by irv; {too_long:,} with too many ways to break ties in pairs",
    )
    assert wrong == [], wrong[0]


def many_ballots(method: str, count: int, ids: Sequence[int]) -> list[list[int]]:
    """Random ballots, most of which differ."""
    chance = random.Random(count)
    longest = 1 if method in rules.ONE_ONLY else len(ids)
    return [chance.sample(ids, chance.randint(1, longest)) for _ in range(count)]


@pytest.mark.parametrize("method", rules.METHODS)
def test_many_ballots_are_counted_in_no_time(method: str, ledger: Ledger) -> None:
    options = [Choice(one, f"선택 {one}", NOON, value=one) for one in range(1, OPTIONS + 1)]
    ballots = many_ballots(method, BALLOTS, range(1, OPTIONS + 1))
    began = time.perf_counter()
    result = tally(method, options, ballots, seed="0" * 64, winners=3)
    seconds = time.perf_counter() - began
    ledger.note(
        f"{BALLOTS:,} ballots counted by {method}",
        1,
        lost=int(not result.winners),
        remark=f"{seconds:.2f} s",
    )
    assert result.winners
    assert seconds < FAST_SECONDS * SLOW_MACHINE


@pytest.mark.timeout(900)
@every_database
@pytest.mark.parametrize("method", rules.RANKED)
def test_many_ballots_are_closed_and_counted_again_by_the_script(
    app: Flask, settings: Settings, tmp_path: Path, method: str, ledger: Ledger
) -> None:
    count = ledger.times(BALLOTS, short=1_000)
    poll = voted(method, count)
    began = time.perf_counter()
    result = service.close_poll(poll.id).result or {}
    closing = time.perf_counter() - began
    record = json.dumps(queries.record_of(poll.id), ensure_ascii=False)
    (tmp_path / "ballots.json").write_text(record, encoding="utf-8")
    began = time.perf_counter()
    command = [sys.executable, "-I", str(SCRIPT), str(tmp_path / "ballots.json")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    recounting = time.perf_counter() - began
    ledger.note(
        f"{count:,} ballots closed and counted again, {method}, {kind_of(settings.database_url)}",
        1,
        lost=int(done.returncode != 0 or result["ballots"] != count),
        remark=f"closed in {closing:.2f} s, counted again by the script in {recounting:.2f} s",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert result["ballots"] == count


def voted(method: str, count: int) -> Poll:
    """A poll with so many ballots, put into the database as they would stand there."""
    options = [NewOption(f"초안 {number}") for number in range(OPTIONS - 1)]
    poll = service.open_poll(
        story_id=1,
        kind="passage",
        method=method,
        winners=1,
        closes_at=clock.now() + timedelta(hours=1),
        options=[*options, NewOption("이 중에는 없어요", is_none=True)],
    )
    moment, ids = clock.now(), [option.id for option in poll.options]
    with transaction():
        names = [f"사람 {number}" for number in range(count)]
        same = {"password_hash": "!", "role": "participant", "created_at": moment}
        put(Account, [{"name": name, "name_key": name, **same} for name in names])
        voters = list(session.scalars(select(Account.id).order_by(Account.id)))
        ballots = dict(zip(voters, many_ballots(method, count, ids), strict=True))
        put(Ballot, [{"poll_id": poll.id, "voter_id": voter, "cast_at": moment} for voter in voters])
        put(BallotChoice, list(choices(poll.id, ballots)))
    return poll


def choices(poll_id: int, ballots: dict[int, list[int]]) -> Iterator[dict[str, int]]:
    """The rows of ranked ballots."""
    for voter_id, chosen in ballots.items():
        for rank, option_id in enumerate(chosen, start=1):
            yield {"poll_id": poll_id, "voter_id": voter_id, "option_id": option_id, "rank": rank}


def put(table: type[Any], rows: list[dict[str, Any]]) -> None:
    """Insert rows, some thousands at once."""
    for start in range(0, len(rows), 5_000):
        session.execute(insert(table), rows[start : start + 5_000])
