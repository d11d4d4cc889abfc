"""Learning."""

import copy
import functools
import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from model.config import TrainConfig
from model.corpus import Batch, Lanes, Piece
from model.measuring import evaluate
from model.network import CharGRU, Masks
from model.records import LossNotFinite, Progress
from model.recurrence import precision_on
from model.snapshot import Kept, Part, Snapshots
from model.tokenizer import UNKNOWN

MEASURED = 10_000  # held-out characters read at each point of a run's curve, so that measuring stays cheap
NEUTRAL_SHARE = 0.15  # of the lanes read without their style, so that style 0 learns from all texts
UNKNOWN_SHARE = 0.005  # of the characters read as unknown ones, so that the writer can go on after one


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


class Learner:
    """Updates a network, one window of every lane at a time.

    On a CPU the lanes are shared out among threads, each of which works alone: the products of a recurrent network
    are too small for several threads to gain by sharing one. Gradients are added in the threads' order, so a run
    can be repeated exactly with the same number of threads.
    """

    def __init__(self, network: CharGRU, config: TrainConfig, rate: float) -> None:
        self._network, self._config, self._rate = network, config, rate
        self._device = network.bias.device
        self._parameters = [weight for weight in network.parameters() if weight.numel()]
        self._optimiser = torch.optim.AdamW(
            self._parameters, lr=rate, weight_decay=config.weight_decay, betas=(0.9, 0.98), fused=True
        )
        self._precision = precision_on(self._device)
        threads = config.threads or torch.get_num_threads() if self._device.type == "cpu" else 1
        shards = min(threads, config.batch)
        self._shards = torch.arange(config.batch).chunk(shards)
        self._pool = ThreadPoolExecutor(shards, initializer=torch.set_num_threads, initargs=(1,))
        self._random = torch.Generator().manual_seed(config.seed)
        self._state = network.blank_state(config.batch)
        self.steps = 0

    def step(self, batch: Batch, fraction: float) -> float:
        """One update; returns the loss (nats per character). Raises `LossNotFinite` and leaves the weights alone."""
        self._network.train()
        self.steps += 1
        for group in self._optimiser.param_groups:
            group["lr"] = self._rate * _schedule(fraction)
        work = self._prepare(batch)
        results = list(self._pool.map(lambda rows: self._gradients(work, rows), self._shards))
        loss = sum(loss for loss, _, _ in results)
        for weight, *gradients in zip(self._parameters, *(found for _, found, _ in results), strict=True):
            weight.grad = functools.reduce(Tensor.add_, gradients)
        length = nn.utils.clip_grad_norm_(self._parameters, self._config.clip)
        if not math.isfinite(loss) or not math.isfinite(length):
            raise LossNotFinite(self.steps)
        self._optimiser.step()
        self._state = torch.cat([state for _, _, state in results], 1)
        return loss

    def kept(self) -> Kept:
        """For a snapshot: the weights, the optimiser's averages, the lanes' states and the source of chance."""
        averages = {
            f"{number} {name}": value
            for number, values in self._optimiser.state_dict()["state"].items()
            for name, value in values.items()
        }
        own = {"state": self._state, "random": self._random.get_state()}
        return Kept({"steps": self.steps}, {**self._network.state_dict(), **averages, **own})

    def go_on(self, kept: Kept) -> None:
        """Becomes what was kept of a learner of the same network and settings."""
        tensors = dict(kept.tensors)
        self.steps = kept.values["steps"]
        self._state = tensors.pop("state").to(self._state)
        self._random.set_state(tensors.pop("random"))
        self._network.load_state_dict({name: tensors.pop(name) for name in self._network.state_dict()})
        averages: dict[int, dict[str, Tensor]] = {}
        for key, value in tensors.items():
            number, name = key.split(" ")
            averages.setdefault(int(number), {})[name] = value
        self._optimiser.load_state_dict({**self._optimiser.state_dict(), "state": averages})

    def _prepare(self, batch: Batch) -> "Work":
        def chance(share: float, like: Tensor) -> Tensor:
            return torch.rand(like.shape, generator=self._random) < share

        network, device = self._network, self._device
        inputs = batch.inputs.masked_fill(chance(UNKNOWN_SHARE, batch.inputs), UNKNOWN)
        styles = batch.styles.masked_fill(chance(NEUTRAL_SHARE, batch.styles), 0)
        return Work(
            inputs.to(device),
            batch.targets.to(device),
            one_hot(styles, len(network.styles)).to(device, network.bias.dtype),
            self._state.masked_fill(batch.fresh.to(device)[None, :, None], 0.0),
            network.masks(len(inputs), self._random),
        )

    def _gradients(self, work: "Work", rows: Tensor) -> tuple[float, tuple[Tensor, ...], Tensor]:
        """Some lanes' part of the loss and of its gradient, and their states."""
        share = len(rows) / self._config.batch
        masks = Masks(work.masks.characters[rows], work.masks.layers[:, rows])
        loss, state = self._network.loss(
            work.inputs[rows],
            work.targets[rows],
            work.styles[rows],
            work.state[:, rows],
            masks,
            self._precision,
        )
        return loss.item() * share, torch.autograd.grad(loss * share, self._parameters), state


