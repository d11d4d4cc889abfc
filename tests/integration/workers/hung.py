"""A worker whose jobs hang: `python -m tests.integration.workers.hung HOW`, one of `WAYS`."""

from __future__ import annotations

import ctypes
import signal
import sys
import time
import types

from workers.__main__ import main
from workers.attempt import Hold


def in_python(_hold: Hold) -> None:
    """Hears RQ's alarm."""
    time.sleep(3600)


def in_a_native_call(_hold: Hold) -> None:
    """Hears nothing, but lets other threads run: the lease is renewed for ever."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM, signal.SIGTERM])
    ctypes.CDLL(None).sleep(3600)


def in_a_native_call_that_holds_all_up(_hold: Hold) -> None:
    """Hears nothing and keeps the interpreter's lock, so that nothing else runs either."""
    ctypes.PyDLL(None).sleep(3600)


WAYS = {
    "python": in_python,
    "native": in_a_native_call,
    "locked": in_a_native_call_that_holds_all_up,
}

if __name__ == "__main__":
    jobs = types.ModuleType("workers.jobs")
    jobs.KINDS = {"raise_base": WAYS[sys.argv[1]]}  # type: ignore[attr-defined]
    sys.modules["workers.jobs"] = jobs
    sys.exit(main())
