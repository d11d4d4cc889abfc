"""The job table: work that was asked for, who has it, how far it is.

A job is a row, written in the transaction that causes it. Redis carries its id only. Claiming raises the row's `epoch`
and takes a lease; whoever finishes must still hold that epoch, so that a worker that was thought dead writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import JSON, String, Text, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp import clock, doorbell
from webapp.db import Base, Moment, after_commit, locked, session, transaction
from webapp.errors import N_, Conflict, NotFound

LEASE = timedelta(seconds=20)
"""Renewed every two seconds; whoever has not been heard of for so long has lost the job."""
RING_AGAIN = timedelta(seconds=10)
MOST_ATTEMPTS = 3
LIVING = ("queued", "running")

WRITING, TRAINING, REWRITING = "writing", "training", "rewriting"
QUEUES = (WRITING, TRAINING, REWRITING)
"""In the order in which a worker takes from them. Writing takes seconds and training minutes, so nobody who only waits
for drafts waits for another story's training; what somebody wants to see proved comes last."""

WAITING = N_("차례를 기다리고 있어요.")
AFTER_ANOTHER = N_("이 이야기의 다른 학습이 끝나기를 기다리고 있어요.")
STOPPED_MIDWAY = N_("일하던 컴퓨터가 도중에 멈추었어요.")
CANCELLED = N_("운영자가 이 일을 그만두게 했어요.")


class Job(Base):
    """One piece of work for a worker; `kind` is one of `workers.jobs.KINDS`.

    `holder` names the process that has it; `started_at` is when the attempt began that is under way or was the last.
    A `cancelled` job is one that a moderator ended; its state is `failed`.
    """

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int] = mapped_column(index=True)
    story_id: Mapped[int | None] = mapped_column(index=True)
    queue: Mapped[str] = mapped_column(String(20), default=TRAINING)
    state: Mapped[str] = mapped_column(String(10), default="queued", index=True)
    epoch: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    holder: Mapped[str] = mapped_column(String(160), default="")
    lease_until: Mapped[datetime | None] = mapped_column(Moment)
    rung_at: Mapped[datetime | None] = mapped_column(Moment)
    requested_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    cancelled: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[float] = mapped_column(default=0.0)
    message: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class LostLease(Exception):
    """The job belongs to somebody else now, or to nobody: stop and write nothing."""


def request(kind: str, subject_id: int, *, story_id: int | None = None, queue: str = TRAINING) -> Job:
    """Write down a job in the transaction under way and ring for it once that is committed."""
    job = Job(kind=kind, subject_id=subject_id, story_id=story_id, queue=queue, requested_at=clock.now())
    job.message = WAITING
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


def all_living() -> list[Job]:
    """Every queued or running job, earliest first."""
    return list(session.scalars(select(Job).where(Job.state.in_(LIVING)).order_by(Job.id)))


def recently_over(limit: int = 30) -> list[Job]:
    """Jobs that are over, the newest first."""
    query = select(Job).where(Job.state.not_in(LIVING)).order_by(Job.id.desc()).limit(limit)
    return list(session.scalars(query))


def ring(job_id: int) -> None:
    """Tell the workers of a queued job and note when, so that the clock need not ring at once again. One that was begun
    before goes to the front of its queue."""
    job = get(job_id)
    # Redis is asked outside the transaction: while it is slow, nobody waits for our lock.
    if doorbell.ring(job.queue, "workers.child.work", job_id, first=job.epoch > 0):
        with transaction():
            get(job_id).rung_at = clock.now()


def ring_due(gone: Collection[str] = ()) -> int:
    """Take back jobs whose lease has run out, or whose holder is `gone`, and ring for every job that waits and of which
    Redis knows nothing; returns how many rings. A job that has been tried too often fails instead."""
    _take_back(gone)
    rung = 0
    for queue in QUEUES:
        due = _due(queue)
        for job_id in sorted(due - doorbell.waiting(queue)) if due else ():
            ring(job_id)
            rung += 1
    return rung


def _take_back(gone: Collection[str]) -> None:
    with transaction():
        left = or_(Job.lease_until < clock.now(), Job.holder.in_(gone))
        # In the order in which `claim` locks, so that neither waits for the other.
        for job in session.scalars(locked(select(Job).where(Job.state == "running", left).order_by(Job.id))):
            _end_attempt(job, STOPPED_MIDWAY, final=False)


