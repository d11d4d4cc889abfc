"""What the writer learns in a run, and in which shares."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.training import rules
from webapp.core.training.rules import Lesson, new_shares, plan_lessons, with_rehearsal

weights = st.floats(min_value=0.01, max_value=1000)
novels = st.dictionaries(st.integers(1, 60), weights, min_size=1, max_size=6)


def share(lessons: list[Lesson], role: str, key: str | None = None) -> float:
    return sum(one["share"] for one in lessons if one["role"] == role and (key is None or key in one))


@given(novels, st.lists(st.integers(1, 60), unique=True), st.booleans())
def test_shares_add_up_to_one_and_nothing_is_both_new_and_rehearsed(
    new: dict[int, float], before: list[int], passage: bool
) -> None:
    lessons = plan_lessons(
        novels=new,
        texts={"a": 1.0} if passage else None,
        read_before=before,
        style_mix={before[0]: 1.0} if before else {},
    )
    assert sum(one["share"] for one in lessons) == pytest.approx(1.0)
    assert all(one["share"] > 0 for one in lessons)
    ids = [one["novel_id"] for one in lessons if "novel_id" in one]
    assert len(ids) == len(set(ids))


def test_novels_are_read_in_the_shares_of_their_votes() -> None:
    lessons = plan_lessons(novels={7: 3.0, 8: 1.0}, read_before=[1, 2])
    assert new_shares(lessons) == {7: pytest.approx(0.75), 8: pytest.approx(0.25)}
    assert share(lessons, "rehearsal") == pytest.approx(rules.REHEARSAL_SHARE)


def test_the_first_reading_has_nothing_to_rehearse() -> None:
    assert plan_lessons(novels={7: 1.0}) == [{"novel_id": 7, "share": 1.0, "role": "new"}]


def test_a_passage_is_learned_with_the_story_so_far_and_novels() -> None:
    lessons = plan_lessons(texts={"new": 1.0}, texts_before=["old", "older"], read_before=[1, 2, 3])
    assert share(lessons, "new", "text_sha256") == pytest.approx(1 - rules.PASSAGE_REHEARSAL_SHARE)
    rehearsed = rules.PASSAGE_REHEARSAL_SHARE
    assert share(lessons, "rehearsal", "text_sha256") == pytest.approx(rehearsed * rules.STORY_SHARE)
    assert share(lessons, "rehearsal", "novel_id") == pytest.approx(rehearsed * (1 - rules.STORY_SHARE))


def test_what_the_story_chose_is_rehearsed_more() -> None:
    lessons = plan_lessons(texts={"new": 1.0}, read_before=[1, 2], style_mix={2: 1.0})
    shares = {one["novel_id"]: one["share"] for one in lessons if "novel_id" in one}
    assert shares[2] == pytest.approx(rules.CHOSEN_WEIGHT * shares[1])


def test_of_very_many_novels_some_are_rehearsed_spread_over_all() -> None:
    lessons = plan_lessons(texts={"new": 1.0}, read_before=range(1, 201), style_mix={200: 1.0})
    ids = sorted(one["novel_id"] for one in lessons if "novel_id" in one)
    assert len(ids) == rules.MOST_REHEARSED
    assert ids[-1] == 200
    assert max(later - earlier for earlier, later in pairwise(ids)) < 20


def test_lessons_planned_before_there_was_a_writer_get_their_rehearsal() -> None:
    lessons = with_rehearsal(plan_lessons(novels={7: 3.0, 8: 1.0}), [1, 2, 7])
    assert lessons == plan_lessons(novels={7: 3.0, 8: 1.0}, read_before=[1, 2, 7])
