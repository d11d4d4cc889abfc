"""Watching over a worker's child: it ends by itself, or is ended when it takes too long or cannot hold its job."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from webapp.errors import N_
from webapp.jobs import STOPPED_MIDWAY

log = structlog.get_logger()

LOOK_SECONDS = 0.2
TOO_LONG = N_("너무 오래 걸려서 멈추었어요.")
UNHEARD = N_("일하던 컴퓨터에서 소식이 끊겨 멈추었어요.")


@dataclass(frozen=True)
class Ending:
    """A child's exit status (negative for a signal), and the sentence for people if its job is not over."""

    status: int
    reason: str


def watch(child: int, why_end: Callable[[], str], meanwhile: Callable[[], None]) -> Ending:
    """Wait until the child has ended; kill it as soon as there is a reason why it must end."""
    reason = ""
    handle = os.pidfd_open(child)
    try:
        while not select.select([handle], [], [], LOOK_SECONDS)[0]:
            meanwhile()
            if reason := why_end():
                log.warning("child_killed", child=child, reason=reason)
                os.kill(child, signal.SIGKILL)
                break
    finally:
        os.close(handle)
    return Ending(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), reason or STOPPED_MIDWAY)
