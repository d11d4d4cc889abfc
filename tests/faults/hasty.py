"""A worker or relay clock that waits for a short time only, for tests that have no time:
`python -m tests.faults.hasty workers`.

Leases are short (HASTY_LEASE seconds where a test says so), a child which hears neither alarm nor SIGTERM is killed
soon, Redis is looked for again soon, and the clock soon rings again for what Redis has forgotten.
"""

from __future__ import annotations

import os
import runpy
import sys
from datetime import timedelta

from webapp import jobs
from workers import __main__ as entry
from workers import horse

LEASE = timedelta(seconds=float(os.environ.get("HASTY_LEASE", 5)))
DEAF_SECONDS = 1.0
REDIS_SECONDS = 0.25
RING_AGAIN = timedelta(seconds=2)

if __name__ == "__main__":
    jobs.LEASE, jobs.RING_AGAIN = LEASE, RING_AGAIN
    horse.ALARM_SECONDS = horse.PATIENCE_SECONDS = DEAF_SECONDS
    entry.RETRY_SECONDS = horse.TetheredWorker.max_connection_wait_time = REDIS_SECONDS
    del sys.argv[0]
    if sys.argv[0] == "workers":
        sys.exit(entry.main(sys.argv[1:]))
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
