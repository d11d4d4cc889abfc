"""A run that was ended on the way goes on from its last snapshot, or begins again, whichever is right."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from model.snapshot import Snapshots
from tests.integration.workers.crew import process, stop, until
from tests.integration.workers.shelf import ask_for_base, state
from webapp import jobs, storage
from webapp.core.training import queries
from webapp.core.training.models import Run
from webapp.db import session, transaction
from workers import unfinished
from workers.child import work

LEARN_SECONDS = 4.0


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Learning that takes a few seconds."""
    return replace(settings, learn_seconds=LEARN_SECONDS)


def run_of(job_id: int) -> Run:
    session.rollback()
    return queries.run(jobs.get(job_id).subject_id)


def snapshots(settings: Settings) -> list[int]:
    """The updates after which there are snapshots, of whichever run."""
    return sorted(int(path.name) for path in (settings.instance / "learning").glob("run-*/[0-9]*"))


def points(run: Run) -> dict[int, float]:
    return {point.step: point.seconds for point in run.points}


def interrupted(settings: Settings) -> int:
    """A job that a worker has laid down in the middle of its learning, which is too long to be over before."""
    job_id = ask_for_base(length=300)
    with process(settings, "workers") as worker:
        until(lambda: len(run_of(job_id).points) > 3, "it has learned for a while")
        assert stop(worker) == 0
    assert state(job_id) == "queued"
    assert snapshots(settings)[-1] >= max(points(run_of(job_id)))
    return job_id


def done(job_id: int, settings: Settings) -> Run:
    """The run, once another worker has done what was left of it."""
    with process(settings, "workers"):
        until(lambda: state(job_id) == "done", "the next worker does it")
    assert not list((settings.instance / "learning").glob("run-*"))
    assert jobs.get(job_id).result == {
        "run_id": run_of(job_id).id,
        "checkpoint_id": run_of(job_id).checkpoint_id,
    }
    return run_of(job_id)


def test_a_worker_that_is_asked_to_stop_keeps_what_was_learned(app: Flask, settings: Settings) -> None:
    job_id = interrupted(settings)
    kept, before = snapshots(settings)[-1], points(run_of(job_id))
    began = time.monotonic()
    after = points(done(job_id, settings))
    assert before.items() <= after.items(), "what was measured before stands"
    new = {step: seconds for step, seconds in after.items() if step not in before}
    assert min(new) > kept
    assert min(new.values()) > max(before.values()), "and the time goes on from there"
    assert max(new.values()) < LEARN_SECONDS + 1
    assert time.monotonic() - began < 60


def test_a_killed_child_leaves_its_snapshots_to_the_next(app: Flask, settings: Settings) -> None:
    job_id = ask_for_base()
    with process(settings, "workers") as worker:
        until(lambda: snapshots(settings), "there is a snapshot")
        os.kill(worker.pid, signal.SIGKILL)
    session.rollback()
    jobs.ring_due(gone=jobs.holders())
    assert state(job_id) == "queued"
    done(job_id, settings)


def damage(folder: Path) -> None:
    for path in folder.glob("*/*.safetensors"):
        path.write_bytes(path.read_bytes()[:-1] + b"!")


def other_run(folder: Path) -> None:
    """As if the run were another one: what it is begins with another seed."""
    with transaction():
        queries.run(int(folder.name.removeprefix("run-"))).seed += 1


@pytest.mark.parametrize("spoil", [damage, other_run])
def test_where_nothing_can_be_gone_on_with_the_run_begins_again(
    app: Flask, settings: Settings, spoil: Callable[[Path], None]
) -> None:
    job_id = interrupted(settings)
    before = points(run_of(job_id))
    spoil(next((settings.instance / "learning").iterdir()))
    after = points(done(job_id, settings))
    assert not before.items() <= after.items()
    assert min(after.values()) < min(before.values()) + 1


@pytest.mark.usefixtures("in_process")
class TestTheFolder:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Learning that takes no time."""
        return replace(settings, learn_seconds=1.0)

    def test_one_that_another_process_still_uses_is_left_alone(self, app: Flask, settings: Settings) -> None:
        job_id = ask_for_base()
        folder = settings.instance / "learning" / f"run-{jobs.get(job_id).subject_id}"
        with Snapshots(folder):
            work(job_id)
            assert state(job_id) == "done"

    def test_that_of_a_run_that_nobody_wants_any_more_goes_when_the_next_one_begins(
        self, app: Flask, settings: Settings
    ) -> None:
        job_id = ask_for_base()
        folder = settings.instance / "learning"
        for run_id in (999, jobs.get(job_id).subject_id):
            (folder / f"run-{run_id}" / "000000000001").mkdir(parents=True)
        unfinished.forget_all_but(queries.wanted_runs())
        assert [path.name for path in folder.iterdir()] == [f"run-{jobs.get(job_id).subject_id}"]
        with transaction():
            jobs.cancel(job_id)
        unfinished.forget_all_but(queries.wanted_runs())
        assert not list(folder.iterdir())

    def test_so_does_what_a_killed_process_was_storing_long_ago(self, app: Flask, settings: Settings) -> None:
        old, new = storage.checkpoint_work_folder(), storage.checkpoint_work_folder()
        os.utime(old, (0, 0))
        storage.forget_unfinished_checkpoints()
        assert not old.exists()
        assert new.exists()
