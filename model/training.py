"""Learning: a run from its first update to its best weights."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace

from model.best import Best
from model.config import TrainConfig
from model.corpus import Lanes, Piece
from model.learner import Learner
from model.network import CharGRU
from model.records import Progress
from model.snapshot import Kept, Part, Snapshots


@dataclass(frozen=True)
class Outcome:
    """The curve of a run and why it stopped."""

    curve: tuple[Progress, ...]
    steps: int
    read: tuple[int, ...]
    stopped: str


def train(
    network: CharGRU,
    pieces: Sequence[Piece],
    config: TrainConfig,
    *,
    rate: float,
    keeping: float = 0.0,
    progress: Callable[[Progress], None],
    stop: Callable[[], bool],
    tick: Callable[[Progress], None] = lambda _: None,
    snapshots: Snapshots | None = None,
) -> Outcome:
    """Teaches the network and leaves in it the weights that did best on held-out text, if there is any, averaged
    with those it began with: `keeping` is the share of the latter.

    `progress` is told of every measurement, `tick` of every update. Goes on from the newest snapshot, if there is
    one. Raises `LossNotFinite`, and what `Snapshots.beat` raises. Truncated backpropagation: each lane's state is
    carried to its next window, gradients are not.
    """
    lanes = Lanes(pieces, lanes=config.batch, window=config.window, seed=config.seed)
    learner = Learner(network, config, rate)
    best = Best(network, pieces, config.patience, keeping)
    course = Course()
    parts: dict[str, Part] = {"lanes": lanes, "learner": learner, "best": best, "course": course}
    if snapshots is not None:
        snapshots.resume(parts)
    started, why = time.monotonic() - course.seconds, ""
    while not why:
        loss = learner.step(lanes.next(), course.fraction)
        course.loss += (loss - course.loss) * max(1 / learner.steps, 0.05)
        course.seconds = time.monotonic() - started
        course.fraction, why = _limits(config, pieces, lanes, learner.steps, course.seconds)
        why = "asked" if stop() else why
        now = course.progress(learner.steps, sum(lanes.read))
        tick(now)
        if why or course.fraction * config.evaluations >= len(course.curve) + 1:
            course.curve.append(replace(now, validation_loss=best.measure()))
            progress(course.curve[-1])
            why = why or ("early" if best.out_of_patience else "")
        if snapshots is not None and not why:
            snapshots.beat(learner.steps, parts)
    best.restore()
    return Outcome(tuple(course.curve), learner.steps, tuple(lanes.read), why)


@dataclass
class Course:
    """How a run went so far: its curve, seconds, how far it has come (0 to 1), and the loss lately, in nats per
    character."""

    curve: list[Progress] = field(default_factory=list)
    seconds: float = 0.0
    fraction: float = 0.0
    loss: float = 0.0

    def progress(self, step: int, characters: int) -> Progress:
        """Where the run stands, without a measurement."""
        bits = self.loss / math.log(2)
        return Progress(step, self.seconds, min(self.fraction, 1.0), bits, None, characters)

    def kept(self) -> Kept:
        """For a snapshot."""
        return Kept(asdict(self))

    def go_on(self, kept: Kept) -> None:
        """Becomes what was kept."""
        self.curve = [Progress(**point) for point in kept.values["curve"]]
        self.seconds, self.fraction, self.loss = (
            kept.values[name] for name in ("seconds", "fraction", "loss")
        )


def _limits(
    config: TrainConfig, pieces: Sequence[Piece], lanes: Lanes, step: int, seconds: float
) -> tuple[float, str]:
    """How far the run has come by the limit that is nearest, and the name of a limit that is reached.

    Where steps are counted, the clock may end the run but has no say in how far it has come: how fast the machine
    was must not show in the weights.
    """
    new = [number for number, piece in enumerate(pieces) if piece.role == "new"]
    passes = min(lanes.read[number] / len(pieces[number].learned) for number in new)
    spent = {"passes": passes / config.passes, "seconds": seconds / config.seconds}
    if config.steps is not None:
        spent["steps"] = step / config.steps
    reached = next((name for name, share in spent.items() if share >= 1.0), "")
    if config.steps is not None:
        del spent["seconds"]
    return max(spent.values()), reached
