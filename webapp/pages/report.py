"""A checkpoint's report in words: what it remembers of each novel, how it writes, and what it makes of the same
beginnings, each beside what it was before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from webapp.core.library import queries as library
from webapp.core.training.models import Checkpoint
from webapp.errors import N_

FORGOTTEN, BETTER = 1.03, 0.99
"""Bits per character after a run as a multiple of those before: from here on a novel counts as partly forgotten, and up
to here as known better."""


@dataclass(frozen=True)
class Exam:
    """How a checkpoint does on a part of one novel that it never read, in bits per character, before and after a run;
    `title` is empty for passages of a story, `before` None where it was not measured."""

    title: str
    is_new: bool
    before: float | None
    after: float

    @property
    def went_well(self) -> bool:
        """Whether something new was learned, or something old not forgotten."""
        return self.before is not None and self.after < self.before * (1.0 if self.is_new else FORGOTTEN)

    @property
    def verdict(self) -> str:
        """What came of it, in a word; empty where there is nothing to compare with."""
        if self.before is None:
            return ""
        if self.is_new:
            return gettext("배웠어요") if self.went_well else gettext("아직 어려워해요")
        if not self.went_well:
            return gettext("조금 잊었어요")
        return gettext("더 잘 알아요") if self.after <= BETTER * self.before else gettext("기억해요")


@dataclass(frozen=True)
class Habit:
    """Something about how the writer writes: its name, what it means, and its value in words before and after."""

    name: str
    meaning: str
    before: str
    after: str


@dataclass(frozen=True)
class Pair:
    """What the writer made of one beginning before and after a run; `before` is empty where nothing was kept. `keywords`
    are those asked for, with whether they stand in what it writes now."""

    prompt: str
    before: str
    after: str
    keywords: list[tuple[str, bool]]


def exams_of(checkpoint: Checkpoint) -> list[Exam]:
    """How the run changed the score on each text, what was new first."""
    old = {reading.novel_id for reading in checkpoint.readings if not reading.is_new}
    exams = [
        Exam(_title(part.get("novel_id")), part.get("novel_id") not in old, part["before"], part["after"])
        for part in checkpoint.measurements.get("held_out", [])
    ]
    return sorted(exams, key=lambda exam: not exam.is_new)


def _title(novel_id: int | None) -> str:
    return library.get(novel_id).title if novel_id is not None else ""


def _share(value: float) -> str:
    return f"{value:.0%}"


def _characters(value: float) -> str:
    return gettext("%(n)s자", n=round(value))


HABITS: tuple[tuple[str, str, str, Callable[[Any], str]], ...] = (
    (
        "keyword_rate",
        N_("부탁한 낱말을 넣은 정도"),
        N_("늘 같은 낱말을 부탁해 보고 몇이나 넣는지 세어요. 높을수록 부탁을 잘 들어줘요."),
        _share,
    ),
    (
        "longest_copied",
        N_("그대로 옮긴 가장 긴 곳"),
        N_("읽은 글과 한 글자도 다르지 않게 이어진 곳이에요. 짧을수록 제 말로 쓴 거예요."),
        _characters,
    ),
    (
        "copied_share",
        N_("읽은 글과 겹친 정도"),
        N_("여덟 글자씩 끊어 볼 때, 읽은 글에도 그대로 나오는 만큼이에요."),
        _share,
    ),
    (
        "repeated_share",
        N_("같은 말을 되풀이한 정도"),
        N_("여덟 글자씩 끊어 볼 때, 한 글 안에서 이미 나온 만큼이에요. 낮을수록 좋아요."),
        _share,
    ),
    (
        "distinct_words",
        N_("낱말의 다양함"),
        N_("쓴 낱말 가운데 서로 다른 낱말의 비율이에요. 높을수록 여러 말을 골라 써요."),
        lambda pair: _share(pair[0]),
    ),
)
"""What is told of how the writer writes: its name in the measurements, its name and meaning in words, how its value is
told."""


def habits_of(checkpoint: Checkpoint) -> list[Habit]:
    """How the writer writes; nothing for a checkpoint that was not measured so."""
    now = checkpoint.measurements.get("writing")
    before = checkpoint.measurements.get("writing_before")
    if not now:
        return []
    return [
        Habit(gettext(name), gettext(meaning), told(before[key]) if before else "", told(now[key]))
        for key, name, meaning, told in HABITS
    ]


def pairs_of(checkpoint: Checkpoint) -> list[Pair]:
    """What was written from the same beginnings before and after."""
    return [
        Pair(
            sample["prompt"],
            sample.get("before") or "",
            sample["text"],
            [(word, word in sample["keywords_found"]) for word in sample.get("keywords", [])],
        )
        for sample in checkpoint.samples
    ]
