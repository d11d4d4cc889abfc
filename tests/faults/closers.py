"""Relay clocks that end what is due, one tick each, in processes of their own that may die in the middle.

    with closers(settings) as crew:
        crew.tick()                      # [steps it took]
        crew.tick(die_after=7)           # [None]: killed with SIGKILL after its seventh statement
        crew.tick(at_once=2)             # two of them at the same moment

A step is a statement sent to the database. One process imports the site once and forks a child for every tick, so that
a thousand of them cost little.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import Engine, event

from config import ROOT, Settings
from tests.integration.workers.crew import environment
from webapp import create_app
from webapp.core.stories import service as stories
from webapp.extensions import db

HEAD_START_SECONDS = 0.05
"""After this long all children are there and begin together."""


@dataclass(frozen=True)
class Crew:
    """The process that forks the closers."""

    process: subprocess.Popen[str]

    def tick(self, *, die_after: int = 0, at_once: int = 1) -> list[int | None]:
        """Let so many closers tick at the same moment; how many steps each took, None for one that was killed.

        Fails where one of them raised anything.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps({"die_after": die_after, "at_once": at_once}), file=self.process.stdin, flush=True)
        told = json.loads(self.process.stdout.readline())
        assert "failed" not in told, told
        return told


@contextmanager
def closers(settings: Settings) -> Iterator[Crew]:
    """A crew for this site, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.closers"],
        cwd=ROOT,
        # Its standard output is for answers; a busy machine's Redis may be slow enough to be told of.
        env={**environment(settings), "LOG_LEVEL": "ERROR"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Crew(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)


def main() -> None:
    """Read orders, a line of JSON each, and answer each with a line."""
    app = create_app()
    for line in sys.stdin:
        order = json.loads(line)
        moment = time.monotonic() + HEAD_START_SECONDS * (order["at_once"] > 1)
        children = [fork(app, order["die_after"], moment) for _ in range(order["at_once"])]
        print(json.dumps([outcome(*child) for child in children]), flush=True)


def fork(app: Flask, die_after: int, moment: float) -> tuple[int, int]:
    """A child that ticks at that moment (`time.monotonic`); its id, and where it will write how many steps it took."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    os.close(reading)
    status = 1
    try:
        # Whatever was open before the fork belongs to the parent.
        with app.app_context():
            db.engine.dispose(close=False)
            steps = count_steps(die_after)
            time.sleep(max(0.0, moment - time.monotonic()))
            stories.tick()
        os.write(writing, json.dumps(steps["taken"]).encode())
        status = 0
    finally:
        os._exit(status)


def count_steps(die_after: int) -> dict[str, int]:
    """Count this process's statements from here on, and kill it after one of them, if that is wanted."""
    steps = {"taken": 0}

    @event.listens_for(Engine, "after_cursor_execute")
    def count(*_: object) -> None:
        steps["taken"] += 1
        if steps["taken"] == die_after:
            os.kill(os.getpid(), signal.SIGKILL)

    return steps


def outcome(child: int, reading: int) -> int | str | None:
    """The steps that a child took, None where it was killed, `failed` where it raised something."""
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return None
    return json.loads(text) if text else "failed"


if __name__ == "__main__":
    main()
