"""Choosing the next character of every draft: how boldly, and what a draft refuses."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from model.config import SampleConfig
from model.drafting import CLOSING, ENDS, Draft, writable
from model.tokenizer import Tokenizer

ENDING_GAIN = 20.0  # how much likelier sentence ends become over the last 7 % of the length asked for
REFUSALS = 100  # characters refused one after another until a draft goes on with a stopgap


class Choice:
    """Chooses characters: temperature, then min-p (Nguyen et al. 2024, arXiv:2407.01082): of those at least `min_p`
    times as likely as the likeliest, one is drawn. One that the draft refuses is left out and another drawn."""

    def __init__(self, tokenizer: Tokenizer, config: SampleConfig, device: torch.device) -> None:
        self._vocabulary = tokenizer.vocabulary
        self._config = config
        barred = [0.0 if writable(char) else -math.inf for char in self._vocabulary]
        self._barred = torch.tensor(barred, device=device)
        self._ends = torch.tensor(
            [char in ENDS or char in CLOSING for char in self._vocabulary], device=device
        )

    def of(self, drafts: Sequence[Draft], chances: Tensor) -> list[str]:
        """The next character of every draft; chances are log probabilities [drafts, vocabulary]."""
        chars = [draft.due() for draft in drafts]
        left = self._weighed(drafts, chances)
        for _ in range(REFUSALS):
            rows = [row for row, char in enumerate(chars) if char is None]
            if not rows:
                break
            for row, number in zip(rows, self._draw([drafts[row] for row in rows], left[rows]), strict=True):
                char = self._vocabulary[number]
                if drafts[row].allows(char):
                    chars[row] = char
                else:
                    left[row, number] = -math.inf
        return [char or draft.stopgap() for char, draft in zip(chars, drafts, strict=True)]

    def _weighed(self, drafts: Sequence[Draft], chances: Tensor) -> Tensor:
        weighed = chances / self._config.temperature + self._barred
        gains = [math.log(1 + ENDING_GAIN * draft.lateness) for draft in drafts]
        if any(gains):
            weighed += torch.tensor(gains, device=chances.device)[:, None] * self._ends
        return weighed

    def _draw(self, drafts: Sequence[Draft], left: Tensor) -> list[int]:
        """A character's number for every draft, by its own luck, from log weights [drafts, vocabulary]."""
        if self._config.greedy:
            return left.argmax(1).tolist()
        highest = left.amax(1, keepdim=True).clamp(min=torch.finfo(left.dtype).min)
        weights = (left - highest).exp().double()
        sums = weights.masked_fill(weights < self._config.min_p, 0.0).cumsum(1)
        luck = [[draft.random.random()] for draft in drafts]
        points = torch.tensor(luck, dtype=sums.dtype, device=sums.device) * sums[:, -1:]
        return torch.searchsorted(sums, points, right=True).clamp(max=sums.shape[1] - 1)[:, 0].tolist()
