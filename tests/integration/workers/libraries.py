"""What workers, their children and the relay clock load before they work; `tests.integration.workers.warm` loads it once.

Not `workers` itself: each worker shares memory with its own children (`workers.lead`), made when that is loaded.
"""

from __future__ import annotations

import os
from importlib import import_module

# As `workers.__main__.prepare_environment` has it; libraries read it when they are loaded.
os.environ.update(OMP_WAIT_POLICY="PASSIVE", OMP_NUM_THREADS="1")

for name in (
    "alembic.context",
    "argon2",
    "flask_babel",
    "flask_limiter",
    "flask_login",
    "flask_migrate",
    "flask_sqlalchemy",
    "redis",
    "rq",
    "safetensors.torch",
    "structlog",
    "torch",
    "webapp",
):
    import_module(name)
