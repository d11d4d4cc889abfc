"""A worker watches over its child: one that hangs is ended, one that is killed is followed by another."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from tests.integration.workers.crew import children_of, log_of, process, stop, until
from tests.integration.workers.shelf import ask_for_base, has_learned, state
from webapp import jobs
from webapp.core.accounts import service as accounts
from webapp.core.moderation import service as moderation
from webapp.db import session, transaction
from workers.horse import ALARM_SECONDS
from workers.watching import TOO_LONG, UNHEARD

HUNG, HASTY = "tests.integration.workers.hung", "tests.faults.hasty"
LIMIT = {"LEARN_SECONDS": "0.5", "JOB_SECONDS": "1.5"}


def row(job_id: int) -> jobs.Job:
    session.rollback()
    return jobs.get(job_id)


def running(job_id: int, worker_id: int, epoch: int = 1) -> int:
    """The id of the worker's child, once it has claimed the job for the so manieth time."""
    until(lambda: (row(job_id).state, row(job_id).epoch) == ("running", epoch), "the job is claimed")
    return until(lambda: children_of(worker_id), "the worker has a child")[0]


def last_attempt(job_id: int) -> None:
    with transaction():
        jobs.get(job_id).attempts = jobs.MOST_ATTEMPTS - 1


class TestTimeLimit:
    @pytest.mark.parametrize(("way", "more"), [("python", 0.0), ("native", ALARM_SECONDS)])
    def test_a_job_that_hangs_is_ended_and_says_so(
        self, app: Flask, settings: Settings, way: str, more: float
    ) -> None:
        job_id = ask_for_base()
        last_attempt(job_id)
        with process(settings, HUNG, way, **LIMIT) as worker:
            child = running(job_id, worker.pid)
            began = time.monotonic()
            until(lambda: state(job_id) == "failed", "the job has failed")
            assert time.monotonic() - began < 2 + more + 3
            assert row(job_id).message == TOO_LONG
            until(lambda: child not in children_of(worker.pid), "the child has ended", 3)
            assert stop(worker) == 0

    def test_it_is_tried_again_at_first(self, app: Flask, settings: Settings) -> None:
        job_id = ask_for_base()
        with process(settings, HASTY, HUNG, "native", **LIMIT) as worker:
            child = running(job_id, worker.pid)
            assert running(job_id, worker.pid, epoch=2) != child
            assert f"child_killed' child={child}" in log_of(settings, HASTY).read_text()
            assert stop(worker) == 0

    def test_a_worker_whose_child_hangs_stops_when_it_is_asked_to(
        self, app: Flask, settings: Settings
    ) -> None:
        job_id = ask_for_base()
        with process(settings, HUNG, "native", LEARN_SECONDS="600") as worker:
            child = running(job_id, worker.pid)
            began = time.monotonic()
            assert stop(worker, 12) == 0
            assert time.monotonic() - began < 10
        assert not Path(f"/proc/{child}").exists()
        assert (state(job_id), row(job_id).attempts) == ("queued", 0)


@pytest.mark.parametrize("way", ["frozen", "locked"])
def test_a_child_that_cannot_renew_its_lease_is_ended(app: Flask, settings: Settings, way: str) -> None:
    settings = replace(settings, learn_seconds=600.0)
    job_id = ask_for_base()
    last_attempt(job_id)
    module = [HASTY, "workers"] if way == "frozen" else [HASTY, HUNG, way]
    with process(settings, *module, HASTY_LEASE="2") as worker:
        child = running(job_id, worker.pid)
        if way == "frozen":
            # A child that has only claimed its job may still live on the time that it has for starting.
            until(lambda: has_learned(job_id, settings), "it learns")
            os.kill(child, signal.SIGSTOP)
        until(lambda: state(job_id) == "failed", "the job has failed")
        assert row(job_id).message == UNHEARD
        assert child not in children_of(worker.pid)
        assert stop(worker) == 0


def test_a_killed_child_is_followed_by_another_without_the_clock(app: Flask, settings: Settings) -> None:
    settings = replace(settings, learn_seconds=600.0)
    job_id = ask_for_base()
    with process(settings, "workers") as worker:
        os.kill(running(job_id, worker.pid), signal.SIGKILL)
        assert running(job_id, worker.pid, epoch=2)
        assert (row(job_id).attempts, row(job_id).message) == (2, jobs.STOPPED_MIDWAY)


def test_a_child_whose_job_is_ended_stops_within_seconds_and_the_worker_is_free(
    app: Flask, settings: Settings
) -> None:
    settings = replace(settings, learn_seconds=600.0)
    moderator = accounts.sign_up("운영자", "correct horse battery", role="moderator")
    job_id = ask_for_base()
    with process(settings, "workers") as worker:
        child = running(job_id, worker.pid)
        until(lambda: has_learned(job_id, settings), "it learns")
        moderation.cancel_job(job_id, "너무 오래 걸려요.", moderator)
        began = time.monotonic()
        until(lambda: child not in children_of(worker.pid), "the child has stopped", 5)
        assert time.monotonic() - began < 5
        assert (state(job_id), row(job_id).message) == ("failed", jobs.CANCELLED)
        with transaction():
            other = jobs.request("raise_base", jobs.get(job_id).subject_id).id
        assert running(other, worker.pid)
