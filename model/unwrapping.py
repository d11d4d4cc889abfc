"""Joins lines that an old editor broke at a fixed width. Standard library only.

Korean is wrapped in the middle of words as often as between them, and the break itself says nothing.
So whether a space belongs there is learnt from the text itself: from how often its own lines hold a
space between the same characters.
"""

import unicodedata
from bisect import bisect, bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

ENDED = tuple(".!?…。！？”’\"'」』｣)]>》〉,:;—―")
INDENTS = (" ", "\u3000", "\t")
BAND = 8  # columns within which the full lines of a wrapped text end
ENOUGH = 100_000  # characters to learn from where spaces stand: seconds; a long novel would take minutes
CONTEXTS = ((3, 0), (2, 1), (1, 2), (2, 2), (1, 1), (1, 0), (0, 1), (2, 0), (0, 2))


def unwrap(text: str) -> str:
    """Text with hard-wrapped lines joined into paragraphs; any other text is returned as it is.

    Lines are taken as wrapped when many of them stop without punctuation and nearly all of those stop
    at about the same width, which hardly any line exceeds. Paragraphs one to a line, and sentences one
    to a line, have no such width. Idempotent: it is repeated until nothing changes.
    """
    while (joined := _unwrap_once(text)) != text:
        text = joined
    return text


def _unwrap_once(text: str) -> str:
    lines = text.split("\n")
    wrap = find_wrap(lines)
    if wrap is None:
        return text
    spacing = Spacing(lines)
    out = [lines[0]]
    for line, following in pairwise(lines):
        if wrap.goes_on(line, following):
            space = wrap.between_words or spacing.wants_space(line.rstrip(), following.strip())
            out[-1] = out[-1].rstrip() + (" " if space else "") + following.strip()
        else:
            out.append(following)
    return "\n".join(out)


def _columns(line: str) -> int:
    """Width on a terminal: Hangul and its punctuation take two columns."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line.rstrip())


@dataclass(frozen=True)
class Wrap:
    """How a text is wrapped: full lines end between columns `low` and `high`, between words or anywhere."""

    low: int
    high: int
    between_words: bool
    indented: bool

    def goes_on(self, line: str, following: str) -> bool:
        """Whether a paragraph goes on from one line to the next."""
        if not line.strip() or not following.strip() or _columns(line) < self.low:
            return False
        if self.indented:
            return not following.startswith(INDENTS)
        if self.between_words and _columns(line) + 1 + _columns(following.split()[0]) <= self.high:
            return False
        spoken = following.lstrip().startswith(("“", '"', "「", "｢", "『"))
        return not (spoken and line.rstrip().endswith(ENDED))


def find_wrap(lines: list[str]) -> Wrap | None:
    """How these lines are wrapped, or None where they are not."""
    full = [line for line in lines if line.strip()]
    widths = [_columns(line) for line in full]
    cut = sorted(_columns(line) for line in full if not line.rstrip().endswith(ENDED))
    if len(cut) < max(5, 0.05 * len(widths)):
        return None
    low = max(cut, key=lambda width: bisect(cut, width + BAND) - bisect_left(cut, width))
    band = [width for width in cut if low <= width <= low + BAND]
    beyond = sum(width > low + 1.5 * BAND for width in widths)
    if low < 30 or len(band) < 0.6 * len(cut) or beyond > 0.03 * len(widths):
        return None
    # Where all lines are indented it is a margin, and tells nothing about paragraphs.
    indented = len({line.startswith(INDENTS) for line in full[1:]}) > 1
    return Wrap(low, band[-1], _breaks_between_words(lines, low), indented)


def _breaks_between_words(lines: list[str], low: int) -> bool:
    """An editor that wraps anywhere cuts about six words in ten; one that keeps words whole, none."""
    spacing = Spacing(lines)
    breaks = [
        spacing.wants_space(line.rstrip(), following.strip())
        for line, following in pairwise(lines)
        if _columns(line) >= low and following.strip() and not line.rstrip().endswith(ENDED)
    ]
    return sum(breaks) > 0.65 * len(breaks)


class Spacing:
    """How often the inner part of lines has a space between given characters, for several contexts."""

    def __init__(self, lines: list[str]) -> None:
        self._spaced: Counter[tuple[int, str, str]] = Counter()
        self._seen: Counter[tuple[int, str, str]] = Counter()
        left = ENOUGH
        for line in lines:
            text = " ".join(line.split())[:left]
            left -= len(text)
            for at in range(1, len(text)):
                if text[at] == " ":
                    continue
                spaced = text[at - 1] == " "
                for key in _contexts(text[max(0, at - spaced - 3) : at - spaced], text[at : at + 3]):
                    self._seen[key] += 1
                    self._spaced[key] += spaced

    def wants_space(self, left: str, right: str) -> bool:
        """Weighs the contexts: those seen more often, and the longer ones, count more."""
        if left.endswith(ENDED):
            return True
        total = weight = 0.0
        for key in _contexts(left[-3:], right[:3]):
            seen = self._seen[key]
            trust = len(key[1] + key[2]) ** 2 * seen / (seen + 3)
            total += trust * (self._spaced[key] + 0.3) / (seen + 1)
            weight += trust
        return total > 0.5 * weight


def _contexts(left: str, right: str) -> Iterator[tuple[int, str, str]]:
    for number, (before, after) in enumerate(CONTEXTS):
        if len(left) >= before and len(right) >= after:
            yield number, left[len(left) - before :], right[:after]
