"""Texts to batches for truncated backpropagation, mixed by shares."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from model.records import LearningRefused, LearningText, Role
from model.snapshot import Kept
from model.text import normalise
from model.tokenizer import EDGE, Tokenizer

LEAST_CHARACTERS = 100
MOST_CHARACTERS = 10_000_000  # of one run; preparing a million takes seconds, and some hundred bytes each
HELD_OUT_SHARE = 0.06
HELD_OUT_MOST = 2_500
HELD_OUT_FROM = 2_500  # shorter texts are learned whole
VISIT = 2_048  # characters that a lane reads on through a text before it takes another

HANJA_GLOSS = re.compile(r"\(\s*[\u3400-\u9fff\uf900-\ufaff][\u3400-\u9fff\uf900-\ufaff\s·,]*\)")
SPEECH_MARKS = str.maketrans({"｢": "“", "｣": "”", "「": "“", "」": "”", "『": "‘", "』": "’"})
STRAY_SPACE = re.compile(r"(?<=[가-힣”’]) +(?=[.,?!](?:[\s”’]|$))")
STRAIGHT_QUOTES = re.compile(r'"([^"\n]+)["”]')


def for_learning(text: str) -> str:
    """The form the writer reads: one kind of speech mark, no hanja glosses, no blank lines, no stray spaces."""
    text = STRAIGHT_QUOTES.sub(r"“\1”", normalise(text).translate(SPEECH_MARKS)).replace('"', "")
    text = STRAY_SPACE.sub("", HANJA_GLOSS.sub("", text))
    return re.sub("\n{2,}", "\n", normalise(text))


@dataclass(frozen=True)
class Piece:
    """A text as ids: the part that is learned, and the part held out (empty for short texts)."""

    learned: Tensor
    held_out: Tensor
    style: int
    share: float
    role: Role


def check_amount(texts: Sequence[LearningText]) -> None:
    """Raises `LearningRefused` if preparing these texts would take too long, and too much memory."""
    if sum(len(text.text) for text in texts) > MOST_CHARACTERS:
        raise LearningRefused("too-long", most=f"{MOST_CHARACTERS:,}")


def check(texts: Sequence[str]) -> None:
    """Raises `LearningRefused` if there is nothing to learn from prepared texts."""
    whole = "".join(texts)
    if len(whole) < LEAST_CHARACTERS:
        raise LearningRefused("too-short", least=str(LEAST_CHARACTERS))
    if len(set(whole)) < 10:
        raise LearningRefused("monotonous")


def make_piece(text: LearningText, prepared: str, tokenizer: Tokenizer, style: int) -> Piece:
    """Cuts off the end of a text to be held out. The cut depends on the text alone, so that a rehearsed
    text never shows the part that was held out when it was new."""
    ids = torch.tensor([EDGE, *tokenizer.encode(prepared), EDGE])
    held = min(int(len(prepared) * HELD_OUT_SHARE), HELD_OUT_MOST) if len(prepared) >= HELD_OUT_FROM else 0
    return Piece(ids[: len(ids) - held], ids[len(ids) - held :], style, text.share, text.role)


def frequencies(pieces: Sequence[Piece], vocabulary: int) -> Tensor:
    """How often each character occurs in what is learned: [vocabulary]."""
    return torch.bincount(torch.cat([piece.learned for piece in pieces]), minlength=vocabulary)


@dataclass(frozen=True)
class Batch:
    """Inputs and targets [lanes, window]; each lane's style; whether a lane starts afresh (no state carried)."""

    inputs: Tensor
    targets: Tensor
    styles: Tensor
    fresh: Tensor


class Lanes:
    """Parallel streams of text. A lane visits a stretch of a piece, window after window, then goes on to
    the piece that lags furthest behind its share; each piece's stretches come in shuffled order, all once
    before any comes twice."""

    def __init__(self, pieces: Sequence[Piece], *, lanes: int, window: int, seed: int) -> None:
        self._random = random.Random(seed)
        self._window = window
        self._pieces = [_long_enough(piece.learned, window) for piece in pieces]
        self._styles = [piece.style for piece in pieces]
        total = sum(piece.share for piece in pieces)
        self._shares = [piece.share / total for piece in pieces]
        self._served = [0] * len(pieces)
        self._visits: list[list[list[int]]] = [[] for _ in pieces]
        self._lanes: list[tuple[int, list[int]]] = [(0, [])] * lanes

    @property
    def read(self) -> list[int]:
        """Characters read so far of each piece."""
        return self._served

    def kept(self) -> Kept:
        """For a snapshot."""
        return Kept(
            {
                "random": self._random.getstate(),
                "served": self._served,
                "visits": self._visits,
                "lanes": self._lanes,
            }
        )

    def go_on(self, kept: Kept) -> None:
        """Becomes what was kept of lanes of the same texts and settings."""
        version, numbers, gauss = kept.values["random"]
        self._random.setstate((version, tuple(numbers), gauss))
        self._served, self._visits = kept.values["served"], kept.values["visits"]
        self._lanes = [(number, starts) for number, starts in kept.values["lanes"]]

    def next(self) -> Batch:
        """The next window of every lane."""
        rows, styles, fresh = [], [], []
        for lane, (number, starts) in enumerate(self._lanes):
            fresh.append(not starts)
            if not starts:
                number, starts = self._visit()
                self._lanes[lane] = (number, starts)
            start = starts.pop(0)
            rows.append(self._pieces[number][start : start + self._window + 1])
            styles.append(self._styles[number])
        block = torch.stack(rows)
        return Batch(block[:, :-1], block[:, 1:], torch.tensor(styles), torch.tensor(fresh))

    def _visit(self) -> tuple[int, list[int]]:
        total = sum(self._served) + 1
        number = max(range(len(self._pieces)), key=lambda n: self._shares[n] * total - self._served[n])
        if not self._visits[number]:
            self._visits[number] = self._stretches(len(self._pieces[number]))
        starts = self._visits[number].pop()
        self._served[number] += len(starts) * self._window
        return number, starts

    def _stretches(self, length: int) -> list[list[int]]:
        last = length - self._window - 1
        starts = list(range(self._random.randint(0, min(self._window, last)), last + 1, self._window))
        most = max(1, VISIT // self._window)
        visits = [starts[at : at + most] for at in range(0, len(starts), most)]
        self._random.shuffle(visits)
        return visits


def _long_enough(ids: Tensor, window: int) -> Tensor:
    """A text shorter than a window is read again and again within one."""
    return ids.repeat(-(-(window + 2) // len(ids))) if len(ids) < window + 2 else ids
