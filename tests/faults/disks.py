"""A small real disk, which a test can fill."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PAGE = 4096


class Disk:
    """A disk of so many bytes at a place; what `fill` leaves on it is all there is room for."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._ballast = place / "ballast"

    @property
    def room(self) -> int:
        """Free bytes."""
        found = os.statvfs(self.place)
        return found.f_bavail * found.f_frsize

    def fill(self, left: int) -> None:
        """Take up all room but so many bytes."""
        with self._ballast.open("wb") as file:
            while self.room > left + PAGE:
                file.write(bytes(min(self.room - left, 1 << 20)))
                file.flush()

    def make_room(self) -> None:
        """Give it back."""
        self._ballast.unlink()


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Disk]:
    """A disk (tmpfs) of so many bytes at this place; skips where nobody may mount one, and fails there under CI."""
    place.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "ieum-test", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = f"no small disk can be mounted here: {done.stderr.strip()}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    try:
        yield Disk(place)
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)
