"""Backups of a site on which people vote and passages are published meanwhile, and backups that are killed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import create_engine, text

from config import ROOT
from tests.databases import own_database
from tests.faults.ledger import FULL, Ledger
from tests.integration.upkeep.lived_in import flask
from tests.rest import Person, moderator, sign_up, until
from tests.site import SMALL, Site, reported_site
from webapp.upkeep.archive import unpack

KINDS = ("sqlite", "postgresql", "mariadb")
HOUR = 3600
QUIET = {"collecting_seconds": HOUR, "choosing_seconds": HOUR, "enough_ballots": 100_000, "source_every": 100}
"""A story that moves when the moderator says so."""
OPENING = "마을 어귀에 오래된 우체통이 하나 있었다. 아무도 편지를 넣지 않는데 아침마다 편지가 들어 있었다."
BULK_BYTES = 24 * 1024 * 1024
"""A text that makes a backup take long enough to be killed in the middle."""


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'ieum.db'}"
    else:
        with own_database(kind) as url:
            yield url


@dataclass
class Acknowledged:
    """What people were told is done: who voted when for what, and which passages are published."""

    ballots: dict[int, tuple[datetime, list[int]]] = field(default_factory=dict)
    passages: dict[int, str] = field(default_factory=dict)

    def copy(self) -> Acknowledged:
        """As it is now."""
        return Acknowledged(dict(self.ballots), dict(self.passages))


class Life:
    """People who vote again and again, and a moderator who lets a story go on from passage to passage."""

    def __init__(self, site: Site) -> None:
        self.told = Acknowledged()
        self.moderator = moderator(site, "운영자")
        self.people = [sign_up(site, f"사람{number}") for number in range(4)]
        self._over = threading.Event()
        self._voted_on, self._written_on = self._story(), self._story()
        works = [*(partial(self._vote, person) for person in self.people), self._publish]
        self._threads = [threading.Thread(target=self._live, args=(work,)) for work in works]
        self.trouble: list[str] = []

    def _live(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (AssertionError, requests.RequestException) as error:
            self.trouble.append(repr(error))

    def _story(self) -> int:
        sent = {"title": "우체통", "premise": "편지가 오는 마을.", "opening": OPENING}
        settings = {**QUIET, "drafts": 2, "lengths": [50, 100], "default_length": 50}
        story_id = self.moderator.post("/stories", {**sent, "settings": settings})["id"]
        # Nobody nominated a novel: the first turn passes by.
        self._close(story_id)
        return int(story_id)

    def _turn(self, story_id: int) -> dict[str, Any]:
        return until(lambda: self.moderator.get(f"/stories/{story_id}")["turn"], "the next turn", 30)

    def _close(self, story_id: int) -> None:
        self.moderator.post(f"/turns/{self._turn(story_id)['id']}/close", status=200)

    def __enter__(self) -> Life:
        self._draft(self._voted_on)
        for thread in self._threads:
            thread.start()
        until(lambda: self.trouble or self._is_lively(), "life", 90)
        return self

    def _is_lively(self) -> bool:
        return len(self.told.ballots) == len(self.people) and len(self.told.passages) > 1

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _draft(self, story_id: int) -> None:
        """People hand in drafts, and the vote on them begins."""
        turn = self._turn(story_id)
        for person in self.people:
            said = f"우체통에서 낡은 편지 {random.randrange(10**9)}번이 나왔다. 아무도 읽지 않은 편지였다."
            person.post(f"/turns/{turn['id']}/drafts", {"text": said})
        self._close(story_id)

    def _vote(self, person: Person) -> None:
        me = person.get("/me")["id"]
        poll = person.get(f"/polls/{self._turn(self._voted_on)['polls'][0]}")
        options = [option["id"] for option in poll["options"]]
        while not self._over.wait(0.02):
            chosen = sorted(random.sample(options, random.randint(1, len(options))))
            cast = person.call("PUT", f"/polls/{poll['id']}/ballot", json={"options": chosen})
            self.told.ballots[me] = (datetime.fromisoformat(cast["cast_at"]), chosen)

    def _publish(self) -> None:
        last = 0
        while not self._over.wait(0.1):
            turn = self._turn(self._written_on)
            if (turn["kind"], turn["phase"]) == ("human", "collecting"):
                self._draft(self._written_on)
            elif turn["phase"] != "working":
                self._close(self._written_on)
            for passage in self.moderator.get(f"/stories/{self._written_on}/passages", after=last)["items"]:
                self.told.passages[passage["id"]] = passage["text"]
                last = passage["seq"]


def lost_in(url: str, told: Acknowledged) -> list[str]:
    """What was acknowledged and is not in this database, as it was or as something later."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT voter_id, cast_at FROM ballot")).all()
        cast = {voter: _moment(at) for voter, at in rows}
        choices: dict[int, list[int]] = {}
        for voter, option in connection.execute(
            text("SELECT voter_id, option_id FROM ballot_choice ORDER BY option_id")
        ):
            choices.setdefault(voter, []).append(option)
        texts = dict(connection.execute(text("SELECT id, text FROM passage")).all())
    engine.dispose()
    lost = [f"passage {one}" for one, said in told.passages.items() if texts.get(one) != said]
    for voter, (moment, chosen) in told.ballots.items():
        found = cast.get(voter)
        if found is None or found < moment or (found == moment and choices[voter] != chosen):
            lost.append(f"ballot of {voter}: {moment} {chosen}, found {found} {choices.get(voter)}")
    return lost


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC)


