"""How long people wait for the writer: seconds from the closing of the keyword poll to drafts on the ballot.

    .venv/bin/python -m benchmarks.first_words [--turns N]

Starts a site of its own with the default settings (the default writer, which learns for 60 seconds) and takes a story
through machine turns: the first begins at the base checkpoint, the later ones go on from the story's newest.
Run it on a machine that does nothing else. The aim is 90 seconds or less on two processors.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.rest import Person, moderator, until
from tests.site import running_site

MOST_SECONDS = 90.0
OPENING = "첫 기차가 떠난 뒤 역에는 아무도 없었다. 다만 긴 의자 위에 누군가 두고 간 도시락이 아직 따뜻했다."
LONG = 3600


@dataclass(frozen=True)
class Waiting:
    """Seconds after the poll closed: the worker began, the last sign of learning, the drafts were on the ballot."""

    began: float
    learned: float
    offered: float


def main() -> None:
    """Measure and print a table; exits with 1 when a wait was too long."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--turns", type=int, default=3)
    turns = parser.parse_args().turns
    with (
        tempfile.TemporaryDirectory(prefix="ieum-benchmark-") as folder,
        running_site(Path(folder), {}) as site,
    ):
        keeper = moderator(site, "재는이")
        until(lambda: base_is_ready(keeper), "the base checkpoint", seconds=600)
        story = make_story(keeper)
        waits = [measure(keeper, story) for _ in range(turns)]
    show(waits)
    raise SystemExit(max(wait.offered for wait in waits) > MOST_SECONDS)


def base_is_ready(person: Person) -> bool:
    """Whether the writer has learned the starter library."""
    return person.session.get(f"{person.address}/api/v1/checkpoints/1", timeout=30).status_code == 200


def make_story(keeper: Person) -> int:
    """A story with the default settings but for the time people have."""
    settings = {"collecting_seconds": LONG, "choosing_seconds": LONG, "source_every": 100}
    sent = {"title": "빈 역", "premise": "재어 보는 이야기", "opening": OPENING, "settings": settings}
    return int(keeper.post("/stories", sent)["id"])


def measure(keeper: Person, story: int) -> Waiting:
    """Take the story to its next machine turn, vote, close, and time the writer."""
    turn = skip_to_machine_turn(keeper, story)
    polls = {poll["kind"]: poll for poll in (keeper.get(f"/polls/{poll_id}") for poll_id in turn["polls"])}
    words = [
        keeper.post(f"/polls/{polls['keyword']['id']}/options", {"label": word})["id"]
        for word in ("도시락", "기차")
    ]
    keeper.vote(polls["keyword"]["id"], *words)
    keeper.vote(polls["length"]["id"], polls["length"]["options"][1]["id"])
    keeper.post(f"/turns/{turn['id']}/close", status=200)
    closed = time.monotonic()
    began = learned = 0.0
    while (turn := keeper.get(f"/stories/{story}")["turn"])["phase"] == "working":
        job = keeper.get(f"/jobs/{turn['job_id']}")
        passed = time.monotonic() - closed
        began = began or (passed if job["state"] == "running" else 0.0)
        learned = passed if 0 < job["progress"] < 0.9 else learned
        time.sleep(0.2)
    return Waiting(began, learned, time.monotonic() - closed)


def skip_to_machine_turn(keeper: Person, story: int) -> dict[str, Any]:
    """Close phases until a machine turn collects: polls that stand open are answered, other turns pass by."""
    while True:
        turn: dict[str, Any] = keeper.get(f"/stories/{story}")["turn"]
        if (turn["kind"], turn["phase"]) == ("machine", "collecting"):
            return turn
        keeper.post(f"/turns/{turn['id']}/close", status=200)


def show(waits: list[Waiting]) -> None:
    """Print one row a turn."""
    print(f"{os.cpu_count()} processors; default settings; at most {MOST_SECONDS:.0f} s are allowed")
    print(f"{'turn':>4} {'worker began':>13} {'learned until':>14} {'on the ballot':>14}")
    for number, wait in enumerate(waits, start=1):
        print(f"{number:>4} {wait.began:>11.1f} s {wait.learned:>12.1f} s {wait.offered:>12.1f} s")


if __name__ == "__main__":
    main()
