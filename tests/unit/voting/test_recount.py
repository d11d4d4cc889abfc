"""The script with which anybody recounts a poll, held against the site's own counting."""

from __future__ import annotations

import copy
import importlib.util
import json
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config import ROOT
from webapp.core.voting import rules
from webapp.core.voting.rules import Choice
from webapp.core.voting.tallies import tally

SCRIPT = ROOT / "webapp" / "static" / "recount.py"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
Record = dict[str, Any]


@pytest.fixture(scope="module")
def recount() -> Any:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("recount", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def random_options(chance: random.Random, method: str) -> list[Choice]:
    """One to seven options, proposed at up to three moments, some struck, perhaps one of them "none of these"."""
    count = chance.randint(1, 7)
    none_at = chance.choice([None, count])
    return [
        Choice(
            10 + number,
            f"선택 {number}",
            NOON + timedelta(microseconds=chance.choice([0, 0, 1])),
            value=number if method == "median" and number != none_at else None,
            is_none=number == none_at,
            struck=chance.random() < 0.1,
        )
        for number in range(1, count + 1)
    ]


def random_ballots(chance: random.Random, method: str, options: list[Choice]) -> list[list[int]]:
    """Up to nine ballots, or now and then many."""
    ids = [option.option_id for option in options]
    most = 1 if method in rules.ONE_ONLY else len(ids)
    count = chance.choice([0, chance.randint(1, 9), chance.randint(1, 9), 60])
    return [chance.sample(ids, chance.randint(1, most)) for _ in range(count)]


def record(chance: random.Random, method: str) -> Record:
    """The record of a random poll, as it is published."""
    options = random_options(chance, method)
    ballots = random_ballots(chance, method, options)
    seed, winners, quorum = f"{chance.getrandbits(256):064x}", chance.randint(1, 3), chance.choice([1, 1, 3])
    counted = tally(method, options, ballots, seed=seed, winners=winners, quorum=quorum)
    result = {**counted.to_values(), "seed": seed}
    return {
        "poll": 1,
        "kind": "passage",
        "method": method,
        "winners": winners,
        "quorum": quorum,
        "options": [
            {
                "id": option.option_id,
                "label": option.label,
                "proposed_at": option.proposed_at.isoformat(timespec="microseconds"),
                "value": option.value,
                "is_none": option.is_none,
                "struck": option.struck,
            }
            for option in options
        ],
        "ballots": [{"voter": f"{number:016x}", "options": ballot} for number, ballot in enumerate(ballots)],
        "seed_hash": rules.hash_seed(seed),
        "result": result,
        "result_hash": rules.hash_result(result),
    }


@pytest.mark.parametrize("method", sorted(rules.METHODS))
def test_the_script_agrees_on_thousands_of_random_polls(recount: Any, method: str) -> None:
    chance = random.Random(f"recount {method}")
    for _ in range(2_000):
        poll = json.loads(json.dumps(record(chance, method)))
        wrong = [english for _, english, right in recount.checks(poll) if not right]
        assert wrong == [], json.dumps(poll, ensure_ascii=False)


def forged(change: Callable[[Record], None]) -> Record:
    """A record of an honest poll that somebody has changed."""
    poll = copy.deepcopy(HONEST)
    change(poll)
    return poll


def _honest() -> Record:
    chance = random.Random(7)
    while True:
        poll = record(chance, "ranked-pairs")
        if len(poll["ballots"]) == 60 and len(poll["result"]["winners"]) == 2 and poll["quorum"] == 1:
            return poll


HONEST = _honest()
FORGERIES: dict[str, Callable[[Record], None]] = {
    "another winner": lambda poll: poll["result"]["winners"].reverse(),
    "a ballot taken out": lambda poll: poll["ballots"].pop(),
    "a ballot put in": lambda poll: poll["ballots"].append(
        {"voter": "0", "options": [poll["options"][0]["id"]]}
    ),
    "a ballot twice": lambda poll: poll["ballots"].append(poll["ballots"][0]),
    "a ballot turned round": lambda poll: poll["ballots"][
        next(n for n, ballot in enumerate(poll["ballots"]) if len(ballot["options"]) > 1)
    ]["options"].reverse(),
    "an option that is none": lambda poll: poll["ballots"][0]["options"].append(999),
    "another seed": lambda poll: poll["result"].update(seed="0" * 64),
    "a result that was mended": lambda poll: poll["result"].update(decided_by="tie-seed-2"),
    "another method": lambda poll: poll.update(method="irv"),
    "another hash": lambda poll: poll.update(result_hash="0" * 64),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_the_script_sees_every_forgery(recount: Any, name: str) -> None:
    assert all(right for *_, right in recount.checks(HONEST))
    assert not all(right for *_, right in recount.checks(forged(FORGERIES[name])))


def run(path: Path) -> subprocess.CompletedProcess[str]:
    """Run the script as anybody would, away from the site."""
    command = [sys.executable, "-I", str(SCRIPT), str(path)]
    return subprocess.run(command, cwd=path.parent, capture_output=True, text=True, encoding="utf-8")


def test_the_script_says_that_all_is_right_in_both_languages(tmp_path: Path) -> None:
    (tmp_path / "ballots.json").write_text(json.dumps(HONEST, ensure_ascii=False), encoding="utf-8")
    done = run(tmp_path / "ballots.json")
    assert done.returncode == 0, done.stderr
    assert "발표된 결과가 맞아요. · The published result is right." in done.stdout
    assert "✗" not in done.stdout


def test_the_script_says_what_is_wrong(tmp_path: Path) -> None:
    poll = forged(FORGERIES["another winner"])
    (tmp_path / "ballots.json").write_text(json.dumps(poll), encoding="utf-8")
    done = run(tmp_path / "ballots.json")
    assert done.returncode == 1
    assert "✗ 다시 세어도 결과가 같아요" in done.stdout
    assert "NOT right" in done.stdout


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"poll": 1, "options": 3}', "\ud55c"])
def test_the_script_refuses_what_is_no_record(tmp_path: Path, text: str) -> None:
    (tmp_path / "ballots.json").write_text(text, encoding="utf-8")
    done = run(tmp_path / "ballots.json")
    assert done.returncode == 1
    assert "not the record of a vote" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_script_needs_nothing_but_python() -> None:
    wanted = {
        line.split()[1]
        for line in SCRIPT.read_text(encoding="utf-8").splitlines()
        if line.startswith(("import ", "from "))
    }
    assert wanted <= sys.stdlib_module_names
