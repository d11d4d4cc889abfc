"""One draft while it is being written: which characters may come next, and where it may end.

Knows characters, not tensors.
"""

import random
from collections import deque
from collections.abc import Sequence

from model.config import SampleConfig
from model.originality import CopyGuard, WindowIndex
from model.particles import misfits

ENDS = ".!?"
CLOSING = {"”": "“", "’": "‘", ")": "("}
CLOSED_BY = {opening: closing for closing, opening in CLOSING.items()}
POINTS = frozenset(".,!?…:;~·”’)")
OTHERS = frozenset(" \n—“‘(")
LOOKED_BACK = 1_000  # characters of the prompt that a draft does not repeat
LONG_SPEECH = 120  # characters after which a quotation ends with its sentence
STOPGAPS = " 그이저나네오어아"  # to go on with where nothing else may come
OVERRUN = 1.15  # drafts are written this much too long, then cut at the best sentence end
SHORTEST, LONGEST = 0.87, 1.13


def writable(char: str) -> bool:
    """Whether a character belongs in a Korean story: Hangul, digits, Latin letters and ordinary marks."""
    return "가" <= char <= "힣" or char in POINTS or char in OTHERS or (char.isascii() and char.isalnum())


def open_marks(text: str) -> list[str]:
    """The opening marks that wait for their closing ones, outermost first."""
    waiting: list[str] = []
    for char in text:
        if char in CLOSED_BY:
            waiting.append(char)
        elif char in CLOSING and waiting:
            waiting.pop()
    return waiting


class Draft:
    """A text that grows one character at a time, and may be taken back to an earlier place."""

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
        self.forced: deque[str] = deque()  # characters to write next, whatever the network thinks
        self.keywords = tuple(keywords)
        self.length = length
        self.random = random.Random(seed)
        self.waiting = random.Random(seed).sample(keywords, len(keywords))  # keywords still to be written
        self._prompt = prompt[-LOOKED_BACK:]
        self._config = config
        self._index = index
        self._open: list[str] = []
        self._ends: list[int] = []
        self._guard = self._guard_at(0)

    def _guard_at(self, place: int) -> CopyGuard:
        limit = self._config.copy_limit
        return CopyGuard(self._index, limit, (self._prompt + self.text[:place])[-2 * limit :])

    @property
    def last(self) -> str:
        return (self.text or self._prompt or "\n")[-1]

    @property
    def at_word(self) -> bool:
        """Whether a word may begin here."""
        return self.last in " \n“‘" and not self.forced

    @property
    def speaking(self) -> bool:
        """Whether someone in the story is speaking here."""
        return "“" in self._open

    @property
    def full(self) -> bool:
        """Whether it holds every keyword and is long enough to be cut."""
        return len(self.text) >= OVERRUN * self.length and not self.waiting and not self.forced

    @property
    def lateness(self) -> float:
        """How much a sentence ought to end here: 0 until the length asked for is near, then rising."""
        return max(0.0, (len(self.text) / self.length - 0.93) / 0.07)

    def tail(self, characters: int) -> str:
        """The last characters of prompt and draft."""
        return (self._prompt[-characters:] + self.text)[-characters:]

    def add(self, char: str, surprise: float) -> None:
        """Appends a character that cost the network `surprise` nats."""
        self._guard.add(char)
        if char in CLOSED_BY:
            self._open.append(char)
        elif char in CLOSING and self._open:
            self._open.pop()
        self.text += char
        self.surprise.append(self.surprise[-1] + surprise)
        if not self._open and (char in ENDS or (char in "”’" and self.text[-2:-1] in (*ENDS, "…"))):
            self._ends.append(len(self.text))

    def back_to(self, place: int) -> None:
        """Takes back what was written from a place on."""
        self.text, self.surprise = self.text[:place], self.surprise[: place + 1]
        self.forced.clear()
        self._open = open_marks(self.text)
        self._ends = [end for end in self._ends if end <= place]
        self._guard = self._guard_at(place)

    def due(self) -> str | None:
        """The character that has to come next; None if the network chooses."""
        if self.forced:
            return self.forced.popleft()
        return CLOSED_BY[self._open[-1]] if self._must_close() else None

    def _must_close(self) -> bool:
        if not self._open or self.last not in ENDS or self._open[-1] == "(":
            return False
        spoken = len(self.text) - self.text.rfind(self._open[-1])
        if spoken <= LONG_SPEECH and len(self.text) <= 0.9 * self.length:
            return False
        return self._guard.allows(CLOSED_BY[self._open[-1]])

    def allows(self, char: str) -> bool:
        """Whether a character may come next: spelling of marks and spaces, particles, no loops, no copying."""
        return (
            writable(char)
            and self._well_placed(char)
            and not misfits(self.tail(2), char)
            and not self._loops(char)
            and self._guard.allows(char)
        )

    def fits(self, phrase: str, place: int) -> bool:
        """Whether a phrase may be written at a place: with it, no more is copied than the phrase is by itself."""
        alone = CopyGuard(self._index, self._config.copy_limit)
        return self._guard_at(place).allows(phrase) or not alone.allows(phrase)

    def stopgap(self) -> str:
        """What to write where nothing that the network knows is allowed."""
        return next(filter(self.allows, STOPGAPS), STOPGAPS[-1])

    def _well_placed(self, char: str) -> bool:
        last = self.last
        if char == " ":
            return last not in " \n“‘("
        if char == "\n":
            return last in ".!?…”’)" and not self._open
        if char in CLOSING:
            return bool(self._open) and self._open[-1] == CLOSING[char] and last not in " \n“‘("
        if char in CLOSED_BY:
            return last in " \n“" and char not in self._open
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
        limit, whole = self._config.repeat_limit, self._prompt + self.text
        run = whole[1 - limit :] + char
        return run.endswith(char * 4) or (len(run) == limit and run in whole)

    def ending(self) -> str:
        """The draft cut at the sentence end nearest the length asked for, every quotation closed."""
        least = max((self.text.find(word) + len(word) for word in self.keywords), default=0)
        low, high = max(least, SHORTEST * self.length), LONGEST * self.length
        fits = [end for end in self._ends if low <= end <= high]
        if fits:
            return self.text[: min(fits, key=lambda end: abs(end - self.length))].strip()
        return self._broken_off(max(least, int(1.05 * self.length)))

    def _broken_off(self, most: int) -> str:
        """Where no sentence ends in time: cut after a word, closed as well as can be."""
        text = self.text[:most]
        if self.text[most : most + 1] not in ("", " ", "\n"):
            shorter = text[: max(text.rfind(" "), text.rfind("\n"), 0)]
            whole = len(shorter) >= SHORTEST * self.length and all(word in shorter for word in self.keywords)
            text = shorter if whole else text
        text = text.rstrip(" \n,:;“‘(~·-—")
        closing = "".join(CLOSED_BY[char] for char in reversed(open_marks(text)))
        return text + ("" if text[-1:] in ENDS else ".") + closing
