"""The place of a job in the line, and how long it will take by what others took."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.databases import every_database
from webapp import clock, jobs, line
from webapp.db import transaction
from webapp.jobs import Job
from webapp.line import Wait

pytestmark = every_database


def ask(queue: str = jobs.TRAINING, kind: str = "read_novels") -> Job:
    with transaction():
        return jobs.request(kind, 1, queue=queue)


def took(kind: str, *seconds: float) -> None:
    """Jobs of this kind that were done in so many seconds."""
    for each in seconds:
        with transaction():
            job = jobs.request(kind, 1)
            job.state, job.finished_at = "done", clock.now()
            job.started_at = job.finished_at - timedelta(seconds=each)


def test_a_line_forms_behind_the_one_that_runs(app: Flask) -> None:
    running, second, third = ask(), ask(), ask()
    jobs.claim(running.id)
    assert [line.wait_of(job).place for job in (running, second, third)] == [None, 1, 2]


def test_writing_goes_before_training_and_proofs_come_last(app: Flask) -> None:
    proof, training, writing = ask(jobs.REWRITING), ask(jobs.TRAINING), ask(jobs.WRITING)
    assert [line.wait_of(job).place for job in (writing, training, proof)] == [0, 1, 2]


def test_the_wait_is_what_those_before_it_and_it_itself_will_take(app: Flask) -> None:
    took("read_novels", 50.0, 60.0, 900.0)
    took("put_human_txt", 30.0)
    running, waiting, last = ask(), ask(kind="put_human_txt"), ask()
    jobs.claim(running.id)
    assert line.wait_of(running).seconds == pytest.approx(60, abs=2)
    assert line.wait_of(waiting).seconds == pytest.approx(90, abs=2)
    assert line.wait_of(last).seconds == pytest.approx(150, abs=2)


def test_one_that_takes_longer_than_usual_is_about_to_be_done(app: Flask) -> None:
    took("read_novels", 50.0)
    job = ask()
    jobs.claim(job.id)
    with transaction():
        assert job.started_at is not None
        job.started_at -= timedelta(seconds=70)
    assert line.wait_of(job).seconds == 0


def test_without_one_that_was_done_before_nothing_is_promised(app: Flask) -> None:
    job = ask()
    assert line.wait_of(job) == Wait(0, None)


def test_only_the_last_ones_count(app: Flask) -> None:
    took("read_novels", *[500.0] * 30, *[20.0] * 15)
    assert line.typical_seconds("read_novels") == pytest.approx(20, abs=1)


def test_a_job_that_is_over_waits_for_nothing(app: Flask) -> None:
    job = ask()
    with transaction():
        jobs.cancel(job.id)
    assert line.wait_of(job) == Wait(None, None)