@pytest.fixture(params=KINDS if FULL else ("postgresql",))
def kind(request: pytest.FixtureRequest) -> str:
    """The database of the site."""
    return str(request.param)


@pytest.fixture
def site(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    """A running site."""
    folder = tmp_path / "site"
    folder.mkdir()
    with ExitStack() as stack:
        url = stack.enter_context(database(kind, folder))
        settings = {**SMALL, "LEARN_SECONDS": "0.5", "DATABASE_URL": url}
        yield stack.enter_context(reported_site(folder, request, settings))


@pytest.mark.timeout(1200)
def test_a_backup_of_a_running_site_holds_all_that_was_acknowledged_and_comes_back_whole(
    site: Site, kind: str, tmp_path: Path, ledger: Ledger
) -> None:
    rounds, kills = ledger.times(6, short=1), ledger.times(10, short=1)
    lost: list[str] = []
    seconds: list[float] = []
    bulk = site.folder / "storage" / "texts" / f"{'0' * 64}.txt"
    with Life(site) as life:
        for number in range(rounds):
            target = KINDS[(KINDS.index(kind) + 1 + number) % len(KINDS)]
            told, path, began = life.told.copy(), tmp_path / f"{number}.tar.gz", time.monotonic()
            site.flask("backup", str(path))
            seconds.append(time.monotonic() - began)
            site.flask("doctor", "--no-mend")
            lost += restored(path, tmp_path / f"place{number}", target, told)
        bulk.write_bytes(random.randbytes(BULK_BYTES))
        torn = [killed(site, tmp_path / "killed.tar.gz") for _ in range(kills)]
        site.flask("backup", str(tmp_path / "killed.tar.gz"))
        left = list(tmp_path.glob(".killed*"))
    remark = f"{len(life.told.passages)} passages published; the seconds are a backup's"
    ledger.note(
        f"backup while people vote, {kind}", rounds, lost=len(lost), recoveries=seconds, remark=remark
    )
    halves = f"half-written files seen under other names: {sum(torn)}, left at the end: {len(left)}"
    ledger.note(f"backup killed, {kind}", kills, lost=len(left), remark=halves)
    assert life.trouble == []
    assert lost == []
    assert left == []


def restored(path: Path, place: Path, kind: str, told: Acknowledged) -> list[str]:
    """Restore on an empty machine with this kind of database; what is lost or wrong there."""
    place.mkdir()
    with database(kind, place) as url:
        done = flask(place, "restore", str(path), DATABASE_URL=url)
        assert done.returncode == 0, done.stderr
        examined = flask(place, "doctor", DATABASE_URL=url)
        wrong = [] if examined.returncode == 0 else [examined.stdout]
        return wrong + lost_in(url, told)


def killed(site: Site, path: Path) -> bool:
    """Kill a backup somewhere in the middle; whether it was writing. What is there under its name is whole."""
    command = [sys.executable, "-m", "flask", "backup", str(path)]
    parts = f".{path.name}.*"
    before = set(path.parent.glob(parts))
    process = subprocess.Popen(command, cwd=ROOT, env=site.environment, stdout=subprocess.DEVNULL)
    while process.poll() is None and not set(path.parent.glob(parts)) - before:
        time.sleep(0.005)
    time.sleep(random.random() / 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    was_writing = bool(set(path.parent.glob(parts)) - before)
    if path.exists():
        unpack(path, path.parent / "look")
        path.unlink()
    return was_writing
