"""One draft while it is being written: which characters may come next, and where it may end.

Knows characters, not tensors.
"""

import math
import random
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from model.config import SampleConfig
from model.originality import CopyGuard, WindowIndex

ENDS = ".!?"
CLOSING = {"”": "“", "’": "‘", ")": "("}
OPENING = frozenset(CLOSING.values())
POINTS = frozenset(".,!?…:;~·”’)")
OTHERS = frozenset(" \n—“‘(")
RECENT = 24  # characters within which repeating a Hangul character is made less likely
LONG_SPEECH = 120  # characters after which a quotation ends with its sentence
STOPGAPS = "그이저나네오어아"  # to begin a word with where nothing else may come
OVERRUN = 1.15  # drafts are written this much too long, then cut at the best sentence end
SHORTEST, LONGEST = 0.87, 1.13


def writable(char: str) -> bool:
    """Whether a character belongs in a Korean story: Hangul, digits, Latin letters and ordinary marks."""
    return "가" <= char <= "힣" or char in POINTS or char in OTHERS or (char.isascii() and char.isalnum())


@dataclass
class Plan:
    """A keyword still to be written: from where on places are looked at, by where it must stand.

    The best place is sought as in the secretary problem: over the first third or so of the stretch the
    best likelihood is only noted, then the first place that beats it is taken, or the last one.
    """

    word: str
    begin: int
    end: int
    best: float = -math.inf

    def accepts(self, position: int, likelihood: float) -> bool:
        """Whether to write the word here; notes the likelihood."""
        watching = position < self.begin + 0.37 * (self.end - self.begin)
        better = likelihood > self.best
        self.best = max(self.best, likelihood)
        return position >= self.end or (better and not watching)


