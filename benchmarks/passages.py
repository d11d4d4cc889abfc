"""Passages of the held-out works, each with what really follows: prompts to write from, and the ceiling to compare with."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.novels import held_out
from model.corpus import for_learning
from model.text import sentences

LONG = 400  # characters of a passage, about
FOLLOWING = 300  # characters of what follows, about


@dataclass(frozen=True)
class Passage:
    """Whole sentences of a novel, and those that follow."""

    text: str
    following: str


def passages(seed: int = 0) -> list[Passage]:
    """All passages of the held-out works, none overlapping another, shuffled."""
    found = [passage for text in held_out().values() for passage in cut(text)]
    random.Random(seed).shuffle(found)
    return found


def cut(text: str) -> list[Passage]:
    """A text as passages, one after another; what is left over at its end is dropped."""
    left = iter(sentences(for_learning(text)))
    found = []
    while following := taken(left, LONG, then=FOLLOWING):
        found.append(following)
    return found


def taken(left: Iterable[str], first: int, *, then: int) -> Passage | None:
    """The next passage of `first` characters or more and the next `then` or more after it; None at the end."""
    parts: list[list[str]] = []
    for least in (first, then):
        part: list[str] = []
        for sentence in left:
            part.append(sentence)
            if sum(map(len, part)) >= least:
                break
        else:
            return None
        parts.append(part)
    return Passage(*(" ".join(part) for part in parts))
