"""What a run changed, for people and programs: the scores of a checkpoint beside those of the one it grew from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from model.writer import LearningReport, Scores

NOVEL = "novel-"
WRITING = (
    "longest_copied",
    "copied_share",
    "repeated_share",
    "keyword_rate",
    "distinct_characters",
    "distinct_words",
)
"""The scores that are measured of what the writer writes."""


@dataclass(frozen=True)
class Growth:
    """What is kept with a checkpoint; see `growth`."""

    measurements: dict[str, Any]
    samples: list[dict[str, Any]]


def style_of(novel_id: int | None) -> str:
    """The name under which the writer knows a novel's style; passages have one of their own."""
    return "passages" if novel_id is None else f"{NOVEL}{novel_id}"


def growth(report: LearningReport, earlier: Scores | None, scores: Scores) -> Growth:
    """What a run did, and what it changed: bits per character on the held-out part of every novel read so far, before
    and after it; how the writer wrote before and writes now; and what it made of the same beginnings."""
    values = report.to_json()
    del values["curve"], values["held_out"]
    held_out = _held_out(report, earlier, scores)
    compared = [part for part in held_out if part["before"] is not None]
    new = [part for part in compared if part["role"] == "new"] or compared
    measurements = {
        **values,
        "bits_before": _average(new, "before"),
        "bits_after": _average(new, "after"),
        "held_out": held_out,
        "writing": _writing(scores),
        "writing_before": _writing(earlier) if earlier else None,
    }
    return Growth(measurements, _samples(earlier, scores))


def _held_out(report: LearningReport, earlier: Scores | None, scores: Scores) -> list[dict[str, Any]]:
    """Each novel's bits; `role` is `new`, `rehearsal`, or `earlier` for one that the run did not read."""
    before = {part.style: part.bits for part in earlier.held_out} if earlier else {}
    before |= {part.style: part.before for part in report.held_out}
    roles = {part.style: part.role for part in report.held_out}
    return [
        {
            "novel_id": _novel_id(part.style),
            "role": roles.get(part.style, "earlier"),
            "characters": part.characters,
            "before": before.get(part.style),
            "after": part.bits,
        }
        for part in scores.held_out
    ]


def _novel_id(style: str) -> int | None:
    return int(style.removeprefix(NOVEL)) if style.startswith(NOVEL) else None


def _average(parts: Sequence[dict[str, Any]], key: str) -> float | None:
    """Weighted by characters; None where nothing was held out."""
    characters = sum(part["characters"] for part in parts)
    if not characters:
        return None
    return float(sum(part[key] * part["characters"] for part in parts) / characters)


def _writing(scores: Scores) -> dict[str, Any]:
    values = scores.to_json()
    return {name: values[name] for name in WRITING}


def _samples(earlier: Scores | None, scores: Scores) -> list[dict[str, Any]]:
    """What the writer makes of each beginning, beside what it made of it before."""
    before = {(sample.prompt, sample.keywords): sample.text for sample in earlier.samples} if earlier else {}
    return [
        {**asdict(sample), "before": before.get((sample.prompt, sample.keywords))}
        for sample in scores.samples
    ]
