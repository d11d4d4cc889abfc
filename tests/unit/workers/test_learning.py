"""What is kept of a run's measurements."""

from __future__ import annotations

import pytest

from model.records import HeldOut, LearningReport
from workers.learning import measurements, style_of


def report(*held_out: HeldOut) -> LearningReport:
    return LearningReport((), held_out, 10, 2.5, 4000, 3000, 500, 20, "cpu", 7, "seconds")


def test_measurements_tell_bits_by_novel_and_on_average_over_what_was_new() -> None:
    kept = measurements(
        report(
            HeldOut(style_of(4), "new", 100, 6.0, 4.0),
            HeldOut(style_of(5), "new", 300, 5.0, 4.4),
            HeldOut(style_of(6), "rehearsal", 900, 3.0, 3.1),
        )
    )
    assert [part["novel_id"] for part in kept["held_out"]] == [4, 5, 6]
    assert kept["bits_before"] == pytest.approx(5.25)
    assert kept["bits_after"] == pytest.approx(4.3)
    assert (kept["seconds"], kept["characters_read"], kept["seed"]) == (2.5, 4000, 7)


def test_where_nothing_new_was_held_out_the_rehearsed_texts_speak() -> None:
    kept = measurements(report(HeldOut(style_of(6), "rehearsal", 900, 3.0, 3.1)))
    assert (kept["bits_before"], kept["bits_after"]) == (pytest.approx(3.0), pytest.approx(3.1))


def test_short_texts_leave_nothing_to_measure() -> None:
    kept = measurements(report())
    assert (kept["bits_before"], kept["bits_after"], kept["held_out"]) == (None, None, [])
