"""What a text shares with the texts that were read: a positional index of their windows, and a guard.

A window is eight visible characters in a row (spaces and line ends are left out, so that a copy with other
spacing is found too). The index keeps the hash of every window of every text read, in the order of the text;
sorted by hash, each with its place, the windows are an inverted index with positions (Manning, Raghavan and
Schütze 2008, Introduction to Information Retrieval, 2.4.2). A run goes on only where the next window stands at
the next place of the same text, so runs are exact up to chance: a window that was never read is taken for one of
n that were with odds of n in 2^40 (n = 700,000: one in 1.6 million), a run of two with the square of that.

No text is kept, but the hashes of a text in order are no secret either: they can be spelled out by trying.
"""

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from operator import mul
from typing import Self

import torch
from torch import Tensor

from model.seal import CheckpointDamaged
from model.text import visible

WINDOW = 8
BITS = 40
BYTES = BITS // 8  # that a window takes in a checkpoint
MOST_PLACES = 2_000  # of a window that are looked at; in a million characters of novels the commonest has 35
WORD_ROOM = 6  # characters that must be left of the limit where a word along a source begins …
LETTER_ROOM = 3  # … after a letter, for a full stop, a closing mark and a space …
MARK_ROOM = 1  # … and after a mark, for a space

# Numbers nobody picked, for multilinear hashing: of windows that differ, any two agree with odds of 1 in 2^40
# (Lemire and Kaser 2014, arXiv:1202.4961: 64-bit multipliers, characters of 21 bits, the 40 upper bits kept).
_MULTIPLIERS = [
    int.from_bytes(hashlib.sha256(f"window {place}".encode()).digest()[:8], signed=True)
    for place in range(WINDOW)
]
_MASK = (1 << BITS) - 1


def window_hash(codes: Iterable[int]) -> int:
    """The hash of the code points of exactly eight visible characters."""
    total: int = sum(map(mul, codes, _MULTIPLIERS))
    return total >> (64 - BITS) & _MASK


def window_hashes(text: str) -> Tensor:
    """The hashes of all windows of a text, in order: int64 [visible characters - 7]."""
    encoded = bytearray(visible(text).encode("utf-32-le", "surrogatepass"))
    count = len(encoded) // 4 - WINDOW + 1
    if count < 1:
        return torch.empty(0, dtype=torch.int64)
    codes = torch.frombuffer(encoded, dtype=torch.int32).long()
    total = torch.zeros(count, dtype=torch.int64)
    for place, multiplier in enumerate(_MULTIPLIERS):
        total += codes[place : place + count] * multiplier
    return total >> (64 - BITS) & _MASK


@dataclass(frozen=True)
class Source:
    """A text that was read: its name, which several may share, and the hashes of its windows in order."""

    name: str
    hashes: Tensor


@dataclass(frozen=True)
class Span:
    """text[start:end] stands in a source, whatever its spaces, and no longer span of this source holds it."""

    start: int
    end: int
    source: str


@dataclass(frozen=True)
class Overlap:
    """What a text shares: visible characters of the longest run, share of the text's windows that were read
    somewhere, and every span of eight visible characters or more, in the order of their ends."""

    longest: int
    share: float
    spans: tuple[Span, ...]


class WindowIndex:
    """The windows of all texts read, each with its place. Does not change."""

    def __init__(self, sources: Sequence[Source] = ()) -> None:
        self.sources = tuple(sources)
        lengths = torch.tensor([len(source.hashes) for source in self.sources], dtype=torch.int64)
        # One place is left free between two texts, so that no run goes on from one into the next.
        numbers = torch.arange(len(lengths)).repeat_interleave(lengths)
        places = torch.arange(len(numbers)) + numbers
        self._begins = (lengths.cumsum(0) - lengths + torch.arange(len(lengths))).tolist()
        hashes, order = _joined(self.sources).sort(stable=True)
        self._hashes = hashes.numpy().data
        self._places = places[order].int().numpy().data

    def including(self, texts: Iterable[tuple[str, str]]) -> Self:
        """The same with more texts (name, text); one that is there already, under that name, is not added."""
        sources = list(self.sources)
        for name, text in texts:
            hashes = window_hashes(text)
            if not any(name == known.name and torch.equal(hashes, known.hashes) for known in sources):
                sources.append(Source(name, hashes))
        return type(self)(sources)

    def places(self, codes: Iterable[int]) -> Sequence[int]:
        """Where a window (eight code points) stands in the texts read, in rising order: its first places, if many."""
        wanted = window_hash(codes)
        first = bisect_left(self._hashes, wanted)
        if first == len(self._hashes) or self._hashes[first] != wanted:
            return ()
        most = min(len(self._hashes), first + MOST_PLACES)
        return self._places[first : bisect_right(self._hashes, wanted, first, most)]

    def name_at(self, place: int) -> str:
        """The name of the text that a place lies in."""
        return self.sources[bisect_right(self._begins, place) - 1].name

    def overlap(self, text: str) -> Overlap:
        """What a text shares with those read: for each source its super-maximal exact matches (as in Li 2012,
        doi:10.1093/bioinformatics/bts280)."""
        follower, end, found = Follower(self), 0, 0
        open_spans: dict[str, int] = {}
        spans: list[Span] = []
        for at, char in enumerate(text):
            follower.add(char)
            if char.isspace():
                continue
            begun = self._earliest(follower.runs)
            spans += [
                Span(start, end, name) for name, start in open_spans.items() if begun.get(name) != start
            ]
            open_spans, end = begun, at + 1
            found += bool(begun)
        spans += [Span(start, end, name) for name, start in open_spans.items()]
        longest = max((len(visible(text[span.start : span.end])) for span in spans), default=0)
        return Overlap(longest, found / max(1, len(visible(text)) - WINDOW + 1), tuple(spans))

    def _earliest(self, runs: Mapping[int, int]) -> dict[str, int]:
        """Where in the text the longest run begins, for each source that has one."""
        begun: dict[str, int] = {}
        for place, start in runs.items():
            name = self.name_at(place)
            begun[name] = min(start, begun.get(name, start))
        return begun

    def to_tensors(self) -> dict[str, Tensor]:
        """What a checkpoint keeps: windows, uint8 [windows, 5], their hashes, lowest byte first, text after text;
        lengths, int64 [texts], how many windows each has; names, uint8, the texts' names as JSON."""
        names = json.dumps([source.name for source in self.sources], ensure_ascii=False)
        return {
            "windows": _joined(self.sources).view(torch.uint8).view(-1, 8)[:, :BYTES].contiguous(),
            "lengths": torch.tensor([len(source.hashes) for source in self.sources], dtype=torch.int64),
            "names": torch.frombuffer(bytearray(names.encode()), dtype=torch.uint8),
        }

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> Self:
        """The index that was kept. Raises `CheckpointDamaged` if this is none of the form above."""
        if tensors.keys() != {"windows", "lengths", "names"}:
            raise CheckpointDamaged("the index of what was read is of another form than this version's")
        names = json.loads(bytes(tensors["names"].tolist()))
        hashes = torch.zeros(len(tensors["windows"]), 8, dtype=torch.uint8)
        hashes[:, :BYTES] = tensors["windows"]
        parts = torch.split_with_sizes(hashes.view(torch.int64).flatten(), tensors["lengths"].tolist())
        return cls([Source(name, part) for name, part in zip(names, parts, strict=True)])


