"""A worker with short leases that soon kills a child which hears neither alarm nor SIGTERM, for tests that have no time:
`python -m tests.faults.hasty workers`."""

from __future__ import annotations

import runpy
import sys
from datetime import timedelta

from webapp import jobs
from workers import horse

LEASE = timedelta(seconds=5)
DEAF_SECONDS = 1.0

if __name__ == "__main__":
    jobs.LEASE = LEASE
    horse.ALARM_SECONDS = horse.PATIENCE_SECONDS = DEAF_SECONDS
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
