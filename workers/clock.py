"""The relay clock: `python -m workers.clock`. Rings for jobs that wait, closes phases whose time is up, and
puts events in line.

A tick changes nothing that is not due, so several clocks do no harm.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from datetime import timedelta
from types import FrameType

import structlog
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from config import BadSetting
from webapp import clock, events, jobs
from webapp.core.stories import service as stories
from webapp.db import transaction
from webapp.errors import DomainError
from webapp.patience import wait_like_a_process
from workers.holder import is_gone
from workers.site import settings, site

log = structlog.get_logger()

EVENTS_KEPT = timedelta(days=1)
FORGET_EVERY_SECONDS = 600.0


def tick(app: Flask) -> bool:
    """Do what is due; False, with a line in the log, when the database or the storage does not answer."""
    with app.app_context():
        try:
            jobs.ring_due(gone=[holder for holder in jobs.holders() if is_gone(holder)])
            for line in stories.tick():
                log.info("relay", did=line)
            events.put_in_line()
        except (SQLAlchemyError, DomainError, OSError) as error:
            log.warning("tick_failed", error=str(error).splitlines()[0])
            return False
        return True


def forget_old_events(app: Flask) -> None:
    """Drop events that are older than readers may be behind."""
    with app.app_context():
        try:
            with transaction():
                events.forget_events_before(clock.now() - EVENTS_KEPT)
        except SQLAlchemyError as error:
            log.warning("forgetting_failed", error=str(error).splitlines()[0])


def run(app: Flask, stopping: threading.Event, seconds: float) -> None:
    """Tick every so many seconds until asked to stop."""
    forgotten = float("-inf")
    while not stopping.is_set():
        if tick(app) and time.monotonic() - forgotten > FORGET_EVERY_SECONDS:
            forget_old_events(app)
            forgotten = time.monotonic()
        stopping.wait(seconds)


def main() -> int:
    """Run until SIGTERM or Ctrl-C."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    wait_like_a_process()
    try:
        app, seconds = site(), settings().relay_tick_seconds
    except BadSetting as error:
        print(error, file=sys.stderr)
        return 1
    run(app, stopping, seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
