"""How long anybody waits for the database.

A person who asks for a page is better told "in a moment" than kept: a request waits two seconds in all. The relay
clock and the workers wait longer for one answer and then begin anew; nobody looks at them, but they must not wait for
an answer that never comes. Commands and migrations take as long as they take.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf

REQUEST_SECONDS = 2.0
"""What a request waits for the database in all: for a connection and for every answer."""
PROCESS_SECONDS = 15.0
"""What the relay clock or a worker waits for one answer."""
LAST_LOOK_SECONDS = 0.02
"""Without any patience left, what has come already is still taken."""


class Patience:
    """How long to wait, in seconds: for one answer, and for all of them together."""

    def __init__(self, answer: float = inf, together: float = inf) -> None:
        self._answer, self._left = answer, together

    def seconds(self) -> float:
        """How long the next answer may take."""
        return max(LAST_LOOK_SECONDS, min(self._answer, self._left))

    def spend(self, seconds: float) -> None:
        """So long has been waited."""
        self._left -= seconds

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Whatever is done in the block is waiting."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.spend(time.monotonic() - began)

    @property
    def is_endless(self) -> bool:
        """Whether there is no limit at all: a command, or a migration."""
        return self.seconds() == inf

    @property
    def is_short(self) -> bool:
        """Whether all waiting together has a limit: somebody waits for a page."""
        return self._left != inf

    @property
    def is_over(self) -> bool:
        """Whether all of it has been used up."""
        return self._left <= 0


class _Process:
    """The patience of those in this process who have said nothing else."""

    patience = Patience()


_present: ContextVar[Patience | None] = ContextVar("patience", default=None)


def present() -> Patience:
    """The patience of whoever asks now."""
    return _present.get() or _Process.patience


def begin_request() -> None:
    """From here on everything together waits for as long as a request may."""
    _present.set(Patience(together=REQUEST_SECONDS))


def end_request(_error: BaseException | None = None) -> None:
    """The request is over."""
    _present.set(None)


def wait_like_a_process() -> None:
    """This process works by itself, in all its threads."""
    _Process.patience = Patience(answer=PROCESS_SECONDS)
