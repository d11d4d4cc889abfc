"""The job table: work that was asked for, who has it, how far it is.

A job is a row, written in the transaction that causes it. Redis carries its id only. Claiming raises the row's `epoch`
and takes a lease; whoever finishes must still hold that epoch, so that a worker that was thought dead writes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import JSON, String, Text, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp import clock, doorbell
from webapp.db import Base, Moment, after_commit, locked, session, transaction
from webapp.errors import N_, Conflict, NotFound

LEASE = timedelta(seconds=60)
RING_AGAIN = timedelta(seconds=20)
MOST_ATTEMPTS = 3
TIME_LIMIT_SECONDS = 3600
LIVING = ("queued", "running")


class Job(Base):
    """One piece of work for a worker; `kind` is the name of a function in `workers.jobs`."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(index=True)
    story_id: Mapped[int | None] = mapped_column(index=True)
    queue: Mapped[str] = mapped_column(String(20), default="training")
    state: Mapped[str] = mapped_column(String(10), default="queued", index=True)
    epoch: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    rung_at: Mapped[datetime | None] = mapped_column(Moment)
    requested_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class LostLease(Exception):
    """The job belongs to somebody else now, or to nobody: stop and write nothing."""


def request(kind: str, subject_id: int, *, story_id: int | None = None, queue: str = "training") -> Job:
    """Write down a job in the transaction under way and ring for it once that is committed."""
    job = Job(kind=kind, subject_id=subject_id, story_id=story_id, queue=queue, requested_at=clock.now())
    job.message = N_("차례를 기다리고 있어요.")
    session.add(job)
    session.flush()
    after_commit(partial(ring, job.id))
    return job


def get(job_id: int) -> Job:
    """The job with this id; raises NotFound."""
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound("no-such-job", N_("그런 작업이 없어요."))
    return job


def living(kind: str, subject_id: int) -> Job | None:
    """The queued or running job of this kind for this subject, if there is one."""
    query = select(Job).where(Job.kind == kind, Job.subject_id == subject_id, Job.state.in_(LIVING))
    return session.scalars(query.order_by(Job.id.desc())).first()


def newest(kind: str, subject_id: int) -> Job | None:
    """The last job of this kind that was asked for for this subject, whatever became of it."""
    query = select(Job).where(Job.kind == kind, Job.subject_id == subject_id)
    return session.scalars(query.order_by(Job.id.desc())).first()


def ring(job_id: int) -> None:
    """Tell the workers of a queued job and note when, so that the clock need not ring at once again."""
    job = get(job_id)
    # Redis is asked outside the transaction: while it is slow, nobody waits for our lock.
    if doorbell.ring(job.queue, f"workers.jobs.{job.kind}", job_id, timeout=TIME_LIMIT_SECONDS):
        with transaction():
            get(job_id).rung_at = clock.now()


def ring_due() -> int:
    """Take back jobs whose lease has run out and ring for every job that waits; returns how many rings.

    A job that has been tried too often fails instead.
    """
    moment = clock.now()
    with transaction():
        lapsed = select(Job).where(Job.state == "running", Job.lease_until < moment)
        for job in session.scalars(locked(lapsed)):
            _end_attempt(job, N_("일하던 컴퓨터가 도중에 멈추었어요."), final=False)
    waiting = select(Job.id).where(
        Job.state == "queued", or_(Job.rung_at.is_(None), Job.rung_at < moment - RING_AGAIN)
    )
    due = list(session.scalars(waiting))
    for job_id in due:
        ring(job_id)
    return len(due)


def claim(job_id: int) -> int | None:
    """Take the job: its new epoch, or None when it is done, running with a living lease, or not there."""
    with transaction():
        job = _locked(job_id)
        moment = clock.now()
        if job is None or job.state not in LIVING:
            return None
        if job.state == "running" and job.lease_until is not None and job.lease_until > moment:
            return None
        epoch = job.epoch + 1
        job.epoch, job.attempts = epoch, job.attempts + 1
        job.state, job.lease_until, job.progress = "running", moment + LEASE, 0.0
        return epoch


def _locked(job_id: int) -> Job | None:
    job: Job | None = session.scalars(locked(select(Job).where(Job.id == job_id))).first()
    return job


def report(job_id: int, epoch: int, progress: float, message: str) -> None:
    """Renew the lease and tell how far the job is (0 to 1), within a transaction; raises LostLease."""
    job = held(job_id, epoch)
    job.progress, job.message, job.lease_until = progress, message, clock.now() + LEASE


def held(job_id: int, epoch: int) -> Job:
    """The job, locked until the transaction ends, if this epoch still holds it; raises LostLease."""
    job = _locked(job_id)
    if job is None or job.epoch != epoch or job.state != "running":
        raise LostLease(job_id)
    return job


def finish(job_id: int, epoch: int, result: dict[str, Any]) -> None:
    """The job is done; call within the transaction that writes what it made. Raises LostLease."""
    job = held(job_id, epoch)
    job.state, job.progress, job.result = "done", 1.0, result
    job.message, job.finished_at, job.lease_until = N_("다 했어요."), clock.now(), None


def fail(job_id: int, epoch: int, message: str, *, final: bool) -> bool:
    """The job did not work out: queue it again, or end it when `final` or tried too often; True when ended."""
    return _end_attempt(held(job_id, epoch), message, final=final)


def put_back(job_id: int, epoch: int) -> None:
    """The worker has to stop before the job is done: it waits again, and the attempt does not count."""
    job = held(job_id, epoch)
    job.state, job.attempts, job.progress = "queued", job.attempts - 1, 0.0
    job.message, job.lease_until, job.rung_at = N_("차례를 기다리고 있어요."), None, None


def _end_attempt(job: Job, message: str, *, final: bool) -> bool:
    ended = final or job.attempts >= MOST_ATTEMPTS
    job.state = "failed" if ended else "queued"
    job.message, job.lease_until, job.rung_at = message, None, None
    job.finished_at = clock.now() if ended else None
    return ended


def place_in_line(job: Job) -> int:
    """How many jobs of the same queue come before this one."""
    before = select(Job.id).where(Job.queue == job.queue, Job.state.in_(LIVING), Job.id < job.id)
    return len(list(session.scalars(before)))


def check_not_working(job: Job | None) -> None:
    """Refuse with 409 while the job lives."""
    if job is not None and job.state in LIVING:
        raise Conflict("turn-working", N_("작가 AI가 아직 쓰고 있어요. 다 쓸 때까지 기다려 주세요."))
