"""The job table: who may take a job, what becomes of one that nobody works on, and when workers are asked again."""

from __future__ import annotations

import threading

import pytest
from flask import Flask
from redis import Redis

from config import Settings
from tests.conftest import MovableClock
from tests.databases import every_database
from webapp import clock as time
from webapp import doorbell, jobs
from webapp.db import session, transaction
from webapp.errors import Conflict
from webapp.jobs import Job

pytestmark = every_database


def ask(story_id: int | None = None, queue: str = jobs.TRAINING, kind: str = "read_novels") -> int:
    """A job that waits."""
    with transaction():
        return jobs.request(kind, 1, story_id=story_id, queue=queue).id


def row(job_id: int) -> Job:
    session.rollback()
    return jobs.get(job_id)


def finish(job_id: int, epoch: int) -> None:
    with transaction():
        jobs.finish(job_id, epoch, {})


class TestOneTrainingForEachStory:
    @pytest.mark.servers
    def test_a_second_one_waits_until_the_first_is_over(self, app: Flask, settings: Settings) -> None:
        first, second = ask(1), ask(1)
        assert jobs.claim(first) == 1
        assert jobs.claim(second) is None
        assert (row(second).state, row(second).message) == ("queued", jobs.AFTER_ANOTHER)
        with Redis.from_url(settings.redis_url) as redis:
            redis.flushall()
        assert jobs.ring_due() == 0, "nobody is asked in vain meanwhile"
        finish(first, 1)
        assert jobs.ring_due() == 1, "and somebody is at once afterwards"
        assert jobs.claim(second) == 1

    def test_one_whose_lease_has_run_out_holds_nobody_up(self, app: Flask, clock: MovableClock) -> None:
        first, second = ask(1), ask(1)
        assert jobs.claim(first) == 1
        clock.move_on(jobs.LEASE.total_seconds() + 1)
        assert jobs.claim(second) == 1
        assert jobs.claim(first) is None

    @pytest.mark.parametrize(("story_id", "queue"), [(2, "training"), (None, "training"), (1, "writing")])
    def test_other_work_goes_on(self, app: Flask, story_id: int | None, queue: str) -> None:
        assert jobs.claim(ask(1)) == 1
        assert jobs.claim(ask(story_id, queue)) == 1

    def test_of_two_that_are_claimed_at_once_one_runs(self, app: Flask) -> None:
        taken: list[int | None] = []

        def claim(job_id: int, start: threading.Barrier) -> None:
            with app.app_context():
                start.wait()
                taken.append(jobs.claim(job_id))

        for story_id in range(1, 11):
            taken.clear()
            start = threading.Barrier(2)
            ids = [ask(story_id), ask(story_id)]
            workers = [threading.Thread(target=claim, args=(job_id, start)) for job_id in ids]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            assert sorted(taken, key=str) == [1, None]


class TestLettingGo:
    def test_the_holder_s_attempt_ends_and_the_sentence_stands_in_the_row(self, app: Flask) -> None:
        job_id = ask()
        jobs.claim(job_id, "one")
        jobs.let_go(job_id, "one", "멈추었어요.")
        assert (row(job_id).state, row(job_id).message, row(job_id).attempts) == ("queued", "멈추었어요.", 1)
        assert jobs.claim(job_id, "two") == 2

    def test_what_somebody_else_holds_stays_with_them(self, app: Flask) -> None:
        job_id = ask()
        jobs.claim(job_id, "two")
        jobs.let_go(job_id, "one", "멈추었어요.")
        assert (row(job_id).state, row(job_id).holder) == ("running", "two")

    def test_the_last_attempt_fails(self, app: Flask) -> None:
        job_id = ask()
        for _ in range(jobs.MOST_ATTEMPTS):
            jobs.claim(job_id, "one")
            jobs.let_go(job_id, "one", "멈추었어요.")
        assert row(job_id).state == "failed"
        assert row(job_id).finished_at is not None

    def test_an_attempt_that_a_stopping_worker_ended_does_not_count(self, app: Flask) -> None:
        job_id = ask()
        jobs.claim(job_id, "one")
        jobs.let_go(job_id, "one", "멈추었어요.", counts=False)
        assert (row(job_id).state, row(job_id).attempts, row(job_id).message) == ("queued", 0, jobs.WAITING)

    @pytest.mark.parametrize("unheard", [True, False])
    @pytest.mark.servers
    def test_a_job_that_was_never_claimed_is_asked_for_again_if_its_child_was_killed(
        self, app: Flask, settings: Settings, unheard: bool
    ) -> None:
        job_id = ask()
        with Redis.from_url(settings.redis_url) as redis:
            redis.flushall()
        jobs.let_go(job_id, "one", "멈추었어요.", unheard=unheard)
        assert doorbell.waiting(jobs.TRAINING) == ({job_id} if unheard else set())


