"""Measuring: how much a text surprises a network."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from model.network import CharGRU
from model.tokenizer import UNKNOWN

STRETCH = 1_024  # characters measured side by side …
WARM_UP = 128  # … each after reading this many before it
ROWS, COLUMNS = 32, 128  # stretches and characters taken at a time, which bounds the memory it takes
SKIPPED = -100  # stands for what is read but not guessed
ESCAPE_BITS = math.log2(11_172)  # what it costs to say which character an unknown one is: any Hangul syllable


@dataclass(frozen=True)
class Stretch:
    """A part of a text (by its number): ids, the first `warm` of which are read only, and the style of reading."""

    text: int
    ids: Tensor
    warm: int
    style: int


@torch.no_grad()
def evaluate(network: CharGRU, texts: Sequence[tuple[Tensor, int]]) -> list[float]:
    """Bits per character of each text (ids, style). All are read side by side, long ones in stretches, each after
    reading the characters before it, so the figure is a little above one uninterrupted read. A character outside the
    vocabulary costs what it takes to spell it out: else a writer that knows few characters would seem the better one.
    NaN for a text too short to hold a guess."""
    network.eval()
    stretches = [
        Stretch(number, ids[max(0, at - WARM_UP) : at + STRETCH + 1], min(at, WARM_UP), style)
        for number, (ids, style) in enumerate(texts)
        for at in range(0, len(ids) - 1, STRETCH)
    ]
    stretches.sort(key=lambda stretch: len(stretch.ids))
    bits = [0.0] * len(texts)
    for at in range(0, len(stretches), ROWS):
        rows = stretches[at : at + ROWS]
        for stretch, value in zip(rows, _bits(network, rows), strict=True):
            bits[stretch.text] += value
    return [
        total / (len(ids) - 1) if len(ids) > 1 else math.nan
        for total, (ids, _) in zip(bits, texts, strict=True)
    ]


def _bits(network: CharGRU, stretches: Sequence[Stretch]) -> list[float]:
    """What the characters of each stretch cost in all."""
    device = network.bias.device
    block = nn.utils.rnn.pad_sequence([stretch.ids for stretch in stretches], True, SKIPPED)
    targets = block[:, 1:].clone()
    for row, stretch in enumerate(stretches):
        targets[row, : stretch.warm] = SKIPPED
    inputs, aims = block[:, :-1].clamp(min=0).to(device), targets.to(device)
    styles = torch.tensor([stretch.style for stretch in stretches])
    shares = one_hot(styles, len(network.styles)).to(device, network.bias.dtype)
    state, nats = network.blank_state(len(stretches)), torch.zeros(len(stretches), device=device)
    for at in range(0, inputs.shape[1], COLUMNS):
        scores, state = network(inputs[:, at : at + COLUMNS], shares, state)
        aim = aims[:, at : at + COLUMNS]
        costs = cross_entropy(scores.flatten(0, 1), aim.flatten(), ignore_index=SKIPPED, reduction="none")
        nats += costs.view_as(aim).sum(1)
    values: list[float] = (nats / math.log(2) + ESCAPE_BITS * (aims == UNKNOWN).sum(1)).tolist()
    return values
