"""Striking workers while they are at work, each once at a moment of its own, and looking how the work goes on."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from redis import Redis

from tests.faults.factory import Factory, Post, is_alive
from tests.faults.ledger import FULL
from tests.integration.workers.crew import children_of, until
from webapp import clock, jobs

LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 180.0
LOCKED_SECONDS = 75.0 if FULL else 15.0
"""Lease, what a server waits for a transaction in which nothing happens, and a while for the relay clock; the short form
has short leases, and SQLite alone."""


@dataclass
class Strike:
    """A worker was struck at a moment (monotonic) while its child was at a job, in the attempt of this epoch."""

    post: Post
    child: int
    job_id: int
    epoch: int
    state: str
    at: float
    again_after: float | None = None
    orphan: bool | None = None

    @property
    def came_too_late(self) -> bool:
        """The job was over already: nothing had to be done again."""
        return self.again_after is None


@dataclass
class Round:
    """Some jobs, and workers of which each is struck once while it is at one of them.

    `strike` does it, given the worker's post and its child. `life` is how long a child lives, in seconds: a random moment
    of that. No job is struck more than `most` times, and only in one of these states: one that waits still is about to
    be claimed, and of one that is done Redis is about to be told.
    """

    factory: Factory
    posts: Sequence[Post]
    life: float
    strike: Callable[[Post, int], None]
    most: int = jobs.MOST_ATTEMPTS - 1
    states: Sequence[str] = ("queued", "running", "done")
    strikes: list[Strike] = field(default_factory=list)

    def play(self, job_ids: Sequence[int]) -> list[Strike]:
        """Until every job is over and every one that was struck has been taken up again."""
        due: dict[Post, float] = {}
        deadline = time.monotonic() + PATIENCE_SECONDS
        with Redis.from_url(self.factory.settings.redis_url) as redis:
            while not self._over(job_ids):
                assert time.monotonic() < deadline, [self._told(job_id) for job_id in job_ids]
                for post in self.posts:
                    self._consider(post, due, redis)
                self._look()
                time.sleep(LOOK_SECONDS)
        return [strike for strike in self.strikes if not strike.came_too_late]

    def _told(self, job_id: int) -> str:
        job = self.factory.job(job_id)
        return f"job {job_id}: {job.state}, attempt {job.attempts}, {job.message}"

    def _over(self, job_ids: Sequence[int]) -> bool:
        looked = all(strike.orphan is not None for strike in self.strikes)
        return looked and all(self.factory.job(job_id).state not in jobs.LIVING for job_id in job_ids)

    def _consider(self, post: Post, due: dict[Post, float], redis: Redis) -> None:
        """Strike this worker, if its moment has come."""
        if any(strike.post is post for strike in self.strikes):
            return
        children = children_of(post.process.pid)
        job_id = job_of(post.process.pid, redis) if children else None
        if job_id is None or sum(strike.job_id == job_id for strike in self.strikes) >= self.most:
            return
        job = self.factory.job(job_id)
        if job.state not in self.states:
            return
        # A child that was not seen at once is older than it looks.
        age = (clock.now() - job.started_at).total_seconds() if job.started_at else 0.0
        due.setdefault(post, time.monotonic() - age + random.uniform(0, self.life))
        if time.monotonic() >= due[post]:
            self.strikes.append(Strike(post, children[0], job_id, job.epoch, job.state, time.monotonic()))
            self.strike(post, children[0])

    def _look(self) -> None:
        for strike in self.strikes:
            since = time.monotonic() - strike.at
            if strike.again_after is None and self._taken_up_again(strike):
                strike.again_after = since
            if since > 1.0 and strike.orphan is None:
                strike.orphan = is_alive(strike.child)

    def _taken_up_again(self, strike: Strike) -> bool:
        job = self.factory.job(strike.job_id)
        return job.epoch > strike.epoch


@dataclass
class FrozenRound(Round):
    """Each job's first worker is frozen, with its child, past its lease; and thawed at a moment of its own once somebody
    else has the job: soon, when it is further than they are, or late. The child first, so that it really tries to go on.

    Whoever is frozen in the midst of writing holds SQLite's one lock, and nobody can take anything over meanwhile: they
    are thawed after `LOCKED_SECONDS`.
    """

    most: int = 1
    states: Sequence[str] = ("running",)
    thaws: list[tuple[float, int]] = field(default_factory=list)
    thawed: int = 0

    def _over(self, job_ids: Sequence[int]) -> bool:
        gone = all(not is_alive(strike.child) for strike in self.strikes)
        return super()._over(job_ids) and not self.thaws and self.thawed == len(self.strikes) and gone

    def _look(self) -> None:
        super()._look()
        for strike in self.strikes[self.thawed :]:
            over = self.factory.job(strike.job_id).state not in jobs.LIVING
            locked = time.monotonic() - strike.at > LOCKED_SECONDS
            if strike.again_after is None and not over and not locked:
                break
            self.thawed += 1
            moment = time.monotonic() + random.uniform(0, self.life) * random.choice([0.1, 1.0])
            self.thaws += [(moment, strike.child), (moment + 1.0, strike.post.process.pid)]
        for moment, pid in [thaw for thaw in self.thaws if thaw[0] <= time.monotonic()]:
            self.thaws.remove((moment, pid))
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def life_of_a_child(factory: Factory, posts: Sequence[Post], *, at_once: int) -> float:
    """How long a child of these workers lives that nobody strikes, in seconds, when so many are at work."""
    job_ids = [factory.order() for _ in range(at_once)]
    until(lambda: [child for post in posts for child in children_of(post.process.pid)], "somebody is at work")
    began = time.monotonic()
    for job_id in job_ids:
        factory.finish(job_id, PATIENCE_SECONDS)
    life = time.monotonic() - began
    assert [fault for job_id in job_ids for fault in factory.faults(job_id)] == []
    return life


def freeze(post: Post, child: int) -> None:
    """The worker and its child stand still, as when their machine does."""
    for pid in (post.process.pid, child):
        os.kill(pid, signal.SIGSTOP)


def job_of(pid: int, redis: Redis) -> int | None:
    """The id of the job that the child of a worker is at, as RQ has noted it; None where it has not yet."""
    for key in redis.scan_iter("rq:worker:*"):
        if redis.type(key) == b"hash":
            named, current = redis.hmget(key, "pid", "current_job")
            if named == str(pid).encode() and current:
                return int(current.partition(b"-")[0])
    return None
