"""Worker and clock processes for tests, with the settings of the test's own site."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from config import ROOT, Settings
from tests.faults.ledger import FULL
from tests.integration.workers.warm import WarmProcess

T = TypeVar("T")
Running = subprocess.Popen[bytes] | WarmProcess

WARM = ("workers", "workers.clock", "tests.faults.hasty", "tests.integration.workers.hung")
"""Modules whose processes begin with the libraries loaded, but in `make test-faults`."""


def environment(settings: Settings) -> dict[str, str]:
    """What makes another process serve the same site."""
    return {
        "PATH": os.environ["PATH"],
        "INSTANCE": str(settings.instance),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "STORAGE_URL": settings.storage_url,
        "SECRET_KEY": settings.secret_key,
        "DEVICE": "cpu",
        "WRITER_SIZE": "tiny",
        "WRITER_THREADS": "1",
        "LEARN_SECONDS": str(settings.learn_seconds),
        "RELAY_TICK_SECONDS": "0.2",
        "RATE_LIMITS": "off",
    }


@contextmanager
def process(
    settings: Settings, module: str, *words: str, cold: bool = FULL, **more: str
) -> Iterator[Running]:
    """`python -m module words…` until the block ends; its log lies in the instance folder. A cold one is a new process of
    the system in every respect."""
    if module in WARM and not cold:
        running: Running = WarmProcess(
            ROOT, module, words, {**environment(settings), **more}, log_of(settings, module)
        )
    else:
        running = _cold(settings, module, *words, **more)
    try:
        yield running
    finally:
        if running.poll() is None:
            running.kill()
        running.wait()


def _cold(settings: Settings, module: str, *words: str, **more: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", module, *words]
    with log_of(settings, module).open("ab") as log:
        return subprocess.Popen(
            command, cwd=ROOT, env={**environment(settings), **more}, stdout=log, stderr=log
        )


def log_of(settings: Settings, module: str) -> Path:
    """The file with what this process printed."""
    return settings.instance / f"{module}.log"


def stop(running: Running, seconds: float = 10.0) -> int:
    """Ask the process to stop, as honcho does; returns its exit status."""
    running.send_signal(signal.SIGTERM)
    return running.wait(seconds)


def children_of(pid: int) -> list[int]:
    """The ids of the living children of a process."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in listed.read_text().split()] if listed.exists() else []


def until(look: Callable[[], T | None], what: str, seconds: float = 40.0) -> T:
    """The first thing `look` finds; fails when there is none after that many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.05)
    return found
