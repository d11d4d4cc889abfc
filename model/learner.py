"""The updates of a run: loss, gradient, optimiser."""

import functools
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from model.config import TrainConfig
from model.corpus import Batch
from model.network import CharGRU, Masks
from model.optimizer import FusedAdamW
from model.records import LossNotFinite
from model.recurrence import precision_on
from model.snapshot import Kept
from model.tokenizer import UNKNOWN

NEUTRAL_SHARE = 0.15  # of the lanes read without their style, so that style 0 learns from all texts
UNKNOWN_SHARE = 0.005  # of the characters read as unknown ones, so that the writer can go on after one


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
        self._optimiser = FusedAdamW(self._parameters, weight_decay=config.weight_decay, betas=(0.9, 0.98))
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
        work = self._prepare(batch)
        results = list(self._pool.map(lambda rows: self._gradients(work, rows), self._shards))
        loss = sum(loss for loss, _, _ in results)
        for weight, *gradients in zip(self._parameters, *(found for _, found, _ in results), strict=True):
            weight.grad = functools.reduce(Tensor.add_, gradients)
        length = nn.utils.clip_grad_norm_(self._parameters, self._config.clip)
        if not math.isfinite(loss) or not math.isfinite(length):
            raise LossNotFinite(self.steps)
        self._optimiser.step(self._rate * _schedule(fraction))
        self._state = torch.cat([state for _, _, state in results], 1)
        return loss

    def kept(self) -> Kept:
        """For a snapshot: the weights, the optimiser's averages, the lanes' states and the source of chance."""
        own = {"state": self._state, "random": self._random.get_state()}
        return Kept({"steps": self.steps}, {**self._network.state_dict(), **self._optimiser.state(), **own})

    def go_on(self, kept: Kept) -> None:
        """Becomes what was kept of a learner of the same network and settings."""
        tensors = dict(kept.tensors)
        self.steps = kept.values["steps"]
        self._state = tensors.pop("state").to(self._state)
        self._random.set_state(tensors.pop("random"))
        self._network.load_state_dict({name: tensors.pop(name) for name in self._network.state_dict()})
        self._optimiser.load_state(tensors)

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
