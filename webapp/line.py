"""The line of jobs: how many come before one, and how long it will probably take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import select

from webapp import clock, jobs
from webapp.db import session
from webapp.jobs import Job

LOOKED_BACK = 15
"""The last jobs of a kind whose time tells how long the next one will take."""


@dataclass(frozen=True)
class Wait:
    """How a living job stands: how many jobs come before it (None once it runs), and in how many seconds it will
    probably be done (None where no job of its kind, or of one before it, has been done yet)."""

    place: int | None
    seconds: float | None


def wait_of(job: Job) -> Wait:
    """How a job stands; with nothing in it once the job is over."""
    if job.state not in jobs.LIVING:
        return Wait(None, None)
    line = [job] if job.state == "running" else [*before(job, jobs.all_living()), job]
    typical = {kind: typical_seconds(kind) for kind in {one.kind for one in line}}
    return Wait(len(line) - 1 if job.state == "queued" else None, seconds_for(line, typical, clock.now()))


def before(job: Job, living: Sequence[Job]) -> list[Job]:
    """The living jobs that come before a waiting one: those that run, and those that wait before it."""
    return [one for one in living if one.state == "running" or _turn(one) < _turn(job)]


def _turn(job: Job) -> tuple[int, int]:
    return jobs.QUEUES.index(job.queue), job.id


def seconds_for(line: Sequence[Job], typical: Mapping[str, float | None], moment: datetime) -> float | None:
    """How long one worker takes for these jobs from now on, if each takes what is typical of its kind."""
    total = 0.0
    for job in line:
        whole = typical[job.kind]
        if whole is None:
            return None
        running = job.state == "running" and job.started_at is not None
        spent = (moment - job.started_at).total_seconds() if running else 0.0
        total += max(0.0, whole - spent)
    return total


def typical_seconds(kind: str) -> float | None:
    """The median time of the last jobs of this kind that were done, from the claim of the last attempt."""
    done = select(Job.started_at, Job.finished_at).where(Job.kind == kind, Job.state == "done")
    rows = session.execute(done.where(Job.started_at.is_not(None)).order_by(Job.id.desc()).limit(LOOKED_BACK))
    times = [(finished - started).total_seconds() for started, finished in rows]
    return median(times) if times else None
