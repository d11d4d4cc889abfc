"""pref_voting as an oracle: profiles at random, and what it says of them, in an environment of its own.

python -m tests.faults.oracle       writes the profiles and answers that the short form of the test compares with
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import venv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config import ROOT
from webapp.core.voting.rules import Choice
from webapp.core.voting.tallies.field import field_of

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "oracle-requirements.txt"
KEPT = HERE / "profiles.json"
KEPT_COUNT = 300
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ENVIRONMENTS = ROOT / ".oracle"
"""Git ignores this folder; an environment in it is named after its requirements."""

Profile = dict[str, Any]
Answers = dict[str, "list[int] | None"]


def random_profile(chance: random.Random) -> Profile:
    """Two to six candidates and up to 40 ballots, few ones often: those have ties. Every second profile has ballots that
    leave candidates out."""
    count, whole = chance.choice([2, 3, 3, 4, 4, 5, 6]), chance.random() < 0.5
    candidates = list(range(count))
    voters = chance.choice([chance.randint(1, 9), chance.randint(1, 9), chance.randint(10, 40)])
    ballots = [chance.sample(candidates, count if whole else chance.randint(1, count)) for _ in range(voters)]
    profile = {
        "candidates": count,
        "ballots": ballots,
        "approvals": [chance.sample(candidates, chance.randint(1, count)) for _ in range(voters)],
        "moments": [chance.randint(0, 2) for _ in candidates],
        "seed": f"{chance.getrandbits(256):064x}",
    }
    places = field_of(options_of(profile), ballots, seed=profile["seed"], winners=1).places
    return {**profile, "order": sorted(candidates, key=places.__getitem__)}


def options_of(profile: Profile) -> list[Choice]:
    """The candidates of a profile as options, by the same numbers."""
    return [
        Choice(candidate, f"선택 {candidate}", NOON + timedelta(seconds=moment))
        for candidate, moment in enumerate(profile["moments"])
    ]


def answers_of(profiles: list[Profile]) -> list[Answers]:
    """What pref_voting says of these profiles."""
    program = [python(), str(HERE / "oracle_answers.py")]
    done = subprocess.run(program, input=json.dumps(profiles), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    answers: list[Answers] = json.loads(done.stdout)
    return answers


def python() -> str:
    """The Python of the environment, made first if need be; skips where that cannot be done, and fails under CI."""
    folder = ENVIRONMENTS / hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:12]
    program = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        install = [program, "-m", "pip", "install", "-q", "-r", str(REQUIREMENTS)]
        done = subprocess.run(install, capture_output=True, text=True)
        if done.returncode:
            reason = f"pref_voting cannot be installed here: {done.stderr.strip()[-300:]}"
            if os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        (folder / "ready").touch()
    return str(program)


def kept() -> list[tuple[Profile, Answers]]:
    """The profiles and answers that lie beside this file."""
    return [tuple(pair) for pair in json.loads(KEPT.read_text(encoding="utf-8"))]


def keep() -> None:
    """Write down profiles with their answers, a line each."""
    chance = random.Random("kept profiles")
    profiles = [random_profile(chance) for _ in range(KEPT_COUNT)]
    pairs = zip(profiles, answers_of(profiles), strict=True)
    lines = ",\n".join(json.dumps(pair, separators=(",", ":")) for pair in pairs)
    KEPT.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    keep()