def _joined(sources: Sequence[Source]) -> Tensor:
    return torch.cat([torch.empty(0, dtype=torch.int64), *(source.hashes for source in sources)])


class Follower:
    """Follows a text one character at a time and knows where, in the texts read, its end stands.

    `runs` tells for each place of its last window where in the text the run that goes on there began: this set of
    places moves along with the text as the states of a suffix automaton would.
    """

    def __init__(self, index: WindowIndex) -> None:
        self.runs: dict[int, int] = {}
        self.length = 0
        self._index = index
        self._codes: deque[int] = deque(maxlen=WINDOW - 1)  # of the last visible characters …
        self._offsets: deque[int] = deque(maxlen=WINDOW - 1)  # … and where they stand

    @property
    def can_match(self) -> bool:
        """Whether the next visible character completes a window."""
        return len(self._codes) == WINDOW - 1

    @property
    def earliest(self) -> int:
        """Where a run that the next visible character belongs to may have begun."""
        return min(self.runs.values(), default=self._offsets[0])

    def after(self, char: str) -> dict[int, int]:
        """The runs there will be if this visible character comes next."""
        if not self.can_match:
            return {}
        places = self._index.places((*self._codes, ord(char)))
        return {place: self.runs.get(place - 1, self._offsets[0]) for place in places}

    def add(self, char: str) -> None:
        """Goes on by one character."""
        if not char.isspace():
            self.runs = self.after(char)
            self._codes.append(ord(char))
            self._offsets.append(self.length)
        self.length += 1

    def copy(self) -> "Follower":
        """Another one that stands where this one does."""
        twin = Follower(self._index)
        twin.runs, twin.length = self.runs, self.length
        twin._codes, twin._offsets = self._codes.copy(), self._offsets.copy()
        return twin


class CopyGuard:
    """Keeps a draft from sharing more than `limit` characters in a row, spaces counted, with a text that was read.

    A run that began in what stands before the draft counts too. Spaces are always allowed, since letters and marks
    leave room for one before the run and for what may have to follow; a draft has no two in a row. A run is broken
    off early where a word would come too close to the limit: there another word makes sense, within one nothing
    does.
    """

    def __init__(self, index: WindowIndex, limit: int, before: str = "") -> None:
        self._limit = limit - 1
        self._follower = Follower(index)
        self._last = "\n"
        for char in before:
            self.add(char)

    def allows(self, text: str) -> bool:
        """Whether the draft may go on with this text of one character or more."""
        if len(text) == 1:
            return self._allows_next(text)
        trial = self._copy()
        for char in text:
            if not trial._allows_next(char):
                return False
            trial.add(char)
        return True

    def add(self, char: str) -> None:
        """Goes on by one character."""
        self._follower.add(char)
        self._last = char

    def _allows_next(self, char: str) -> bool:
        follower = self._follower
        if char.isspace() or not follower.can_match:
            return True
        most = self._limit - self._room(char)
        if follower.length + 1 - follower.earliest <= most:
            return True
        return all(follower.length + 1 - start <= most for start in follower.after(char).values())

    def _room(self, char: str) -> int:
        if self._last.isspace():
            return WORD_ROOM
        return LETTER_ROOM if char.isalnum() else MARK_ROOM

    def _copy(self) -> "CopyGuard":
        twin = copy(self)
        twin._follower = self._follower.copy()
        return twin
