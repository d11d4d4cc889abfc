"""The table of the fault tests, printed when they have all run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.ledger import Ledger
from tests.reporting import note


@pytest.fixture(scope="session")
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """How often to try, and where to say what came of it."""
    kept = Ledger()
    yield kept
    if kept.rows:
        note(request.config, "\n".join(["", "faults", *kept.lines()]))
