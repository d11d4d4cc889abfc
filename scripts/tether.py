"""Keeps one process on a lead: it, and all that it starts, end with us, and we end with our owner.

    python -m scripts.tether OWNER COMMAND…

OWNER is the id of the process that must not be outlived (run.py). Whatever happens to it, even SIGKILL, the
command is asked to stop and, PATIENCE seconds later, every process descended from it is killed, also those that
moved to a session or process group of their own. Linux only: subreapers and parent-death signals (prctl(2)),
process descriptors (pidfd_open(2)).
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import time
from pathlib import Path

PATIENCE = 9.0
"""Seconds: the web answers what is in flight, training saves; all within ten."""
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_HEARD = (*_STOPPING, signal.SIGCHLD)


def die_with_parent(last: signal.Signals) -> None:
    """Have the kernel send us `last` when our parent dies."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(last))


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent dies, so that none gets out of sight."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def children() -> list[int]:
    """Ids of our children, the dead that wait to be reaped among them."""
    return [
        int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if _parent(stat) == os.getpid()
    ]


def _parent(stat: Path) -> int | None:
    try:
        # The name in parentheses may hold anything; the parent's id is the second word after it (proc(5)).
        return int(stat.read_text(errors="replace").rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None


def end_descendants() -> None:
    """Kill and reap until no descendant is left; `adopt_orphans` must have come before the first of them."""
    while remaining := children():
        for pid in remaining:
            os.kill(pid, signal.SIGKILL)
        os.waitpid(-1, 0)


def main(owner: int, command: list[str]) -> int:
    """Run the command until it ends, we are asked to stop, or the owner is gone; returns its exit status."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    adopt_orphans()
    try:
        owner_alive = os.pidfd_open(owner)
    except ProcessLookupError:
        return 1
    child = _start(command)
    status = _watch(child, owner_alive)
    if status is None:
        os.kill(child, signal.SIGTERM)
        status = _wait(child, PATIENCE)
    end_descendants()
    return 128 + signal.SIGKILL if status is None else _exit_status(status)


def _start(command: list[str]) -> int:
    pid = os.fork()
    if pid:
        return pid
    die_with_parent(signal.SIGKILL)
    # A group of its own: honcho signals the whole group of the tether, and the command needs one SIGTERM only.
    os.setpgid(0, 0)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", flush=True)
        os._exit(127)


def _watch(child: int, owner_alive: int) -> int | None:
    """The child's wait status once it has ended by itself; None when it has to be ended."""
    while True:
        heard = signal.sigtimedwait(_HEARD, 0.3)
        status = _reap(child)
        if status is not None:
            return status
        owner_gone = bool(select.select([owner_alive], [], [], 0)[0])
        if owner_gone or (heard is not None and heard.si_signo in _STOPPING):
            return None


def _wait(child: int, seconds: float) -> int | None:
    """The child's wait status, or None when it has not ended in time."""
    deadline = time.monotonic() + seconds
    while (status := _reap(child)) is None and time.monotonic() < deadline:
        signal.sigtimedwait([signal.SIGCHLD], 0.1)
    return status


def _reap(child: int) -> int | None:
    """Bury every process of ours that has ended; the child's wait status if it was among them."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == child:
            found = status
        if pid in (0, child):
            return found


def _exit_status(status: int) -> int:
    """What a shell would call a wait status: 128 and more for a signal."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
