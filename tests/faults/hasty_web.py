"""gunicorn that soon gives up clients which do not read, for tests that have no time: `python -m tests.faults.hasty_web …`."""

from __future__ import annotations

import runpy
import sys

from scripts import serving

STUCK_MILLISECONDS = 4_000

if __name__ == "__main__":
    serving.STUCK_MILLISECONDS = STUCK_MILLISECONDS
    sys.argv[0] = "gunicorn"
    runpy.run_module("gunicorn", run_name="__main__", alter_sys=True)