class TestRingingAgain:
    @pytest.mark.servers
    def test_what_redis_still_knows_is_not_asked_for_twice(self, app: Flask, clock: MovableClock) -> None:
        ask()
        clock.move_on(jobs.RING_AGAIN.total_seconds() + 1)
        assert jobs.ring_due() == 0

    @pytest.mark.servers
    def test_what_redis_has_forgotten_is(self, app: Flask, settings: Settings, clock: MovableClock) -> None:
        waiting = {queue: ask(queue=queue) for queue in jobs.QUEUES}
        with Redis.from_url(settings.redis_url) as redis:
            redis.flushall()
        assert jobs.ring_due() == 0, "not at once: a worker may have just taken it"
        clock.move_on(jobs.RING_AGAIN.total_seconds() + 1)
        assert jobs.ring_due() == len(waiting)
        assert {queue: doorbell.waiting(queue) for queue in jobs.QUEUES} == {
            queue: {job_id} for queue, job_id in waiting.items()
        }

    @pytest.mark.servers
    def test_one_that_was_begun_before_goes_to_the_front(self, app: Flask, settings: Settings) -> None:
        begun, other = ask(), ask()
        jobs.claim(begun, "one")
        with Redis.from_url(settings.redis_url) as redis:
            redis.flushall()
            jobs.ring(other)
            jobs.let_go(begun, "one", "멈추었어요.")
            names = [name.decode() for name in redis.lrange("rq:queue:training", 0, -1)]
        assert [int(name.partition("-")[0]) for name in names] == [begun, other]

    def test_a_job_is_taken_back_from_a_holder_who_is_gone(self, app: Flask) -> None:
        left, held = ask(), ask()
        jobs.claim(left, "gone")
        jobs.claim(held, "here")
        assert jobs.holders() == {"gone", "here"}
        jobs.ring_due(gone=["gone"])
        assert (row(left).state, row(left).message) == ("queued", jobs.STOPPED_MIDWAY)
        assert row(held).state == "running"


class TestCancelling:
    @pytest.mark.parametrize("running", [False, True])
    def test_it_ends_the_job_and_whoever_has_it_loses_it(self, app: Flask, running: bool) -> None:
        job_id = ask()
        epoch = jobs.claim(job_id) if running else 0
        with transaction():
            jobs.cancel(job_id)
        job = row(job_id)
        assert (job.state, job.cancelled, job.message) == ("failed", True, jobs.CANCELLED)
        assert job.finished_at is not None
        assert jobs.claim(job_id) is None
        for write in (jobs.renew, jobs.held):
            with pytest.raises(jobs.LostLease), transaction():
                write(job_id, epoch or 0)

    def test_what_is_over_cannot_be_ended(self, app: Flask) -> None:
        job_id = ask()
        jobs.claim(job_id)
        finish(job_id, 1)
        with pytest.raises(Conflict), transaction():
            jobs.cancel(job_id)


def test_a_claim_says_who_has_the_job_and_since_when(app: Flask) -> None:
    job_id = ask()
    before = time.now()
    jobs.claim(job_id, "one")
    job = row(job_id)
    assert job.holder == "one"
    assert job.started_at is not None
    assert before <= job.started_at <= time.now()
    assert job.lease_until == job.started_at + jobs.LEASE
