"""Reading runs and checkpoints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Select, and_, func, or_, select

from webapp import storage
from webapp.core.library import queries as library
from webapp.core.training.models import Checkpoint, Reading, Run
from webapp.core.training.rules import LEAST_NEW_CHARACTERS, new_shares
from webapp.db import session
from webapp.errors import N_, NotFound
from webapp.jobs import LIVING, Job


def checkpoint(checkpoint_id: int) -> Checkpoint:
    """The checkpoint with this id; raises NotFound."""
    found = session.get(Checkpoint, checkpoint_id)
    if found is None:
        raise NotFound("no-such-checkpoint", N_("그런 두뇌가 없어요. 작가 AI 쪽에서 골라 주세요."))
    return found


def checkpoints(*, limit: int = 50, after: int | None = None) -> list[Checkpoint]:
    """Checkpoints, newest first; `after` is the id of the last one already seen."""
    query = select(Checkpoint).order_by(Checkpoint.id.desc()).limit(limit)
    if after is not None:
        query = query.where(Checkpoint.id < after)
    return list(session.scalars(query))


def checkpoint_count() -> int:
    """How many checkpoints there are."""
    return session.scalar(select(func.count()).select_from(Checkpoint)) or 0


def newest_base() -> Checkpoint | None:
    """The newest checkpoint that a base run led to: where stories begin."""
    query = select(Checkpoint).join(Run, Run.checkpoint_id == Checkpoint.id).where(Run.purpose == "base")
    return session.scalars(query.order_by(Checkpoint.id.desc()).limit(1)).first()


def run(run_id: int) -> Run:
    """The run with this id; raises NotFound."""
    found = session.get(Run, run_id)
    if found is None:
        raise NotFound("no-such-run", N_("그런 학습이 없어요. 작가 AI 쪽에서 골라 주세요."))
    return found


def runs(*, limit: int = 50, after: int | None = None) -> list[Run]:
    """Runs, newest first; `after` is the id of the last one already seen."""
    query = select(Run).order_by(Run.id.desc()).limit(limit)
    if after is not None:
        query = query.where(Run.id < after)
    return list(session.scalars(query))


def run_of(checkpoint_id: int) -> Run | None:
    """The run that led to a checkpoint."""
    return session.scalars(select(Run).where(Run.checkpoint_id == checkpoint_id)).first()


def running() -> Run | None:
    """The run that a worker is at just now; the one begun last where there are several."""
    query = _unfinished().where(Job.state == "running")
    return session.scalars(query.order_by(Run.started_at.desc())).first()


def wanted_runs() -> set[int]:
    """The ids of the runs that a worker is at, or will be."""
    return {run.id for run in session.scalars(_unfinished().where(Job.state.in_(LIVING)))}


def _unfinished() -> Select[Run]:
    """Runs without a checkpoint, joined to the jobs that they belong to."""
    base = and_(Job.kind == "raise_base", Job.subject_id == Run.id)
    of_a_turn = and_(Job.kind.in_(("read_novels", "put_human_txt")), Job.subject_id == Run.turn_id)
    return select(Run).join(Job, or_(base, of_a_turn)).where(Run.finished_at.is_(None))


def novels_read(checkpoint_id: int) -> list[int]:
    """The ids of all novels that a checkpoint has read, itself or through a parent."""
    query = select(Reading.novel_id).where(Reading.checkpoint_id == checkpoint_id)
    return list(session.scalars(query.order_by(Reading.novel_id)))


def novel_texts(run: Run) -> dict[int, str]:
    """The novels that a run's checkpoint will have read, in the run or before it, by id. Those taken off the shelf since
    are left out. Raises Unavailable."""
    before = novels_read(run.parent_id) if run.parent_id is not None else []
    novels = (library.get(novel_id) for novel_id in sorted({*before, *new_shares(run.lessons)}))
    return {novel.id: storage.text(novel.sha256) for novel in novels if novel.status == "approved"}


def readers_of(novel_id: int, *, limit: int = 50) -> list[Checkpoint]:
    """The checkpoints whose own run read this novel for the first time or anew, newest first."""
    query = select(Checkpoint).join(Reading).where(Reading.novel_id == novel_id, Reading.is_new)
    return list(session.scalars(query.order_by(Checkpoint.id.desc()).limit(limit)))


@dataclass(frozen=True)
class LessonText:
    """A text of a run. `novel_id` is None for passages; `share` is its part of the reading; `role` new or rehearsal."""

    text: str
    novel_id: int | None
    share: float
    role: Literal["new", "rehearsal"]


def lesson_texts(run: Run) -> list[LessonText]:
    """What a run is to learn, as text. Novels taken off the shelf since are left out. Raises Unavailable."""
    texts = []
    for lesson in run.lessons:
        novel_id = lesson.get("novel_id")
        if novel_id is not None and library.get(novel_id).status != "approved":
            continue
        digest = lesson["text_sha256"] if novel_id is None else library.get(novel_id).sha256
        texts.append(LessonText(storage.text(digest), novel_id, lesson["share"], lesson["role"]))
    if sum(len(text.text) for text in texts if text.role == "new") >= LEAST_NEW_CHARACTERS:
        return texts
    # The writer refuses to learn from a few words alone.
    return [LessonText(text.text, text.novel_id, text.share, "new") for text in texts]
