"""What the writer is to learn in a run: what is new, and what it rehearses of all it read before."""

from __future__ import annotations

from typing import Any

from webapp import storage
from webapp.core.stories import queries
from webapp.core.stories.models import Passage, Story
from webapp.core.training import queries as training
from webapp.core.training.rules import plan_lessons


def parent_of(story: Story) -> int | None:
    """The checkpoint that a story's next run starts from: its newest, or else the base."""
    if story.checkpoint_id is not None:
        return story.checkpoint_id
    base = training.newest_base()
    return base.id if base else None


def for_novels(shares: dict[int, float], parent_id: int | None) -> list[dict[str, Any]]:
    """Novels to read, by their shares of the vote."""
    return plan_lessons(novels=shares, read_before=_read_before(parent_id))


def for_passage(story: Story, passage: Passage | None, parent_id: int | None) -> list[dict[str, Any]]:
    """A human passage to learn from; the story so far is rehearsed with the novels."""
    texts = {storage.keep_text(passage.text): 1.0} if passage else {}
    earlier = [storage.keep_text(other.text) for other in queries.newest_passages(story.id, 20)]
    return plan_lessons(
        texts=texts,
        texts_before=[digest for digest in earlier if digest not in texts],
        read_before=_read_before(parent_id),
        style_mix={int(novel_id): share for novel_id, share in story.style_mix.items()},
    )


def _read_before(parent_id: int | None) -> list[int]:
    return training.novels_read(parent_id) if parent_id is not None else []
