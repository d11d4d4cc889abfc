"""The real site for tests: `run.py` with its own Redis, web, worker and relay clock, in a folder and on a port of its own.

    with running_site(folder) as site:
        requests.get(site.address)

What it does differently from a site at home stands in `SMALL`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import pytest
import requests

from config import ROOT, Settings
from tests.ports import free_port
from tests.reporting import note

SMALL = {
    "WRITER_SIZE": "tiny",
    "LEARN_SECONDS": "1",
    "WRITER_THREADS": "1",
    "DEVICE": "cpu",
    "RELAY_TICK_SECONDS": "0.2",
    "RATE_LIMITS": "off",
}
"""A small writer that really learns, for a short time; and no limit on how many people one address signs up."""

START_SECONDS = 90.0
STOP_SECONDS = 20.0


@dataclass(frozen=True)
class Site:
    """A running site: where it answers, and the folder that holds all it wrote."""

    address: str
    folder: Path
    environment: Mapping[str, str]

    def flask(self, *words: str, typed: str = "") -> str:
        """Run a `flask` command for this site, as an administrator would; returns what it printed."""
        command = [sys.executable, "-m", "flask", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, input=typed, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, f"flask {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def log(self, characters: int = 8000) -> str:
        """The end of what the parts printed."""
        return (self.folder / "site.log").read_text(encoding="utf-8", errors="replace")[-characters:]


@contextmanager
def running_site(folder: Path, settings: Mapping[str, str] = SMALL) -> Iterator[Site]:
    """Start the site, wait until it is ready, and stop it; fails if it does not start or leaves a process behind."""
    port = free_port()
    environment = _environment(folder, port, settings)
    site = Site(f"http://127.0.0.1:{port}", folder, environment)
    with (folder / "site.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "run.py"],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait_until_ready(site, process)
        yield site
    finally:
        _stop(site, process)


@contextmanager
def reported_site(
    folder: Path, request: pytest.FixtureRequest, settings: Mapping[str, str] = SMALL
) -> Iterator[Site]:
    """The same for a fixture: when a test failed meanwhile, the end of the log and its place are printed."""
    failed_before = request.session.testsfailed
    with running_site(folder, settings) as site:
        yield site
    if request.session.testsfailed > failed_before:
        note(request.config, f"\n{site.log()}\nThe whole log: {folder / 'site.log'}")


def _environment(folder: Path, port: int, settings: Mapping[str, str]) -> dict[str, str]:
    """Ours without any setting of the person who runs the tests, and with those of this site.

    MAKELEVEL has run.py end when its parent dies, so that killed tests leave nothing behind either.
    """
    names = {field.name.upper() for field in fields(Settings)}
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return {
        **kept,
        **settings,
        "MAKELEVEL": "1",
        "INSTANCE": str(folder),
        "PORT": str(port),
        "HOST": "127.0.0.1",
    }


def _wait_until_ready(site: Site, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_ready(site):
        assert process.poll() is None, f"the site ended before it was ready:\n{site.log()}"
        assert time.monotonic() < deadline, f"the site was not ready in {START_SECONDS} s:\n{site.log()}"
        time.sleep(0.2)


def _is_ready(site: Site) -> bool:
    try:
        return requests.get(f"{site.address}/readyz", timeout=5).status_code == 200
    except (requests.ConnectionError, requests.Timeout):
        return False


def _stop(site: Site, process: subprocess.Popen[bytes]) -> None:
    """Ask the site to stop, as Ctrl-C does, and see that nothing of it lives on."""
    process.send_signal(signal.SIGINT)
    try:
        status = process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        status = None
    left = processes_of(site.folder)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert status == 0, f"the site stopped with status {status}:\n{site.log()}"
    assert not left, f"processes left behind: {left}\n{site.log()}"


def processes_of(folder: Path) -> dict[int, str]:
    """Every living process that was started for the site in this folder, by its environment: id → command."""
    mark = f"INSTANCE={folder}".encode()
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (
                    (entry / "cmdline").read_text(errors="replace").replace("\0", " ").strip()
                )
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found
