"""What set-up and start say to the person at the terminal: Korean first, English under it."""

from __future__ import annotations

import sys


class Trouble(Exception):
    """What keeps us from going on: one sentence in Korean, the same in English, and no traceback."""

    def __init__(self, korean: str, english: str) -> None:
        super().__init__(f"{korean}\n{english}")


def say(*lines: str) -> None:
    """Print lines at once, so that they stand in the right order beside what other processes print."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def complain(trouble: Trouble) -> None:
    """Print a trouble where errors belong."""
    sys.stderr.write(f"\n✗ {trouble}\n")


def speak_utf8() -> None:
    """Let Korean through on terminals whose locale knows none."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
