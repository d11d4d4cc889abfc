"""The step that turns a writer and a story's wishes into drafts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from model.writer import Circumstances, Writer, WriteRequest, Written
from webapp.core.stories.service import WritingOrder, WrittenDraft
from workers.growth import style_of

MUCH_SHARED = 0.5
"""A draft of which more than this stands in a text that the writer has read comes after the others."""


def write(writer: Writer, digest: str, order: WritingOrder) -> list[WrittenDraft]:
    """The drafts that were ordered, the best first; `digest` is the writer's checkpoint."""
    request = WriteRequest(
        prompt=order.prompt,
        characters=order.characters,
        drafts=order.drafts,
        keywords=order.keywords,
        seed=order.seed,
        styles={style_of(novel_id): share for novel_id, share in order.styles.items()},
    )
    written, computed = best_first(writer.write(request), request), writer.circumstances()
    return [WrittenDraft(one.text, details(order, request, digest, one, computed)) for one in written]


def best_first(written: Sequence[Written], request: WriteRequest) -> list[Written]:
    """Ranked by the keywords that are missing, by what is copied, and then by how surely they were written."""

    def faults(one: Written) -> tuple[int, bool, float]:
        missing = len(request.keywords) - len(one.keywords_found)
        copied = one.measurements["shared_share"] > MUCH_SHARED
        return missing, copied, one.measurements["bits_per_character"]

    return sorted(written, key=faults)


def details(
    order: WritingOrder, request: WriteRequest, digest: str, written: Written, computed: Circumstances
) -> dict[str, Any]:
    """All that is needed to write a draft again, what it was mixed of, and what was measured of it."""
    return {
        "checkpoint_sha256": digest,
        "request": request.to_json(),
        "seed": written.seed,
        "circumstances": computed.to_json(),
        "style_mix": {str(novel_id): share for novel_id, share in order.styles.items()},
        "keywords": list(request.keywords),
        "keywords_found": list(written.keywords_found),
        "measurements": written.measurements,
    }
