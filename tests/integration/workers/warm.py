"""Processes of the site that begin with the libraries loaded, for tests that have no time.

A worker and its child take two seconds of a processor to load Flask, SQLAlchemy and torch. A server of this test process
(`multiprocessing`, "forkserver") has loaded them, and the app's modules, and forks. The new process does what
`python -m module` does, with an environment and a log of its own.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

LIBRARIES = "tests.integration.workers.libraries"


class WarmProcess:
    """A started process, with what tests use of `subprocess.Popen`."""

    def __init__(
        self, folder: Path, module: str, words: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> None:
        """Starts `python -m module words…` in this folder; what it prints is added to the log."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([LIBRARIES])
        self._module = module
        log.touch()
        self._process = context.Process(target=_run, args=(folder, module, words, dict(environment), log))
        self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while the process lives."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """The exit status, once there is one. Raises TimeoutExpired."""
        self._process.join(timeout)
        status = self._process.exitcode
        if status is None:
            raise subprocess.TimeoutExpired(self._module, timeout or 0.0)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the process has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


def _run(folder: Path, module: str, words: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    """In the new process: become `python -m module words…`."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    sys.argv = [module, *words]
    # With these a worker begins again (`workers.__main__.main`).
    sys.orig_argv = [sys.executable, "-m", module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
