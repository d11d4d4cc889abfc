"""How the end of a site is read from honcho's notes."""

from __future__ import annotations

import datetime

import pytest
from honcho.manager import SYSTEM_PRINTER_NAME
from honcho.printer import Message

from scripts.crew import Log


def note(text: str) -> Message:
    """A line of honcho's own."""
    return Message("line", text, datetime.datetime.now(tz=datetime.UTC), SYSTEM_PRINTER_NAME, None)


def test_the_first_part_that_ends_unasked_is_remembered() -> None:
    log = Log()
    for text in ("web started (pid=7)\n", "worker stopped (rc=-9)\n", "web stopped (rc=0)\n"):
        log.write(note(text))
    assert log.first_to_fall == ("worker", -9)


def test_after_a_signal_nobody_fell() -> None:
    log = Log()
    for text in ("SIGINT received\n", "worker stopped (rc=-9)\n"):
        log.write(note(text))
    assert log.ending
    assert log.first_to_fall is None


def test_lines_of_parts_are_printed_and_notes_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    log = Log()
    log.write(note("web started (pid=7)\n"))
    log.write(Message("line", "안녕하세요\n".encode(), datetime.datetime.now(tz=datetime.UTC), "web", None))
    printed = capsys.readouterr().out
    assert "안녕하세요" in printed
    assert "started" not in printed
