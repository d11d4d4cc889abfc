"""However an attempt ends, the job's row tells it."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest
from rq.timeouts import JobTimeoutException

from model.writer import CheckpointDamaged, LearningRefused, LossNotFinite
from webapp import clock, jobs
from webapp.db import session, transaction
from webapp.errors import Unavailable
from workers import child
from workers.attempt import BROKEN, DISK_FULL, Hold
from workers.jobs import KINDS
from workers.stopping import Stopped
from workers.watching import TOO_LONG

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def job_id(app: object) -> int:
    """A job that waits."""
    with transaction():
        return jobs.request("raise_base", 1).id


Work = Callable[[Hold], None]
Run = Callable[[int, Work], None]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Has a worker's child do this instead of the job."""

    def run(job_id: int, work: Work) -> None:
        monkeypatch.setitem(KINDS, "raise_base", work)
        child.work(job_id)

    return run


def raising(error: BaseException) -> Work:
    """A job that goes wrong in this way."""

    def work(_hold: Hold) -> None:
        raise error

    return work


def row(job_id: int) -> jobs.Job:
    session.rollback()
    return jobs.get(job_id)


@pytest.mark.parametrize(
    "error", [LearningRefused("monotonous"), LossNotFinite(3), CheckpointDamaged("weights.safetensors")]
)
def test_what_would_go_wrong_again_fails_at_once_with_a_sentence(
    run: Run, job_id: int, error: Exception
) -> None:
    run(job_id, raising(error))
    job = row(job_id)
    assert job.state == "failed"
    assert job.message.endswith("요.")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), DISK_FULL),
        (Unavailable("disk-full", DISK_FULL), DISK_FULL),
    ],
)
def test_a_full_disk_is_tried_again_and_then_given_up(
    run: Run, job_id: int, error: Exception, sentence: str
) -> None:
    states = []
    for _ in range(jobs.MOST_ATTEMPTS):
        run(job_id, raising(error))
        states.append(row(job_id).state)
    assert states == ["queued", "queued", "failed"]
    assert row(job_id).message == sentence


@pytest.mark.parametrize("error", [ZeroDivisionError(), OSError(errno.EIO, "I/O")])
def test_what_nobody_foresaw_is_noted_and_passes_on(run: Run, job_id: int, error: Exception) -> None:
    with pytest.raises(type(error)):
        run(job_id, raising(error))
    assert (row(job_id).state, row(job_id).message) == ("queued", BROKEN)


def test_what_takes_too_long_is_tried_again(run: Run, job_id: int) -> None:
    run(job_id, raising(JobTimeoutException("too long")))
    assert (row(job_id).state, row(job_id).message) == ("queued", TOO_LONG)


def test_a_job_that_was_laid_down_has_lost_no_attempt(run: Run, job_id: int) -> None:
    for _ in range(jobs.MOST_ATTEMPTS + 1):
        run(job_id, raising(Stopped()))
    assert (row(job_id).state, row(job_id).attempts) == ("queued", 0)


def test_who_has_lost_the_lease_stops_and_writes_nothing(run: Run, job_id: int) -> None:
    def work(hold: Hold) -> None:
        with transaction():
            jobs.get(job_id).lease_until = clock.now()
        assert jobs.claim(job_id) == hold.epoch + 1
        hold.report(0.5, "늦었어요.")

    run(job_id, work)
    job = row(job_id)
    assert (job.state, job.epoch, job.progress) == ("running", 2, 0.0)


def test_a_job_that_is_done_or_held_by_another_is_left_alone(run: Run, job_id: int) -> None:
    assert jobs.claim(job_id) == 1
    run(job_id, raising(AssertionError("must not be called")))
    with transaction():
        jobs.finish(job_id, 1, {})
    run(job_id, raising(AssertionError("must not be called")))
    run(job_id + 1, raising(AssertionError("must not be called")))
    assert row(job_id).state == "done"
