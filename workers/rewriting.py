"""Writing a published passage again, from all that was kept with it, to see whether it comes out the same."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from model.writer import Circumstances, WriteRequest, load_writer, use_threads
from webapp import storage
from workers.site import settings


@dataclass(frozen=True)
class Rewriting:
    """What came of it: whether the texts are the same, else the place of the first character that differs (from 1), and
    by what the machine of today differs from the one that wrote: names of `Circumstances`, which may be the reason."""

    same: bool
    differs_at: int | None
    changed: list[str]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def rewrite(text: str, details: dict[str, Any]) -> Rewriting:
    """Write the draft of these `details` again beside all others of its batch, whose number may move the last digits of
    a calculation, and compare it with `text`. Raises Unavailable and CheckpointDamaged."""
    digest, kept = details["checkpoint_sha256"], details.get("circumstances", {})
    use_threads(kept.get("threads", settings().writer_threads))
    writer = load_writer(storage.checkpoint_folder(digest), settings().device, sha256=digest)
    drafts = writer.write(WriteRequest.from_json(details["request"]))
    again = next(draft.text for draft in drafts if draft.seed == details["seed"])
    return Rewriting(text == again, first_difference(text, again), changes(kept, writer.circumstances()))


def first_difference(one: str, other: str) -> int | None:
    """The place, counted from 1, at which two texts part; None where they do not."""
    if one == other:
        return None
    pairs = zip(one, other, strict=False)
    shared = next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
    return shared + 1


def changes(kept: dict[str, Any], now: Circumstances) -> list[str]:
    """By what the circumstances of today differ from those that were kept; all of it where none were."""
    return [name for name, value in now.to_json().items() if kept.get(name) != value]
