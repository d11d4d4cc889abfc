"""Ports of this machine that belong to this test process alone."""

from __future__ import annotations

import itertools
import os
import random
import socket

FIRST = 20_000
"""Below the ports that Linux gives to outgoing connections (32,768 and up): none of those can take one away."""
SHARE = 1_000
"""Ports a test process; pytest-xdist numbers the processes `gw0`, `gw1`, …"""

_process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
# Two test runs on one machine begin at different places.
_offsets = itertools.count(random.SystemRandom().randrange(SHARE))


def free_port() -> int:
    """Return a port of this process's share that nobody listens on; no port comes twice until all have come."""
    for offset in itertools.islice(_offsets, SHARE):
        port = FIRST + (_process * SHARE) % 12_000 + offset % SHARE
        if _is_free(port):
            return port
    raise OSError(f"all {SHARE} ports of this test process are taken")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: connections that are just closing do not keep the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