@dataclass(frozen=True)
class Work:
    """A batch on the network's device: inputs and targets [lanes, window], style shares [lanes, styles],
    states [layers, lanes, hidden] and what is left out."""

    inputs: Tensor
    targets: Tensor
    styles: Tensor
    state: Tensor
    masks: Masks


def _schedule(fraction: float) -> float:
    """The learning rate over a run: a short rise, then half a cosine down to a twentieth."""
    if fraction < 0.03:
        return (fraction + 0.003) / 0.033
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(fraction, 1.0)))


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


class Best:
    """Keeps the weights that did best on held-out text.

    What is judged and kept are the newest weights averaged with those at the beginning, of which a share stays
    (WiSE-FT: Wortsman et al. 2022, arXiv:2109.01903): half way back, most of what was learned is still there, and
    most of what learning it had displaced is there again. Where none of the new texts is long enough to have a part
    held out, the newest weights are the best: rehearsed text alone would judge that nothing should be learned.
    """

    def __init__(self, network: CharGRU, pieces: Sequence[Piece], patience: int, keeping: float) -> None:
        self._network = network
        self._beginning = copy.deepcopy(network)
        self._keeping = keeping
        self._pieces = [piece for piece in pieces if len(piece.held_out) > 1]
        self._most = MEASURED // max(1, len(self._pieces)) + 1
        self._judges = any(piece.role == "new" for piece in self._pieces)
        self._patience = patience
        self._since = 0
        self._lowest = math.inf
        self._best: CharGRU | None = None

    @property
    def out_of_patience(self) -> bool:
        return self._since >= self._patience

    def measure(self) -> float | None:
        """Bits per character on held-out text, weighted by shares; None if none is held out."""
        if not self._pieces:
            return None
        averaged = self._averaged()
        bits = evaluate(averaged, [(piece.held_out[: self._most], piece.style) for piece in self._pieces])
        shares = [piece.share for piece in self._pieces]
        value = sum(b * share for b, share in zip(bits, shares, strict=True)) / sum(shares)
        if not self._judges:
            return value
        self._since += 1
        if value < self._lowest:
            self._lowest, self._since, self._best = value, 0, averaged
        return value

    def kept(self) -> Kept:
        """For a snapshot."""
        weights = self._best.state_dict() if self._best else {}
        return Kept({"since": self._since, "lowest": self._lowest}, weights)

    def go_on(self, kept: Kept) -> None:
        """Becomes what was kept."""
        self._since, self._lowest = kept.values["since"], kept.values["lowest"]
        if kept.tensors:
            self._best = copy.deepcopy(self._network)
            self._best.load_state_dict(kept.tensors)

    def restore(self) -> None:
        """Leaves the best weights in the network; the newest, where nothing judged them."""
        self._network.load_state_dict((self._best or self._averaged()).state_dict())

    @torch.no_grad()
    def _averaged(self) -> CharGRU:
        averaged = copy.deepcopy(self._network)
        for weight, before in zip(averaged.parameters(), self._beginning.parameters(), strict=True):
            weight.lerp_(before, self._keeping)
        return averaged
