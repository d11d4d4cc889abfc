"""Two texts compared, and what they were computed with."""

from __future__ import annotations

import pytest

from model.writer import Circumstances
from workers.rewriting import changes, first_difference

NOW = Circumstances(code="ab", torch="2.13", device="cpu", processor="a processor", threads=2)


@pytest.mark.parametrize(
    ("one", "other", "place"),
    [
        ("가나다", "가나다", None),
        ("가나다", "가다다", 2),
        ("가나", "가나다", 3),
        ("가나다", "가나", 3),
        ("", "가", 1),
    ],
)
def test_the_first_difference_is_counted_from_one(one: str, other: str, place: int | None) -> None:
    assert first_difference(one, other) == place


def test_what_has_changed_since_is_named() -> None:
    assert changes(NOW.to_json(), NOW) == []
    assert changes({**NOW.to_json(), "torch": "2.9", "threads": 1}, NOW) == ["torch", "threads"]


def test_where_nothing_was_kept_all_of_it_may_have_changed() -> None:
    assert changes({}, NOW) == ["code", "torch", "device", "processor", "threads"]
