"""The benchmark of learning: which texts, in which shares, and what its table says."""

from dataclasses import replace

import pytest

from benchmarks.learning import Run, lessons, mean_bits, rows
from benchmarks.table import Row

OURS = Run(seconds=300.4, updates=4_000, characters=2_000_000, bits={"가": 4.0, "나": 4.2}, mean=4.1)
REFERENCE = Run(seconds=300.9, updates=200, characters=320_000, bits={"가": 5.0, "나": 5.2}, mean=5.1)
SLOW = Run(seconds=15.2, updates=200, characters=90_000, bits={}, mean=5.3)
QUICK = Run(seconds=27.4, updates=400, characters=180_000, bits={}, mean=5.0)


def row(name: str, table: list[Row]) -> Row:
    return next(row for row in table if row.item.startswith(name))


def test_texts_are_read_by_their_length_and_in_no_style() -> None:
    planned = lessons({"짧은 글": "가" * 100, "긴 글": "나" * 300})
    assert [(text.style, text.share, text.role) for text in planned] == [("", 100, "new"), ("", 300, "new")]


def test_every_character_of_the_works_counts_alike() -> None:
    assert mean_bits({"가": 4.0, "나": 5.0}, {"가": 300, "나": 100}) == pytest.approx(4.25)


def test_the_table_holds_ours_against_the_reference() -> None:
    table = rows(OURS, REFERENCE, [SLOW, QUICK])
    assert row("bits per character", table).met
    assert row("seconds to", table) == Row(
        "seconds to the reference's score", "27.4", "300.9", "0.091", "≤ 0.1", True
    )
    assert all(row.met is not False for row in table)


def test_what_was_not_reached_is_missed() -> None:
    table = rows(replace(OURS, mean=4.3), REFERENCE, [SLOW])
    assert [row.item for row in table if row.met is False] == [
        "bits per character on five works not read",
        "seconds to the reference's score",
    ]
