"""A judge of Korean prose that wrote none of it: an interpolated Kneser-Ney model of characters.

It tells how much a text surprises someone who has read the novels (bits per character), and, with the
passage before it in mind, how much better it fits there than anywhere (pointwise mutual information).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import torch
from torch import Tensor

from model.corpus import for_learning

ORDER = 6  # characters of an n-gram, the guessed one included
ALPHABET = 12_000  # characters that might come, before anything was read: Hangul, marks, letters
CACHE_DOUBTS = (3000.0, 300.0, 30.0, 6.0, 3.0)  # how many occurrences the judgement without an n-gram weighs
_FACTOR = 6_364_136_223_846_793_005  # of the rolling hash, modulo 2^64 (Knuth's linear congruential constant)


def gram_hashes(codes: Tensor, orders: int) -> list[Tensor]:
    """Hashes of the n-grams that end at each position, n = 0 … orders; before the text stand zeros."""
    hashes = [torch.zeros_like(codes)]
    for _ in range(orders):
        before = torch.cat([codes.new_zeros(1), hashes[-1][:-1]])
        hashes.append(before * _FACTOR + codes + 1)
    return hashes


def code_points(text: str) -> Tensor:
    return torch.tensor([ord(char) for char in text], dtype=torch.int64)


@dataclass(frozen=True)
class Counts:
    """Numbers by hash: `values` [keys, columns] for sorted `keys`; zeros for every other hash."""

    keys: Tensor
    values: Tensor

    def of(self, hashes: Tensor) -> Tensor:
        if not len(self.keys):
            return torch.zeros(len(hashes), self.values.shape[1])
        places = torch.searchsorted(self.keys, hashes).clamp(max=len(self.keys) - 1)
        return self.values[places] * (self.keys[places] == hashes)[:, None]


def count_by(keys: Tensor, amounts: Tensor) -> Counts:
    """Sum of the amounts and number of entries of each key."""
    unique, inverse = keys.unique(return_inverse=True)
    columns = torch.stack([amounts, torch.ones_like(amounts)], 1)
    return Counts(unique, torch.zeros(len(unique), 2).index_add_(0, inverse, columns))


@dataclass(frozen=True)
class Order:
    """n-grams of one length: how often each (grams), and how much follows each context (contexts)."""

    grams: Counts
    contexts: Counts

    @cached_property
    def discount(self) -> float:
        """What is taken from each count for things unseen (Ney, Essen and Kneser 1994)."""
        once, twice = ((self.grams.values[:, 0] == n).sum().item() for n in (1, 2))
        return once / max(1, once + 2 * twice)

    def chances(self, hashes: Tensor, contexts: Tensor, shorter: Tensor) -> Tensor:
        """Probability of each n-gram's last character; `shorter` are those that the next shorter ones gave."""
        seen, (total, kinds) = self.grams.of(hashes)[:, 0], self.contexts.of(contexts).unbind(1)
        known = (seen - self.discount).clamp(min=0) + self.discount * kinds * shorter
        return torch.where(total > 0, known / total.clamp(min=1), shorter)


class Judge:
    """Interpolated Kneser-Ney over characters (Kneser and Ney 1995; Chen and Goodman 1999): lower orders count
    in how many different places an n-gram stood, not how often."""

    def __init__(self, orders: Sequence[Order]) -> None:
        self._orders = orders

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """A judge that has read these texts. A million characters take a few seconds."""
        codes = code_points("\n".join(map(for_learning, texts)))
        hashes = gram_hashes(codes, ORDER)
        ends = torch.arange(len(codes))
        amounts = torch.ones(len(codes))
        orders = []
        for n in range(ORDER, 0, -1):
            unique, inverse = hashes[n][ends].unique(return_inverse=True)
            counted = torch.zeros(len(unique)).index_add_(0, inverse, amounts)
            ends = torch.empty(len(unique), dtype=torch.int64).scatter_(0, inverse, ends)
            before = torch.cat([hashes[n - 1].new_zeros(1), hashes[n - 1][:-1]])
            orders.append(Order(Counts(unique, counted[:, None]), count_by(before[ends], counted)))
            amounts = torch.ones(len(unique))
        return cls(orders[::-1])

    def bits(self, text: str) -> float:
        """Surprise per character of a text."""
        return -self._read(text)[1].log2().mean().item()

    def fits(self, text: str, passages: Sequence[Cache]) -> list[float]:
        """log2 P(text | passage) - log2 P(text) for each passage: the bits of the text that it explains."""
        hashes, chances = self._read(text)
        return [(cache.raise_chances(chances, hashes) / chances).log2().sum().item() for cache in passages]

    def _read(self, text: str) -> tuple[list[Tensor], Tensor]:
        """Hashes of a text's n-grams, n = 0 … ORDER, a line end standing before it; and the probability of each of
        its characters, float64 [characters]."""
        hashes = gram_hashes(code_points("\n" + for_learning(text)), ORDER)
        chances = torch.full((len(hashes[0]) - 1,), 1 / ALPHABET, dtype=torch.float64)
        for n, order in enumerate(self._orders, 1):
            chances = order.chances(hashes[n][1:], hashes[n - 1][:-1], chances)
        return hashes, chances


class Cache:
    """A passage kept in mind: a cache language model (Kuhn and De Mori 1990) of its n-grams, each length smoothed
    towards the one below it as by a Dirichlet prior (MacKay and Peto 1995)."""

    def __init__(self, passage: str) -> None:
        hashes = gram_hashes(code_points(for_learning(passage)), len(CACHE_DOUBTS))
        self._orders = []
        for n in range(1, len(hashes)):
            once = torch.ones(len(hashes[n]) - n)
            self._orders.append((count_by(hashes[n][n:], once), count_by(hashes[n - 1][n - 1 : -1], once)))

    def raise_chances(self, chances: Tensor, hashes: Sequence[Tensor]) -> Tensor:
        """Chances of characters whose n-grams have these hashes, raised where the passage has the n-gram too."""
        for n, (doubt, (grams, contexts)) in enumerate(zip(CACHE_DOUBTS, self._orders, strict=True), 1):
            seen, total = grams.of(hashes[n][1:])[:, 0], contexts.of(hashes[n - 1][:-1])[:, 0]
            chances = (seen + doubt * chances) / (total + doubt)
        return chances


def preceding(judge: Judge, text: str, passages: Sequence[Cache]) -> int:
    """Which of the passages the judge takes for the one before the text."""
    fits = judge.fits(text, passages)
    return max(range(len(fits)), key=fits.__getitem__)
