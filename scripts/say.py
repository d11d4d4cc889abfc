"""What set-up and start say to the person at the terminal: Korean first, English under it."""

from __future__ import annotations

import errno
import sys


class Trouble(Exception):
    """What keeps us from going on: one sentence in Korean, the same in English, and no traceback."""

    def __init__(self, korean: str, english: str) -> None:
        super().__init__(f"{korean}\n{english}")


def from_system(error: OSError) -> Trouble:
    """What the operating system refused: a full disk, a folder that may not be written."""
    where = error.filename or ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Trouble(f"디스크가 가득 찼어요. 자리를 비워 주세요. {where}", f"The disk is full. {where}")
    return Trouble(
        f"{where} 파일을 다룰 수 없어요: {error.strerror}", f"{where} cannot be used: {error.strerror}"
    )


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
