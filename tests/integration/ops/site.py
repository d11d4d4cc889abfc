"""Starts run.py as a person would, and finds whatever it leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.places import ROOT
from tests.ports import free_port

PART = f"{sys.executable} -m tests.integration.ops.parts"


class Site:
    """One start of run.py. Every process descended from it carries its mark in the environment."""

    def __init__(self, folder: Path, instance: Path, parts: dict[str, str], **environment: str) -> None:
        self.mark = f"SITE_OF_TEST={uuid.uuid4()}"
        self.instance = instance
        self.port = environment.setdefault("PORT", str(free_port()))
        self.log = folder / f"{self.mark[-12:]}.log"
        procfile = folder / "Procfile"
        procfile.write_text("".join(f"{name}: {command}\n" for name, command in parts.items()))
        name, _, value = self.mark.partition("=")
        clean = {key: word for key, word in os.environ.items() if key not in ("REDIS_URL", "HOST")}
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, ROOT / "run.py", "--procfile", procfile],
                # Not the repository: it must start from anywhere.
                cwd=folder,
                env={**clean, "INSTANCE": str(instance), name: value, **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def printed(self) -> str:
        """All that was printed so far."""
        return self.log.read_text(errors="replace")

    @property
    def address(self) -> str:
        """Where the site is found."""
        return f"http://127.0.0.1:{self.port}"

    def wait_for(self, text: str, seconds: float = 30) -> None:
        """Wait until run.py has printed a text."""
        assert eventually(lambda: text in self.printed, seconds), self.printed

    def wait_until_open(self) -> None:
        """Wait for the address."""
        self.wait_for(f"이음이 열렸어요: {self.address}")

    def stop(self, last: signal.Signals) -> int:
        """Send a signal to run.py alone and return its exit status."""
        self.process.send_signal(last)
        return self.process.wait(timeout=15)

    def processes(self) -> list[int]:
        """Everything that lives of this start, and whatever works in its folder: Redis loses its mark, because it
        writes its title over its environment."""
        return [pid for pid in living() if self._works_here(pid) or self._is_marked(pid)]

    def marked(self) -> list[int]:
        """Everything that lives of this very start, Redis aside."""
        return [pid for pid in living() if self._is_marked(pid)]

    def _is_marked(self, pid: int) -> bool:
        try:
            return self.mark.encode() in Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            return False

    def _works_here(self, pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/cwd").readlink().is_relative_to(self.instance)
        except OSError:
            return False

    def command_of(self, text: str) -> int:
        """The process whose program has this name."""
        for pid in self.processes():
            if Path(f"/proc/{pid}/exe").readlink().name == text:
                return pid
        raise LookupError(text)


@contextmanager
def site(
    folder: Path, parts: dict[str, str], instance: Path | None = None, **environment: str
) -> Iterator[Site]:
    """A started site; nothing of it is left afterwards, whatever the test found."""
    started = Site(folder, instance or folder / "instance", parts, **environment)
    try:
        yield started
    finally:
        for pid in started.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        started.process.wait()


def eventually(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether a condition came true within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def living() -> list[int]:
    """Every process of the machine."""
    return [int(each.name) for each in Path("/proc").glob("[0-9]*")]
