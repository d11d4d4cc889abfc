"""What happens to the writer: runs are asked for, begun, followed, and lead to checkpoints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, select

from webapp import clock, jobs
from webapp.core.library import queries as library
from webapp.core.training import queries, rules
from webapp.core.training.models import Checkpoint, Reading, Run, RunPoint
from webapp.db import locked, session, transaction
from webapp.errors import N_, Conflict
from webapp.jobs import Job

BASE_SEED = 20261121
"""Every site's first writer reads in the same order."""


@dataclass(frozen=True)
class Point:
    """A point of a loss curve: losses in nats per character, time in seconds since the learning began."""

    step: int
    seconds: float
    loss: float
    validation_loss: float | None


def request_run(
    *,
    purpose: str,
    parent_id: int | None,
    lessons: list[dict[str, Any]],
    seed: int,
    story_id: int | None = None,
    turn_id: int | None = None,
) -> Run:
    """Write down a run, in the transaction under way; how long it may learn is settled when it begins."""
    run = Run(
        purpose=purpose,
        parent_id=parent_id,
        lessons=lessons,
        seed=seed,
        seconds=0.0,
        story_id=story_id,
        turn_id=turn_id,
        requested_at=clock.now(),
    )
    session.add(run)
    session.flush()
    return run


def begin(run_id: int, *, seconds: float = 0.0, newest_id: int | None = None) -> Run:
    """A worker begins the run, perhaps not for the first time, and may learn for this many seconds.

    It goes on from the newest checkpoint, if that is not the one it was planned for: another run of the story has ended in
    the meantime. A run that was asked for before there was any writer starts from the base, if that has come.
    """
    with transaction():
        run = _locked_run(run_id)
        run.started_at, run.seconds = clock.now(), seconds
        base = queries.newest_base()
        if newest_id is None and run.parent_id is None and run.purpose != "base" and base is not None:
            newest_id = base.id
        if newest_id is not None and newest_id != run.parent_id:
            run.parent_id = newest_id
            run.lessons = rules.with_rehearsal(run.lessons, queries.novels_read(newest_id))
        return run


def go_on_from(run_id: int, step: int) -> None:
    """The run goes on from this update, 0 being the start; what an earlier attempt measured after it is dropped."""
    with transaction():
        session.execute(delete(RunPoint).where(RunPoint.run_id == run_id, RunPoint.step > step))


def _locked_run(run_id: int) -> Run:
    """The run, locked until the transaction ends; raises NotFound."""
    queries.run(run_id)
    run: Run = session.scalars(locked(select(Run).where(Run.id == run_id))).one()
    return run


def add_points(run_id: int, points: Iterable[Point]) -> None:
    """Add to a run's loss curve, within a transaction."""
    session.add_all(RunPoint(run_id=run_id, **asdict(point)) for point in points)


def keep_checkpoint(
    run_id: int, *, digest: str, measurements: dict[str, Any], samples: list[dict[str, Any]]
) -> Checkpoint:
    """The run has led to the checkpoint that lies in storage under `digest`; done once, it stays as it is.

    The checkpoint has read what its parent had, and what was new in the run. New novels make a new style mix.
    """
    with transaction():
        run = _locked_run(run_id)
        if run.checkpoint_id is not None:
            return queries.checkpoint(run.checkpoint_id)
        checkpoint = Checkpoint(
            parent_id=run.parent_id,
            story_id=run.story_id,
            sha256=digest,
            created_at=clock.now(),
            measurements=measurements,
            samples=samples,
        )
        session.add(checkpoint)
        session.flush()
        session.add_all(_readings(run, checkpoint.id))
        run.checkpoint_id, run.finished_at = checkpoint.id, clock.now()
        session.flush()
        return checkpoint


def _readings(run: Run, checkpoint_id: int) -> list[Reading]:
    new = rules.new_shares(run.lessons)
    parent = queries.checkpoint(run.parent_id) if run.parent_id is not None else None
    inherited = {reading.novel_id: reading.share for reading in parent.readings} if parent else {}
    old = {novel_id: 0.0 if new else share for novel_id, share in inherited.items() if novel_id not in new}
    return [
        Reading(checkpoint_id=checkpoint_id, novel_id=novel_id, share=share, is_new=novel_id in new)
        for novel_id, share in {**new, **old}.items()
    ]


def raise_base() -> Job:
    """Ask for the first writer, which reads the starter library, unless that has been done or is being done.

    Returns its job. Raises Conflict while the library is empty.
    """
    with transaction():
        job = session.scalars(select(Job).where(Job.kind == "raise_base").order_by(Job.id.desc())).first()
        if job is not None and job.state != "failed":
            return job
        novels = library.starter_library()
        if not novels:
            raise Conflict("library-empty", N_("서재가 비어 있어요. 먼저 첫 책꽂이를 들여놓아 주세요."))
        # Longer novels get more of the reading, so that each is read as often as the others.
        lessons = rules.plan_lessons(novels={novel.id: float(novel.characters) for novel in novels})
        run = request_run(purpose="base", parent_id=None, lessons=lessons, seed=BASE_SEED)
        return jobs.request("raise_base", run.id)
