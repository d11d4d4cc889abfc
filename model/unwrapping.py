"""Joins lines that an old editor broke at a fixed width. Standard library only.

Korean is wrapped in the middle of words as often as between them, and the break itself says nothing.
So whether a space belongs there is learnt from the text itself: from how often its own lines hold a
space between the same characters.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator

ENDED = tuple(".!?…。！？”’\"'」』｣)]>》〉,:;—―")
BAND = 8  # columns within which the full lines of a wrapped text end
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
    width = _wrap_width(lines)
    if width is None:
        return text
    spacing = Spacing(lines)
    indents = any(line.startswith((" ", "\u3000")) for line in lines[1:] if line.strip())
    out = [lines[0]]
    previous = lines[0]
    for line in lines[1:]:
        if line.strip() and _goes_on(previous, line, width, indents):
            out[-1] = spacing.join(out[-1], line)
        else:
            out.append(line)
        previous = line
    return "\n".join(out)


def _columns(line: str) -> int:
    """Width on a terminal: Hangul and its punctuation take two columns."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line.rstrip())


def _wrap_width(lines: list[str]) -> int | None:
    """The narrowest width of a full line, or None if the text is not wrapped."""
    widths = [_columns(line) for line in lines if line.strip()]
    cut = [_columns(line) for line in lines if line.strip() and not line.rstrip().endswith(ENDED)]
    if len(cut) < 5 or len(cut) < 0.15 * len(widths):
        return None
    low = max(sorted(cut), key=lambda w: sum(w <= c <= w + BAND for c in cut))
    in_band = sum(low <= c <= low + BAND for c in cut)
    beyond = sum(w > low + 1.5 * BAND for w in widths)
    if low < 30 or in_band < 0.6 * len(cut) or beyond > 0.03 * len(widths):
        return None
    return low


def _goes_on(line: str, following: str, width: int, indents: bool) -> bool:
    """Whether a paragraph goes on from one line to the next."""
    if not line.strip() or _columns(line) < width:
        return False
    if indents:
        return not following.startswith((" ", "\u3000"))
    spoken = following.lstrip().startswith(("“", '"', "「", "｢", "『"))
    return not (spoken and line.rstrip().endswith(ENDED))


class Spacing:
    """How often the inner part of lines has a space between given characters, for several contexts."""

    def __init__(self, lines: list[str]) -> None:
        self._spaced: Counter[tuple[int, str, str]] = Counter()
        self._seen: Counter[tuple[int, str, str]] = Counter()
        for line in lines:
            text = " ".join(line.split())
            for at in range(1, len(text)):
                if text[at] == " ":
                    continue
                spaced = text[at - 1] == " "
                for key in _contexts(text[: at - spaced][-3:], text[at : at + 3]):
                    self._seen[key] += 1
                    self._spaced[key] += spaced

    def join(self, left: str, right: str) -> str:
        """The two lines as one, with a space between them where the text itself would have one."""
        left, right = left.rstrip(), right.strip()
        return left + (" " if self.wants_space(left, right) else "") + right

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
