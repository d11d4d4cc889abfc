"""What a worker's child does with the id of a job's row: claim it first, and only then load torch, which takes seconds.

So it is known at once who is at what, a job that needs no child any more costs next to nothing, and an attempt that
does not even get as far as to begin counts as one.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from webapp import jobs
from workers import lead
from workers.attempt import Hold, attempt
from workers.site import site


def work(job_id: int) -> None:
    """Do the job, which RQ calls by this name. One that is over, or held by another, is left alone."""
    with site().app_context():
        epoch = jobs.claim(job_id, lead.holder())
        if epoch is not None:
            job = jobs.get(job_id)
            kind, hold = job.kind, Hold(job_id, epoch, job.subject_id)
            attempt(lambda: _work_of(kind)(hold), hold)


def _work_of(kind: str) -> Callable[[Hold], None]:
    kinds: dict[str, Callable[[Hold], None]] = import_module("workers.jobs").KINDS
    return kinds[kind]
