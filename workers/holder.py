"""Who holds a job: the name of a process, by which anybody on the same machine can see whether it is still there."""

from __future__ import annotations

import hashlib
import socket
from functools import cache
from pathlib import Path


def name_of(pid: int) -> str:
    """`host/pid/start/place`: the start in ticks since the machine began, the place one boot of it and one numbering of
    processes. No other process ever has the same name."""
    return f"{socket.gethostname()}/{pid}/{_start_of(pid)}/{_place()}"


def is_gone(name: str) -> bool:
    """Whether the process of this name was here and is no more. Of other places nothing is known."""
    _, _, rest = name.partition("/")
    pid, _, place = rest.partition("/")
    start, _, place = place.partition("/")
    return place == _place() and pid.isdecimal() and _start_of(int(pid)) != start


def _start_of(pid: int) -> str:
    """When a process began; empty where there is none, or it is dead and only waits to be buried (proc(5))."""
    try:
        # The name in parentheses may hold anything; the state comes next, the start is the twentieth word from there.
        words = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if words[0] in "ZX" else words[19]


@cache
def _place() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text()
    numbering = Path("/proc/self/ns/pid").readlink()
    return hashlib.sha256(f"{boot}{numbering}".encode()).hexdigest()[:12]
