"""What the test run prints at its end, from whichever process it comes: notes of fixtures, and what to run again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from itertools import chain
from typing import Any

import pytest
from _pytest.terminal import TerminalReporter

_NOTES = "ieum_notes"


def note(config: pytest.Config, text: str) -> None:
    """Print a text now, or at the end of the run from a process of pytest-xdist, which has no terminal."""
    output: dict[str, Any] | None = getattr(config, "workeroutput", None)
    if output is None:
        _terminal(config).write_line(text)
    else:
        output.setdefault(_NOTES, []).append(text)


def pytest_testnodedown(node: Any, error: object) -> None:
    """Print what a process of pytest-xdist has noted; it has ended."""
    for text in getattr(node, "workeroutput", {}).get(_NOTES, ()):
        _terminal(node.config).write_line(text)


def _terminal(config: pytest.Config) -> TerminalReporter:
    terminal: TerminalReporter = config.pluginmanager.getplugin("terminalreporter")
    return terminal


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print what to run again after a failure."""
    stats = terminalreporter.stats
    failed = dict.fromkeys(report.nodeid for report in chain(stats.get("failed", ()), stats.get("error", ())))
    if failed:
        terminalreporter.section("to run again")
    for line in commands(list(failed)):
        terminalreporter.write_line(line)


def commands(nodeids: Sequence[str]) -> list[str]:
    """Return a command for each failed test."""
    return [f'make test ARGS="{_quoted(nodeid)}"' for nodeid in nodeids]


def _quoted(nodeid: str) -> str:
    """Return the id as one word of the shell that make starts, fit for the double quotes of the shell before it."""
    word = shlex.quote(nodeid).replace("$", "$$")
    return re.sub(r'([\\"`$])', r"\\\1", word)
