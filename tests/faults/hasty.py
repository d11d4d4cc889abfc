"""A worker whose leases are short, for tests that have no time: `python -m tests.faults.hasty workers`."""

from __future__ import annotations

import runpy
import sys
from datetime import timedelta

from webapp import jobs

LEASE = timedelta(seconds=5)

if __name__ == "__main__":
    jobs.LEASE = LEASE
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
