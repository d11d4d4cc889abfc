"""A line that tells how a run goes: written over itself on a terminal, a new one now and then elsewhere."""

import sys
import time
import unicodedata
from typing import TextIO

from model.records import Progress

REDRAWN = 0.1  # seconds between two lines on a terminal …
TOLD = 10.0  # … and elsewhere, where every line stays
BAR = 20


class ProgressLine:
    """Shows a run. `show` may be called as often as one likes."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._overwrites = self._stream.isatty()
        self._shown = time.monotonic()
        self._width = 0
        self._held_out: float | None = None

    def show(self, progress: Progress) -> None:
        """Writes the line if it is time to; always at the end of the run."""
        if progress.validation_loss is not None:
            self._held_out = progress.validation_loss
        now = time.monotonic()
        if progress.fraction < 1.0 and now - self._shown < (REDRAWN if self._overwrites else TOLD):
            return
        self._shown = now
        line = describe(progress, self._held_out)
        if self._overwrites:
            padding = " " * (self._width - columns(line))
            self._stream.write(f"\r{line}{padding}")
            self._width = columns(line)
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def end(self) -> None:
        """Leaves the line as it stands; what is written next begins below it."""
        if self._width:
            self._stream.write("\n")
            self._width = 0


def describe(progress: Progress, held_out: float | None) -> str:
    """How far, the losses in bits per character, characters per second, and the time left."""
    done = min(1.0, progress.fraction)
    bar = ("#" * round(done * BAR)).ljust(BAR, "-")
    measured = "" if held_out is None else f" (남겨 둔 글 {held_out:.2f})"
    speed = progress.characters / max(progress.seconds, 1e-9)
    left = progress.seconds * (1 - done) / max(done, 1e-9)
    return (
        f"{done:4.0%} [{bar}] 헷갈림 {progress.training_loss:.2f}비트{measured} · "
        f"{speed:,.0f}자/초 · 남은 시간 {clock(left)}"
    )


def clock(seconds: float) -> str:
    """3:05, 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def columns(line: str) -> int:
    """How wide a terminal draws a line: Hangul takes two columns (Unicode Standard Annex 11)."""
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in line)
