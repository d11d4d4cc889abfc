"""What a text shares with the texts that were read, by hashes of windows of eight characters.

Windows are taken over the visible characters (spaces and line ends are left out), so that a copy with
other spacing is found too. Two windows have the same 63-bit hash by chance about never.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import torch
from torch import Tensor

WINDOW = 8
_PRIME = 1_099_511_628_211
_MASK = (1 << 63) - 1
_POWERS = [pow(_PRIME, WINDOW - 1 - place, 1 << 64) for place in range(WINDOW)]


def visible(text: str) -> str:
    """The text without its spaces and line ends."""
    return "".join(text.split())


def window_hash(window: str) -> int:
    """The hash of exactly eight visible characters: a polynomial in their code points, modulo 2^63."""
    return sum(ord(char) * power for char, power in zip(window, _POWERS, strict=True)) & _MASK


def window_hashes(text: str) -> Tensor:
    """The hashes of all windows of a text, in order: int64 [visible characters - 7]."""
    codes = torch.tensor([ord(char) for char in visible(text)], dtype=torch.int64)
    if len(codes) < WINDOW:
        return torch.empty(0, dtype=torch.int64)
    signed = [power - (1 << 64) if power >> 63 else power for power in _POWERS]
    return (codes.unfold(0, WINDOW, 1) * torch.tensor(signed)).sum(1) & _MASK


@dataclass(frozen=True)
class Overlap:
    """Longest run of visible characters shared, share of windows shared, and the spans [start, end) of
    shared runs, counted in visible characters."""

    longest: int
    share: float
    spans: tuple[tuple[int, int], ...]


class WindowIndex:
    """The windows of all texts read, as sorted hashes."""

    def __init__(self, hashes: Tensor | None = None) -> None:
        self.hashes = torch.empty(0, dtype=torch.int64) if hashes is None else hashes

    def add(self, texts: Iterable[str]) -> None:
        """Takes in the windows of more texts."""
        self.hashes = torch.cat([self.hashes, *map(window_hashes, texts)]).unique()  # type: ignore[no-untyped-call]

    def contains(self, hashes: Tensor) -> Tensor:
        """Which of these hashes belong to a text read: bool, same shape."""
        if not len(self.hashes):
            return torch.zeros_like(hashes, dtype=torch.bool)
        places = torch.searchsorted(self.hashes, hashes).clamp(max=len(self.hashes) - 1)
        return self.hashes[places] == hashes

    def knows(self, window: str) -> bool:
        """Whether these eight visible characters stand in a text read."""
        return bool(self.contains(torch.tensor([window_hash(window)]))[0])

    def overlap(self, text: str) -> Overlap:
        """What a text shares with those read. Windows that touch are taken as one run, so a run made of
        two neighbouring shorter ones counts as longer than it is: it errs towards caution."""
        shared: Sequence[bool] = self.contains(window_hashes(text)).tolist()
        spans, at = [], 0
        for hit, group in groupby(shared):
            length = len(list(group))
            if hit:
                spans.append((at, at + length + WINDOW - 1))
            at += length
        longest = max((end - start for start, end in spans), default=0)
        return Overlap(longest, sum(shared) / len(shared) if shared else 0.0, tuple(spans))
