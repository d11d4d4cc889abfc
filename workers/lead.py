"""The lead between a worker and its child: who holds the child's job, and until when the child may live.

That moment lies in memory which both see. The child's heart moves it on as it renews the lease; the worker ends a child
that has outlived it: one that hangs, has been stopped, or has lost its job and does not hear.
"""

from __future__ import annotations

import mmap
import os
import struct
import time

from workers.holder import name_of

STARTING_SECONDS = 60.0
"""Until a child has claimed its job it may take so long."""


class _Lead:
    """The one lead of this process; a child inherits its worker's."""

    memory = mmap.mmap(-1, 8)
    holder = ""


def hold() -> None:
    """This process is a worker: what its children claim, it holds."""
    _Lead.holder = name_of(os.getpid())


def holder() -> str:
    """The name under which a job is claimed here."""
    return _Lead.holder or name_of(os.getpid())


def allow(seconds: float) -> None:
    """The child may live for so long from now on."""
    struct.pack_into("d", _Lead.memory, 0, time.monotonic() + seconds)


def is_over() -> bool:
    """Whether the child has lived for longer than it may."""
    (until,) = struct.unpack_from("d", _Lead.memory, 0)
    return time.monotonic() > float(until)
