"""The table of the fault tests, printed when they have all run."""

from __future__ import annotations

import pytest

from tests.faults.ledger import Ledger

_LEDGER = Ledger()


@pytest.fixture(scope="session")
def ledger() -> Ledger:
    """How often to try, and where to say what came of it."""
    return _LEDGER


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what came of each fault."""
    if _LEDGER.rows:
        terminalreporter.section("faults")
        for line in _LEDGER.lines():
            terminalreporter.write_line(line)
