"""What the writer learns in a run: how much of it is new, and how much is read again so that it is not forgotten.

A lesson is `{"novel_id" or "text_sha256", "share", "role"}`; the shares of a run add up to 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

Lesson = dict[str, Any]
T = TypeVar("T")

REHEARSAL_SHARE = 0.28
"""Of the reading in a source turn: enough not to forget what was read before, little enough to hear the new voice."""
PASSAGE_REHEARSAL_SHARE = 0.75
"""The same for a passage. It is short: with less around it the writer learns it by heart and forgets how to write
(seen: 0.2 bits per character worse on novels after one passage with 0.45, none with 0.7 to 0.8)."""
STORY_SHARE = 0.4
"""Of what is rehearsed with a passage: the story so far; the rest are novels."""
CHOSEN_WEIGHT = 3.0
"""How much more a novel of the story's style mix is rehearsed than another one."""
MOST_REHEARSED = 24
"""Novels rehearsed in one run at the most."""
LEAST_NEW_CHARACTERS = 200
"""What is new and shorter than this is learned together with what is rehearsed, as one."""


def plan_lessons(
    *,
    novels: Mapping[int, float] | None = None,
    texts: Mapping[str, float] | None = None,
    read_before: Sequence[int] = (),
    texts_before: Sequence[str] = (),
    style_mix: Mapping[int, float] | None = None,
) -> list[Lesson]:
    """The lessons of a run.

    New are `novels` (id → weight) and `texts` (SHA-256 → weight); rehearsed are novels `read_before`, those of the
    `style_mix` most, and the story's `texts_before`.
    """
    new = _lessons("novel_id", novels or {}, "new") + _lessons("text_sha256", texts or {}, "new")
    mix = style_mix or {}
    old_novels = [novel_id for novel_id in read_before if novel_id not in (novels or {})]
    weights = {one: CHOSEN_WEIGHT if one in mix else 1.0 for one in _picked(old_novels, mix)}
    rehearsed_novels = _lessons("novel_id", weights, "rehearsal")
    rehearsed_texts = _lessons("text_sha256", dict.fromkeys(texts_before, 1.0), "rehearsal")
    old = _blend(rehearsed_texts, rehearsed_novels, STORY_SHARE)
    return _blend(old, new, PASSAGE_REHEARSAL_SHARE if texts else REHEARSAL_SHARE)


def with_rehearsal(lessons: Sequence[Lesson], read_before: Sequence[int]) -> list[Lesson]:
    """Lessons that were planned before there was a writer who had read something, planned anew."""
    return plan_lessons(
        novels=_weights(lessons, "novel_id", "new"),
        texts=_weights(lessons, "text_sha256", "new"),
        texts_before=list(_weights(lessons, "text_sha256", "rehearsal")),
        read_before=read_before,
    )


def new_shares(lessons: Sequence[Lesson]) -> dict[int, float]:
    """The novels that are new in a run, with their shares among each other: the style mix it makes."""
    weights = _weights(lessons, "novel_id", "new")
    total = sum(weights.values())
    return {novel_id: weight / total for novel_id, weight in weights.items()}


def _weights(lessons: Sequence[Lesson], key: str, role: str) -> dict[Any, float]:
    return {lesson[key]: lesson["share"] for lesson in lessons if key in lesson and lesson["role"] == role}


def _lessons(key: str, weights: Mapping[Any, float], role: str) -> list[Lesson]:
    return [{key: name, "share": weight, "role": role} for name, weight in weights.items() if weight > 0]


def _blend(first: list[Lesson], second: list[Lesson], first_share: float) -> list[Lesson]:
    """Both lists as one whose shares add up to 1; `first_share` falls to the first where neither is empty."""
    if not first or not second:
        first_share = 1.0 if first else 0.0
    return _scaled(second, 1.0 - first_share) + _scaled(first, first_share)


def _scaled(lessons: list[Lesson], share: float) -> list[Lesson]:
    total = sum(lesson["share"] for lesson in lessons)
    return [{**lesson, "share": lesson["share"] / total * share} for lesson in lessons]


def _picked(novels: Sequence[int], mix: Mapping[int, float]) -> list[int]:
    """At most MOST_REHEARSED: all of the style mix, and others spread evenly over all that was read."""
    chosen = [novel_id for novel_id in novels if novel_id in mix][:MOST_REHEARSED]
    others = [novel_id for novel_id in novels if novel_id not in mix]
    return chosen + _spread(others, MOST_REHEARSED - len(chosen))


def _spread(items: Sequence[T], most: int) -> list[T]:
    if len(items) <= most:
        return list(items)
    return [items[place * len(items) // most] for place in range(most)]
