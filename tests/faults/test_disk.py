"""The disk is full while a checkpoint is stored, or while somebody sends a novel."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from model.writer import load_writer
from tests.clients import SeparateClient
from tests.faults.disks import Disk, small_disk
from tests.faults.factory import Factory, factory_at, own_redis
from tests.faults.ledger import Ledger
from tests.integration.workers.shelf import SENTENCES
from webapp import jobs, storage
from webapp.core.accounts import service as accounts
from webapp.core.library.models import Novel
from webapp.core.stories import queries as stories
from webapp.core.training import queries
from webapp.db import session
from workers.attempt import DISK_FULL

SIZE = 32 << 20
STORAGE = "storage"


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    """Where the site stores texts and checkpoints."""
    with small_disk(tmp_path_factory.mktemp("disk") / "small", SIZE) as disk:
        yield disk


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory, disk: Disk) -> Iterator[Factory]:
    """A site at work that stores on the small disk."""
    folder = tmp_path_factory.mktemp("site")
    with own_redis() as redis, factory_at(folder, redis, storage=disk.place / STORAGE) as factory:
        factory.raise_base()
        factory.post("workers")
        factory.post("workers.clock")
        yield factory


def checkpoint_bytes() -> int:
    """What the newest checkpoint takes."""
    folder = storage.checkpoint_folder(queries.checkpoints(limit=1)[0].sha256)
    return sum(path.stat().st_size for path in folder.iterdir())


def folders(disk: Disk) -> set[str]:
    return {path.name for path in (disk.place / STORAGE / "checkpoints").iterdir()}


@pytest.mark.timeout(900)
def test_no_room_for_a_checkpoint(factory: Factory, disk: Disk, ledger: Ledger) -> None:
    times, faults = ledger.times(5, short=1), []
    for _ in range(times):
        parent, before = queries.checkpoints(limit=1)[0], folders(disk)
        left = random.randrange(0, checkpoint_bytes() - 8192)
        job_id = factory.order()
        disk.fill(left)
        factory.finish(job_id)
        job = factory.job(job_id)
        if (job.state, job.message, job.attempts) != ("failed", DISK_FULL, jobs.MOST_ATTEMPTS):
            faults.append(f"{left} bytes left: {job.state} after {job.attempts}: {job.message}")
        if folders(disk) != before:
            faults.append(f"{left} bytes left: {folders(disk) - before} stayed")
        load_writer(storage.checkpoint_folder(parent.sha256), "cpu", sha256=parent.sha256)
        disk.make_room()
        following = factory.order()
        factory.finish(following)
        faults += factory.faults(following)
        turn = stories.get_turn(job.subject_id)
        if turn.phase != "void" or not turn.outcome["note"]:
            faults.append(f"the turn is {turn.phase} and says nothing")
    ledger.note("disk full while a checkpoint is written: failed, whole, goes on", times, lost=len(faults))
    assert faults == []


@pytest.fixture
def person(factory: Factory) -> FlaskClient:
    """Somebody's program; its requests stand alone."""
    factory.app.test_client_class = SeparateClient
    client = factory.app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = (
        f"Bearer {accounts.issue_token(factory.stage.person('가').id)}"
    )
    return client


def send_novel(person: FlaskClient, number: int, text: str) -> tuple[int, dict[str, object]]:
    form = {"title": f"먼 길 {number}", "author": "아무개", "rights": "own"}
    answer = person.post(
        "/api/v1/novels",
        data={**form, "file": (io.BytesIO(text.encode()), "글.txt")},
        content_type="multipart/form-data",
    )
    return answer.status_code, answer.get_json(force=True)


@pytest.mark.timeout(300)
def test_no_room_for_a_novel(person: FlaskClient, disk: Disk, ledger: Ledger) -> None:
    times, faults = ledger.times(20, short=3), []
    for number in range(times):
        text = f"{number} {SENTENCES}" * 2000
        before = storage.names(), session.query(Novel).count()
        disk.fill(random.randrange(0, len(text.encode()) // 2))
        status, told = send_novel(person, number, text)
        if (status, told["code"], bool(told["detail"])) != (503, "disk-full", True):
            faults.append(f"answered {status} {told}")
        session.rollback()
        if (storage.names(), session.query(Novel).count()) != before or parts(disk.place):
            faults.append("something half stayed")
        disk.make_room()
        status, told = send_novel(person, number, text)
        if status != 201:
            faults.append(f"with room, answered {status} {told}")
    ledger.note("disk full while a novel is sent: told, nothing stays", times, lost=len(faults))
    assert faults == []


def parts(place: Path) -> list[Path]:
    """What was not stored whole."""
    return list(place.rglob("*.part"))
