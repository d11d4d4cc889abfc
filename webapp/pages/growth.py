"""How the writer has grown, in words: what each checkpoint read, how it scores, what it writes. The tables of one
checkpoint's scores are made in `report`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from webapp.core.stories import queries as stories
from webapp.core.training import queries
from webapp.core.training.models import Checkpoint, Run


@dataclass(frozen=True)
class Glance:
    """The writer today: novels and characters read, how often it learned, its score in bits per character."""

    novels: int
    characters: int
    checkpoints: int
    score: float | None


@dataclass(frozen=True)
class Stage:
    """One checkpoint on the line of growth; `change` is its score less the one it grew from."""

    checkpoint: Checkpoint
    read_line: str
    score: float | None
    change: float | None
    sample: dict[str, Any] | None


def growth_at_a_glance() -> Glance | None:
    """The newest checkpoint in numbers; None before the first."""
    newest = next(iter(queries.checkpoints(limit=1)), None)
    if newest is None:
        return None
    novels = [reading.novel for reading in newest.readings]
    return Glance(
        novels=len(novels),
        characters=sum(novel.characters for novel in novels),
        checkpoints=queries.checkpoint_count(),
        score=score_of(newest),
    )


def stage_of(checkpoint: Checkpoint) -> Stage:
    """A checkpoint in words."""
    sample = checkpoint.samples[0] if checkpoint.samples else None
    return Stage(checkpoint, read_line(checkpoint), score_of(checkpoint), change_of(checkpoint), sample)


def score_of(checkpoint: Checkpoint) -> float | None:
    """Bits per character on held-out text after the run, each text weighing as much as it is long."""
    return _mean(checkpoint.measurements.get("held_out", []), "after")


def change_of(checkpoint: Checkpoint) -> float | None:
    """How the run changed the score on the same held-out text; None where there was nothing before."""
    if checkpoint.parent_id is None:
        return None
    held_out = checkpoint.measurements.get("held_out", [])
    compared = [part for part in held_out if part["before"] is not None]
    before, after = _mean(compared, "before"), _mean(compared, "after")
    return None if before is None or after is None else round(after - before, 2)


def _mean(held_out: Sequence[dict[str, Any]], name: str) -> float | None:
    characters = sum(part["characters"] for part in held_out)
    return sum(part[name] * part["characters"] for part in held_out) / characters if characters else None


def read_line(checkpoint: Checkpoint) -> str:
    """What a checkpoint learned, in one line."""
    run = queries.run_of(checkpoint.id)
    if run is not None and run.purpose == "passage":
        return _passage_line(run)
    new = [reading.novel for reading in checkpoint.readings if reading.is_new]
    if not new:
        return gettext("말을 막 배우기 시작했어요.")
    titles = ", ".join(f"‘{novel.title}’" for novel in new[:3])
    if len(new) > 3:
        return gettext("%(titles)s 등 %(n)s편을 읽었어요.", titles=titles, n=len(new))
    return gettext("%(titles)s 글을 읽었어요.", titles=titles)


def _passage_line(run: Run) -> str:
    turn = stories.get_turn(run.turn_id) if run.turn_id else None
    if turn is None or turn.about_passage_id is None:
        return gettext("이야기의 대목을 배웠어요.")
    passage = stories.get_passage(turn.about_passage_id)
    return gettext("%(n)s번째 대목을 배웠어요.", n=passage.seq)
