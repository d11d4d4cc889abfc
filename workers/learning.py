"""The step that all jobs share: learn what a run says, and keep the checkpoint."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Sequence
from typing import Any

from model.writer import (
    LearningText,
    ModelConfig,
    Progress,
    TrainConfig,
    Writer,
    base_writer,
    load_writer,
    new_writer,
)
from webapp import events, jobs, storage
from webapp.core.training import queries, service
from webapp.core.training.models import Run
from webapp.core.training.service import Point
from webapp.db import transaction
from webapp.errors import N_
from workers import unfinished
from workers.attempt import Hold
from workers.growth import Growth, growth, style_of
from workers.site import settings

LEARNING = N_("작가 AI가 글을 읽으며 배우고 있어요.")
MEASURING = N_("작가 AI가 무엇을 배웠는지 살펴보고 있어요.")
KEEPING = N_("배운 것을 새 두뇌에 담고 있어요.")
PASSES = {"base": 40.0, "source": 12.0, "passage": 15.0}
"""How often a new text is read over at the most, by the purpose of the run: a passage is soon known by heart, and a
novel read more often displaces more than it adds (docs/writer.md, "Remembering")."""
BASE_SECONDS = 10.0
"""How long the first writer reads the starter library at the most. It knows Korean when it comes to the site, and is
wanted soon; and what it read before nobody here can have it rehearse (seen after 60 updates, on parts that it never
learned: 4.69 → 4.30 bits per character on the starter library, 3.72 → 3.73 on the old works)."""
LEARNED, MEASURED = 0.8, 0.87
"""How far the job is when the learning is over, and when it is known what came of it."""


def open_writer(checkpoint_id: int) -> Writer:
    """The writer of a checkpoint. Raises Unavailable and CheckpointDamaged."""
    digest = queries.checkpoint(checkpoint_id).sha256
    return load_writer(storage.checkpoint_folder(digest), settings().device, sha256=digest)


def learn(
    hold: Hold, run_id: int, *, newest_id: int | None = None, fresh_memory: bool = False, read: str = ""
) -> int:
    """Learn what the run says, from the newest checkpoint of its story, its parent, or the writer we ship; returns the id
    of the new checkpoint.

    The writer's memory goes on from the parent's, or starts afresh, and moves on over the text to `read`. A run that was
    ended on the way goes on from there (`workers.unfinished`).
    """
    unfinished.forget_all_but(queries.wanted_runs())
    storage.forget_unfinished_checkpoints()
    run = service.begin(run_id, seconds=_seconds(queries.run(run_id)), newest_id=newest_id)
    texts = [
        LearningText(lesson.text, style_of(lesson.novel_id), lesson.share, lesson.role)
        for lesson in queries.lesson_texts(run)
    ]
    writer = open_writer(run.parent_id) if run.parent_id else _first_writer(run.seed)
    config = TrainConfig(
        seconds=run.seconds, seed=run.seed, threads=settings().writer_threads, passes=PASSES[run.purpose]
    )
    pulse = Pulse(hold, run)
    earlier = writer.scores
    report = unfinished.taught(
        writer, texts, config, run_id=run.id, begin=pulse.begin, progress=pulse.note, tick=pulse.beat
    )
    pulse.send(LEARNED, MEASURING)
    grown = growth(report, earlier, writer.measure(_read_so_far(run)))
    pulse.send(MEASURED, KEEPING)
    if fresh_memory:
        writer.forget()
    writer.read(read)
    checkpoint_id = _keep(hold, run, writer, texts, grown)
    unfinished.forget(run.id)
    return checkpoint_id


def _read_so_far(run: Run) -> list[LearningText]:
    """Every novel that the writer will have read with this run, whether or not the run rehearses it."""
    return [LearningText(text, style_of(novel_id)) for novel_id, text in queries.novel_texts(run).items()]


def _seconds(run: Run) -> float:
    longest = settings().learn_seconds
    return min(longest, BASE_SECONDS) if run.purpose == "base" else longest


def _first_writer(seed: int) -> Writer:
    """The writer we ship, or a small one that knows nothing yet."""
    if settings().writer_size == "tiny":
        return new_writer(ModelConfig.tiny(), seed=seed, device=settings().device)
    return base_writer(settings().device)


class Pulse:
    """Tells, at most once a second, how far the learning is: renews the lease, adds to the curve, records an event."""

    def __init__(self, hold: Hold, run: Run) -> None:
        self._hold = hold
        self._run_id, self._story_id, self._turn_id = run.id, run.story_id, run.turn_id
        self._seconds = run.seconds
        self._told = time.monotonic()
        self._waiting: list[Point] = []
        self._step = 0
        self._loss: float | None = None

    def begin(self, step: int) -> None:
        """The learning goes on from this update (0: from the start); what was measured after it is done again."""
        self._waiting = []
        service.go_on_from(self._run_id, step)

    def note(self, progress: Progress) -> None:
        """A point of the curve, to be told with the next beat. The writer measures bits, the curve is in nats."""
        held_out = progress.validation_loss
        point = Point(
            step=progress.step,
            seconds=progress.seconds,
            loss=progress.training_loss * math.log(2),
            validation_loss=None if held_out is None else held_out * math.log(2),
        )
        self._waiting.append(point)
        self._step, self._loss = point.step, point.loss

    def beat(self, progress: Progress) -> None:
        """Called after every update. Raises LostLease: the learning ends by it."""
        if time.monotonic() - self._told >= 1.0:
            spent = min(1.0, progress.seconds / self._seconds)
            self.send(LEARNED * max(spent, progress.fraction), LEARNING)

    def send(self, progress: float, message: str) -> None:
        """Tell now. Raises LostLease."""
        with transaction():
            jobs.report(self._hold.job_id, self._hold.epoch, progress, message)
            service.add_points(self._run_id, self._waiting)
            if self._story_id is not None:
                events.record(self._story_id, "progress", self._payload(progress, message))
        self._waiting = []
        self._told = time.monotonic()

    def _payload(self, progress: float, message: str) -> dict[str, Any]:
        return {
            "turn_id": self._turn_id,
            "job_id": self._hold.job_id,
            "progress": progress,
            "message": message,
            "step": self._step,
            "loss": self._loss,
        }


def _keep(hold: Hold, run: Run, writer: Writer, texts: Sequence[LearningText], grown: Growth) -> int:
    """Store the writer as the run's checkpoint; returns its id. Raises LostLease, OSError and Unavailable."""
    parent = queries.checkpoint(run.parent_id) if run.parent_id else None
    digest = _store(writer, parent.sha256 if parent else None, texts)
    with transaction():
        jobs.held(hold.job_id, hold.epoch)
        kept = service.keep_checkpoint(
            run.id, digest=digest, measurements=grown.measurements, samples=grown.samples
        )
        return kept.id


def _store(writer: Writer, parent: str | None, texts: Sequence[LearningText]) -> str:
    work = storage.checkpoint_work_folder()
    try:
        digest = writer.save(work / "checkpoint", parent=parent, texts=texts)
        storage.keep_checkpoint(work / "checkpoint", digest)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return digest
