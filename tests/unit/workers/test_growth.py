"""What is kept of a run and of the scores before and after it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from model.writer import HeldOut, LearningReport, Sample, Scores, TextScore
from workers.growth import growth, style_of

PLAIN, ASKED = Sample("비가", "왔다."), Sample("비가", "우산이 왔다.", ("우산",), ("우산",))


def report(*held_out: HeldOut) -> LearningReport:
    return LearningReport((), held_out, 10, 2.5, 4000, 3000, 500, 20, "cpu", 7, "seconds")


def scores(*held_out: TextScore, samples: tuple[Sample, ...] = (PLAIN, ASKED)) -> Scores:
    return Scores(held_out, samples, 12, 0.1, 0.02, 0.75, (0.2, 0.6), (0.7, 0.9))


def test_every_novel_read_so_far_has_its_bits_before_and_after() -> None:
    learned = report(
        HeldOut(style_of(4), "new", 100, 6.0, 4.0), HeldOut(style_of(6), "rehearsal", 900, 3.0, 3.1)
    )
    earlier = scores(TextScore(style_of(5), 300, 5.0), TextScore(style_of(6), 900, 3.0))
    now = scores(
        TextScore(style_of(4), 100, 4.0), TextScore(style_of(5), 300, 5.4), TextScore(style_of(6), 900, 3.1)
    )
    kept = growth(learned, earlier, now).measurements
    assert [(part["novel_id"], part["role"], part["before"], part["after"]) for part in kept["held_out"]] == [
        (4, "new", 6.0, 4.0),
        (5, "earlier", 5.0, 5.4),
        (6, "rehearsal", 3.0, 3.1),
    ]
    assert (kept["seconds"], kept["characters_read"], kept["seed"]) == (2.5, 4000, 7)


def test_the_average_is_over_what_was_new_by_length() -> None:
    learned = report(HeldOut(style_of(4), "new", 100, 6.0, 4.0), HeldOut(style_of(5), "new", 300, 5.0, 4.4))
    now = scores(*(TextScore(style_of(novel), 100 * length, bits) for novel, length, bits in
                   ((4, 1, 4.0), (5, 3, 4.4), (6, 9, 3.1))))  # fmt: skip
    kept = growth(learned, None, now).measurements
    assert kept["bits_before"] == pytest.approx(5.25)
    assert kept["bits_after"] == pytest.approx(4.3)


def test_where_nothing_new_was_held_out_the_rest_speaks() -> None:
    now = scores(TextScore(style_of(6), 900, 3.1), TextScore(style_of(7), 900, 2.0))
    kept = growth(report(HeldOut(style_of(6), "rehearsal", 900, 3.0, 3.1)), None, now).measurements
    assert (kept["bits_before"], kept["bits_after"]) == (pytest.approx(3.0), pytest.approx(3.1))
    assert kept["held_out"][1]["before"] is None


def test_short_texts_leave_nothing_to_measure() -> None:
    kept = growth(report(), None, scores()).measurements
    assert (kept["bits_before"], kept["bits_after"], kept["held_out"]) == (None, None, [])


def test_what_is_written_of_the_same_beginning_stands_beside_what_was() -> None:
    earlier = scores(samples=(replace(PLAIN, text="는 는."), replace(ASKED, text="우산 우산.")))
    grown = growth(report(), earlier, scores())
    assert [sample["before"] for sample in grown.samples] == ["는 는.", "우산 우산."]
    assert grown.samples[1]["keywords_found"] == ("우산",)
    assert grown.measurements["writing"]["keyword_rate"] == 0.75
    assert grown.measurements["writing_before"]["longest_copied"] == 12


def test_a_writer_that_was_never_measured_has_nothing_beside() -> None:
    grown = growth(report(), None, scores())
    assert [sample["before"] for sample in grown.samples] == [None, None]
    assert grown.measurements["writing_before"] is None
