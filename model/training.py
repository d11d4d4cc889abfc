"""Learning and measuring."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from model.config import TrainConfig
from model.corpus import Batch, Lanes, Piece
from model.network import CharGRU
from model.records import LossNotFinite, Progress
from model.tokenizer import UNKNOWN

STRETCH = 1_024  # characters measured side by side …
WARM_UP = 128  # … each after reading this many before it
NEUTRAL_SHARE = 0.15  # of the lanes read without their style, so that style 0 learns from all texts
ESCAPE_BITS = math.log2(11_172)  # what it costs to say which character an unknown one is: any Hangul syllable
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
    progress: Callable[[Progress], None],
    stop: Callable[[], bool],
) -> Outcome:
    """Teaches the network and leaves in it the weights that did best on held-out text, if there is any.

    Raises `LossNotFinite`. Truncated backpropagation: each lane's state is carried to its next window,
    gradients are not.
    """
    started = time.monotonic()
    torch.manual_seed(config.seed)
    lanes = Lanes(pieces, lanes=config.batch, window=config.window, seed=config.seed)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=rate, weight_decay=config.weight_decay, betas=(0.9, 0.98), fused=True
    )
    state = network.blank_state(config.batch)
    best = Best(network, pieces, config.patience)
    curve: list[Progress] = []
    step, fraction, recent, why = 0, 0.0, 0.0, ""
    while not why:
        for group in optimiser.param_groups:
            group["lr"] = rate * _schedule(fraction)
        loss, state = _step(network, lanes.next(), state, optimiser, config.clip)
        step += 1
        if not math.isfinite(loss):
            raise LossNotFinite(step)
        recent += (loss - recent) * max(1 / step, 0.05)
        seconds = time.monotonic() - started
        fraction, why = _limits(config, pieces, lanes, step, seconds)
        why = "asked" if stop() else why
        if why or fraction * config.evaluations >= len(curve) + 1:
            curve.append(Progress(step, seconds, min(fraction, 1.0), recent / math.log(2), best.measure()))
            progress(curve[-1])
            why = why or ("early" if best.out_of_patience else "")
    best.restore()
    return Outcome(tuple(curve), step, tuple(lanes.read), why)


def _step(
    network: CharGRU, batch: Batch, state: Tensor, optimiser: torch.optim.Optimizer, clip: float
) -> tuple[float, Tensor]:
    """One update; returns the loss (nats per character) and the state to carry on."""
    network.train()
    device = network.bias.device
    inputs = batch.inputs.masked_fill(torch.rand(batch.inputs.shape) < UNKNOWN_SHARE, UNKNOWN)
    styles = batch.styles.masked_fill(torch.rand(batch.styles.shape) < NEUTRAL_SHARE, 0)
    shares = one_hot(styles, len(network.styles)).to(device, network.bias.dtype)
    state = state.detach().masked_fill(batch.fresh.to(device)[None, :, None], 0.0)
    scores, state = network(inputs.to(device), shares, state)
    loss = cross_entropy(scores.flatten(0, 1), batch.targets.to(device).flatten())
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), clip)
    if math.isfinite(value := loss.item()):
        optimiser.step()
    return value, state


def _schedule(fraction: float) -> float:
    """The learning rate over a run: a short rise, then half a cosine down to a twentieth."""
    if fraction < 0.03:
        return (fraction + 0.003) / 0.033
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(fraction, 1.0)))


def _limits(
    config: TrainConfig, pieces: Sequence[Piece], lanes: Lanes, step: int, seconds: float
) -> tuple[float, str]:
    """How far the run has come by the limit that is nearest, and that limit's name once it is reached."""
    new = [number for number, piece in enumerate(pieces) if piece.role == "new"]
    passes = min(lanes.read[number] / len(pieces[number].learned) for number in new)
    spent = {"seconds": seconds / config.seconds, "passes": passes / config.passes}
    if config.steps is not None:
        spent["steps"] = step / config.steps
    nearest = max(spent, key=lambda name: spent[name])
    return spent[nearest], nearest if spent[nearest] >= 1.0 else ""


class Best:
    """Keeps the weights that did best on held-out text.

    Where none of the new texts is long enough to have a part held out, the newest weights are the best:
    rehearsed text alone would judge that nothing should be learned.
    """

    def __init__(self, network: CharGRU, pieces: Sequence[Piece], patience: int) -> None:
        self._network = network
        self._pieces = [piece for piece in pieces if len(piece.held_out) > 1]
        self._judges = any(piece.role == "new" for piece in self._pieces)
        self._patience = patience
        self._since = 0
        self._lowest = math.inf
        self._weights: dict[str, Tensor] | None = None

    @property
    def out_of_patience(self) -> bool:
        return self._since >= self._patience

    def measure(self) -> float | None:
        """Bits per character on held-out text, weighted by shares; None if none is held out."""
        if not self._pieces:
            return None
        bits = evaluate(self._network, [(piece.held_out, piece.style) for piece in self._pieces])
        shares = [piece.share for piece in self._pieces]
        value = sum(b * share for b, share in zip(bits, shares, strict=True)) / sum(shares)
        if not self._judges:
            return value
        self._since += 1
        if value < self._lowest:
            self._lowest, self._since = value, 0
            self._weights = {name: weight.clone() for name, weight in self._network.state_dict().items()}
        return value

    def restore(self) -> None:
        if self._weights is not None:
            self._network.load_state_dict(self._weights)


@torch.no_grad()
def evaluate(network: CharGRU, texts: Sequence[tuple[Tensor, int]]) -> list[float]:
    """Bits per character of each text (ids, style). Long texts are measured in stretches side by side,
    each after reading the characters before it, so the figure is a little above one uninterrupted read.
    A character outside the vocabulary costs what it takes to spell it out: else a writer that knows few
    characters would seem the better one. NaN for a text too short to hold a guess."""
    network.eval()
    totals = []
    for ids, style in texts:
        if len(ids) < 2:
            totals.append(math.nan)
            continue
        starts = range(0, len(ids) - 1, STRETCH)
        rows = [(ids[max(0, at - WARM_UP) : at + STRETCH + 1], min(at, WARM_UP)) for at in starts]
        block = nn.utils.rnn.pad_sequence([row for row, _ in rows], batch_first=True, padding_value=-100)
        targets = block[:, 1:].clone()
        for number, (_, warm) in enumerate(rows):
            targets[number, :warm] = -100
        bits = _nats(network, block[:, :-1].clamp(min=0), targets, style) / math.log(2)
        bits += ESCAPE_BITS * int((targets == UNKNOWN).sum())
        totals.append(bits / (len(ids) - 1))
    return totals


def _nats(network: CharGRU, inputs: Tensor, targets: Tensor, style: int) -> float:
    """Summed surprise over the targets that are not -100, a few rows and columns at a time to bound memory."""
    device, total = network.bias.device, 0.0
    for rows in range(0, len(inputs), 32):
        part, aim = inputs[rows : rows + 32].to(device), targets[rows : rows + 32].to(device)
        shares = one_hot(torch.full((len(part),), style), len(network.styles)).to(device, network.bias.dtype)
        state = network.blank_state(len(part))
        for at in range(0, part.shape[1], 128):
            scores, state = network(part[:, at : at + 128], shares, state)
            total += cross_entropy(
                scores.flatten(0, 1), aim[:, at : at + 128].flatten(), ignore_index=-100, reduction="sum"
            ).item()
    return total