def _due(queue: str) -> set[int]:
    """The waiting jobs of a queue that were not rung for lately, but those that another of their story holds up."""
    unheard = or_(Job.rung_at.is_(None), Job.rung_at < clock.now() - RING_AGAIN)
    query = select(Job).where(Job.state == "queued", Job.queue == queue, unheard)
    learning = select(Job.story_id).where(Job.state == "running", Job.queue == TRAINING)
    busy = set(session.scalars(learning.where(Job.story_id.is_not(None))))
    return {job.id for job in session.scalars(query) if queue != TRAINING or job.story_id not in busy}


def holders() -> set[str]:
    """Who has the jobs that are running."""
    return set(session.scalars(select(Job.holder).where(Job.state == "running").distinct()))


def claim(job_id: int, holder: str = "") -> int | None:
    """Take the job: its new epoch, or None when it is done, running with a living lease, or not there.

    A story learns one thing at a time: while one of its trainings runs, another one stays in the line.
    """
    with transaction():
        rows, moment = _locked_for_claim(job_id), clock.now()
        job = next((row for row in rows if row.id == job_id), None)
        if job is None or job.state not in LIVING or _is_held(job, moment):
            return None
        if any(_is_held(other, moment) for other in rows):
            job.message, job.rung_at = AFTER_ANOTHER, None
            return None
        job.epoch, job.attempts, job.holder = job.epoch + 1, job.attempts + 1, holder
        job.state, job.progress = "running", 0.0
        job.started_at, job.lease_until = moment, moment + LEASE
        return job.epoch


def _locked_for_claim(job_id: int) -> list[Job]:
    """The job and, where it trains for a story, the other trainings of that story, locked in the order of their ids."""
    wanted = select(Job).where(Job.id == job_id)
    job = session.get(Job, job_id)
    if job is not None and job.queue == TRAINING and job.story_id is not None:
        wanted = select(Job).where(Job.story_id == job.story_id, Job.queue == TRAINING, Job.state.in_(LIVING))
    return list(session.scalars(locked(wanted.order_by(Job.id))))


def _is_held(job: Job, moment: datetime) -> bool:
    return job.state == "running" and job.lease_until is not None and job.lease_until > moment


def _locked(job_id: int) -> Job | None:
    job: Job | None = session.scalars(locked(select(Job).where(Job.id == job_id))).first()
    return job


def report(job_id: int, epoch: int, progress: float, message: str) -> None:
    """Renew the lease and tell how far the job is (0 to 1), within a transaction; raises LostLease."""
    job = held(job_id, epoch)
    job.progress, job.message, job.lease_until = progress, message, clock.now() + LEASE


def renew(job_id: int, epoch: int) -> None:
    """Renew the lease, within a transaction; raises LostLease."""
    held(job_id, epoch).lease_until = clock.now() + LEASE


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
    """The worker has to stop before the job is done: somebody else is asked, and the attempt does not count."""
    _put_back(held(job_id, epoch))


def _put_back(job: Job) -> None:
    job.state, job.attempts, job.progress = "queued", job.attempts - 1, 0.0
    job.message, job.lease_until, job.rung_at = WAITING, None, None
    after_commit(partial(ring, job.id))


def let_go(job_id: int, holder: str, message: str, *, counts: bool = True, unheard: bool = False) -> None:
    """Nobody works on the job for this holder any more. If it holds the job still, that attempt has ended so, and somebody
    else is asked; also for a job that waits still, if the ring may have gone `unheard`.

    An attempt that does not count was ended by a worker that had to stop.
    """
    with transaction():
        job = _locked(job_id)
        if job is None:
            return
        if job.state == "running" and job.holder == holder:
            if not counts:
                _put_back(job)
                return
            _end_attempt(job, message, final=False)
            unheard = True
        if job.state == "queued" and unheard:
            job.rung_at = None
            after_commit(partial(ring, job_id))


def cancel(job_id: int) -> Job:
    """A moderator ends the job, within a transaction; whoever works on it loses it. Raises NotFound, and Conflict when
    it is over."""
    get(job_id)
    job = _locked(job_id)
    assert job is not None
    if job.state not in LIVING:
        raise Conflict("job-over", N_("이미 끝난 작업이에요. 작업 목록을 새로 열어 확인해 주세요."))
    _end_attempt(job, CANCELLED, final=True)
    job.cancelled = True
    return job


def _end_attempt(job: Job, message: str, *, final: bool) -> bool:
    ended = final or job.attempts >= MOST_ATTEMPTS
    job.state = "failed" if ended else "queued"
    job.message, job.lease_until, job.rung_at = message, None, None
    job.finished_at = clock.now() if ended else None
    return ended