class Draft:
    """A text that grows one character at a time."""

    def __init__(
        self,
        prompt: str,
        length: int,
        keywords: Sequence[str],
        seed: int,
        config: SampleConfig,
        index: WindowIndex,
    ) -> None:
        self.text = ""
        self.surprise = [0.0]  # nats spent up to each position
        self.forced: deque[str] = deque()
        self._prompt = prompt
        self._length = length
        self._config = config
        self._index = index
        self._random = random.Random(seed)
        self._open: list[int] = []  # positions of opening marks that wait for their closing ones
        self._ends: list[int] = []
        self._grams: dict[str, set[str]] = {}
        self._guard = CopyGuard(index, config.copy_limit, prompt)
        tail = prompt[-1_000:]
        for at in range(len(tail)):
            self._remember(tail[:at], tail[at])
        order = self._random.sample(list(keywords), len(keywords))
        stretch = 0.72 * length / max(1, len(order))
        self._plans = deque(
            Plan(word, int(k * stretch), int((k + 0.8) * stretch)) for k, word in enumerate(order)
        )
        self.keywords = tuple(keywords)

    @property
    def last(self) -> str:
        return (self.text or self._prompt or "\n")[-1]

    @property
    def finished(self) -> bool:
        return len(self.text) >= OVERRUN * self._length and not self._plans and not self.forced

    def due_keyword(self) -> Plan | None:
        """The keyword to look for a place for here, at the beginning of a word; None if there is none."""
        while self._plans and self._plans[0].word in self.text:
            self._plans.popleft()
        if self.forced or not self._plans or len(self.text) < self._plans[0].begin:
            return None
        plan = self._plans[0]
        if len(self.text) > plan.end + 15 and self.last not in " \n":
            self.forced.append(" ")
        here = self.last in " \n“‘" and not self.forced and self.fits(plan.word)
        return plan if here else None

    def fits(self, phrase: str) -> bool:
        """Whether a phrase may be written next: with it, no more is copied than the phrase is by itself."""
        alone = CopyGuard(self._index, self._config.copy_limit)
        return self._guard.allows(phrase) or not alone.allows(phrase)

    def insert(self, phrase: str) -> None:
        """Writes a keyword with its particle next, whatever the network would choose."""
        self.forced.extend(phrase)
        self._plans.popleft()

    def choose(self, candidates: Iterable[tuple[str, float]]) -> str:
        """The next character, from (character, log probability) in falling order of probability."""
        if self.forced:
            return self.forced.popleft()
        if self._must_close() and self._guard.allows(self._closing):
            return self._closing
        allowed = []
        for char, likelihood in candidates:
            if self.allows(char):
                allowed.append((char, likelihood))
                if len(allowed) == (1 if self._config.greedy else self._config.top_k):
                    break
        if not allowed:
            return " " if self.last not in " \n“‘(" else next(filter(self._guard.allows, STOPGAPS), "그")
        if self._config.greedy:
            return allowed[0][0]
        return self._draw(
            [(char, self._weight(char, likelihood - allowed[0][1])) for char, likelihood in allowed]
        )

    def _weight(self, char: str, relative: float) -> float:
        weight = math.exp(relative / self._config.temperature)
        if "가" <= char <= "힣" and char in self.text[-RECENT:]:
            weight /= self._config.repetition_penalty
        late = (len(self.text) / self._length - 0.93) / 0.07
        if late > 0 and (char in ENDS or char in CLOSING):
            weight *= 1 + 20 * late
        return weight

    def _draw(self, weights: list[tuple[str, float]]) -> str:
        """Draws among the characters that together have the probability top_p."""
        weights.sort(key=lambda pair: -pair[1])
        total = sum(weight for _, weight in weights)
        kept, mass = [], 0.0
        for pair in weights:
            kept.append(pair)
            mass += pair[1]
            if mass >= self._config.top_p * total:
                break
        point = self._random.random() * mass
        for char, weight in kept:
            point -= weight
            if point <= 0:
                return char
        return kept[-1][0]

    def _must_close(self) -> bool:
        if not self._open or self.last not in ENDS or self.text[self._open[-1]] == "(":
            return False
        return len(self.text) - self._open[-1] > LONG_SPEECH or len(self.text) > 0.9 * self._length

    @property
    def _closing(self) -> str:
        return "”" if self.text[self._open[-1]] == "“" else "’"

    def allows(self, char: str) -> bool:
        """Whether a character may come next: spelling of marks and spaces, no loops, no copying."""
        return (
            writable(char) and self._well_placed(char) and not self._loops(char) and self._guard.allows(char)
        )

    def _well_placed(self, char: str) -> bool:
        last = self.last
        if char == " ":
            return last not in " \n“‘("
        if char == "\n":
            return last in ".!?…”’)" and not self._open
        if char in CLOSING:
            return bool(self._open) and self.text[self._open[-1]] == CLOSING[char] and last not in " \n“‘("
        if char in OPENING:
            return last in " \n“" and all(self.text[at] != char for at in self._open)
        if char == "…":
            return last != "\n" and not self.text.endswith("……")
        if char in POINTS:
            return last not in " \n“‘(,:;" and not (
                last in ENDS and (char != last or self.text.endswith(last * 3))
            )
        return last not in ENDS or char.isdigit() or self.text.endswith("..")

    def _loops(self, char: str) -> bool:
        if char in " \n":
            words = self.text[-60:].split()[-3:]
            return len(words) == 3 and len(set(words)) == 1
        if char in POINTS:
            return False
        before = (self._prompt[-50:] + self.text)[-self._config.repeat_limit + 1 :]
        return char in self._grams.get(before, ()) or before.endswith(char * 3)

    def add(self, char: str, surprise: float) -> None:
        """Appends a character that cost the network `surprise` nats."""
        self._remember(self._prompt[-50:] + self.text, char)
        self._guard.add(char)
        if char in OPENING:
            self._open.append(len(self.text))
        elif char in CLOSING and self._open:
            self._open.pop()
        self.text += char
        self.surprise.append(self.surprise[-1] + surprise)
        if not self._open and (char in ENDS or (char in "”’" and self.text[-2:-1] in (*ENDS, "…"))):
            self._ends.append(len(self.text))

    def _remember(self, before: str, char: str) -> None:
        self._grams.setdefault(before[-self._config.repeat_limit + 1 :], set()).add(char)

    def ending(self) -> str:
        """The draft cut at the sentence end nearest the length asked for, every quotation closed."""
        least = max((self.text.find(word) + len(word) for word in self.keywords), default=0)
        low, high = max(least, SHORTEST * self._length), LONGEST * self._length
        fits = [end for end in self._ends if low <= end <= high]
        if fits:
            return self.text[: min(fits, key=lambda end: abs(end - self._length))].strip()
        return self._broken_off(max(least, int(1.05 * self._length)))

    def _broken_off(self, most: int) -> str:
        """Where no sentence ends in time: cut after a word, closed as well as can be."""
        text = self.text[:most]
        if self.text[most : most + 1] not in ("", " ", "\n"):
            shorter = text[: max(text.rfind(" "), text.rfind("\n"), 0)]
            whole = len(shorter) >= SHORTEST * self._length and all(word in shorter for word in self.keywords)
            text = shorter if whole else text
        text = text.rstrip(" \n,:;“‘(~·-—")
        still_open = [self.text[at] for at in self._open_at(text)]
        closing = {opening: char for char, opening in CLOSING.items()}
        return (
            text
            + ("" if text[-1:] in ENDS else ".")
            + "".join(closing[char] for char in reversed(still_open))
        )

    @staticmethod
    def _open_at(text: str) -> list[int]:
        waiting: list[int] = []
        for at, char in enumerate(text):
            if char in OPENING:
                waiting.append(at)
            elif char in CLOSING and waiting:
                waiting.pop()
        return waiting
