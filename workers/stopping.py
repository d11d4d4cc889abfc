"""Being asked to stop (SIGTERM) in the middle of a job: at once, or as soon as what is under way has been kept."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Stopped(BaseException):
    """The worker was asked to stop. Like KeyboardInterrupt no error, so that nothing on the way takes it for one."""


def stop_at_once(_signal: int, _frame: FrameType | None) -> None:
    """What SIGTERM does in a worker's child: raises Stopped, wherever it is."""
    raise Stopped


@contextmanager
def stopping_by(ask: Callable[[], None]) -> Iterator[None]:
    """Within the block SIGTERM calls `ask`, and the block ends when it sees fit; then Stopped is raised."""
    asked = False

    def hear(_signal: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        ask()

    usual = signal.signal(signal.SIGTERM, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, usual)
        if asked:
            raise Stopped
