"""What a run keeps as it learns, so that the next attempt goes on where this one was ended.

The snapshots (model/snapshot.py) lie in the instance folder of the machine that learns; on another machine a run begins
again. They are used only if they are whole and of the very same run: weights, texts, settings, code and machine. They
go when the run's checkpoint is kept; those of a run that nobody wants any more, when the next one begins to learn.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import structlog

from model.snapshot import SnapshotRefused, Snapshots
from model.writer import LearningReport, LearningText, Progress, TrainConfig, Writer
from workers.site import settings
from workers.stopping import stopping_by

log = structlog.get_logger()

EVERY_SECONDS = 10.0
"""Between two snapshots; one of the default writer takes a quarter to half a second."""
PREFIX = "run-"


def taught(
    writer: Writer,
    texts: Sequence[LearningText],
    config: TrainConfig,
    *,
    run_id: int,
    begin: Callable[[int], None],
    progress: Callable[[Progress], None],
    tick: Callable[[Progress], None],
) -> LearningReport:
    """Have the writer learn, from where an earlier attempt at the run was ended.

    `begin` is told which update that was; 0 means from the start. Raises Stopped, once all is kept, and what
    `Writer.learn` raises.
    """

    def learn(snapshots: Snapshots | None) -> LearningReport:
        begin(snapshots.step if snapshots else 0)
        return writer.learn(texts, config=config, progress=progress, tick=tick, snapshots=snapshots)

    try:
        return _kept(run_id, learn)
    except SnapshotRefused as refusal:
        log.warning("run_begins_again", run=run_id, why=str(refusal))
        forget(run_id)
        return _kept(run_id, learn)


def _kept(run_id: int, learn: Callable[[Snapshots | None], LearningReport]) -> LearningReport:
    with _snapshots_of(run_id) as snapshots:
        if snapshots is None:
            return learn(None)
        with stopping_by(snapshots.interrupt):
            return learn(snapshots)


@contextmanager
def _snapshots_of(run_id: int) -> Iterator[Snapshots | None]:
    """The snapshots of a run; None while another process uses them: one that was thought dead, and is not."""
    with ExitStack() as stack:
        try:
            folder = _folder() / f"{PREFIX}{run_id}"
            snapshots = stack.enter_context(Snapshots(folder, every=EVERY_SECONDS))
        except SnapshotRefused:
            snapshots = None
        yield snapshots


def forget(run_id: int) -> None:
    """The run is over, or has to begin again."""
    shutil.rmtree(_folder() / f"{PREFIX}{run_id}", ignore_errors=True)


def forget_all_but(wanted: Collection[int]) -> None:
    """Remove what was kept of any other run."""
    for path in _folder().glob(f"{PREFIX}*"):
        if path.name.removeprefix(PREFIX) not in map(str, wanted):
            shutil.rmtree(path, ignore_errors=True)


def _folder() -> Path:
    return settings().instance / "learning"
