"""The rules of the relay: which kind of turn comes next, when a phase is over, and what then happens.

Values in, values out. `service.py` and `relay.py` ask; nothing here knows of the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from webapp.core.voting.rules import APPROVAL, IRV, PLURALITY, RANKED_PAIRS
from webapp.errors import N_, Conflict, Invalid

SOURCE, HUMAN, MACHINE = "source", "human", "machine"
COLLECTING, WORKING, CHOOSING, DONE, VOID = "collecting", "working", "choosing", "done", "void"
OPEN_PHASES = (COLLECTING, WORKING, CHOOSING)
MOST_WRITINGS = 2
CHOOSING_METHODS = (APPROVAL, PLURALITY, IRV, RANKED_PAIRS)

WRONG_PHASE = {
    (SOURCE, COLLECTING): N_("지금은 원작을 추천하는 때가 아니에요. 이야기의 지금 차례를 확인해 주세요."),
    (HUMAN, COLLECTING): N_(
        "지금은 초안을 받는 때가 아니에요. 쓴 글은 잘 두었다가 다음 사람 차례에 내 주세요."
    ),
}


@dataclass(frozen=True)
class StorySettings:
    """How a story moves. Times in seconds, lengths in characters."""

    collecting_seconds: int = 600
    """How long nominations, drafts, keywords and length are collected."""
    choosing_seconds: int = 600
    """How long people choose among what was collected or written."""
    enough_ballots: int = 5
    """A phase with polls closes early when each of them has this many ballots."""
    quorum: int = 1
    """Fewer ballots than this decide nothing: the vote is extended once, then the written rule decides."""
    source_method: str = APPROVAL
    """How people vote on what the writer reads, one of `CHOOSING_METHODS`; by `irv` one novel wins at the most."""
    passage_method: str = APPROVAL
    """How people vote on the next passage, one of `CHOOSING_METHODS`."""
    source_every: int = 6
    """A source turn comes again after this many other turns."""
    winning_novels: int = 2
    """How many novels the writer reads in one source turn at the most."""
    winning_keywords: int = 3
    """How many keywords go into the writer's drafts at the most."""
    drafts: int = 4
    """How many drafts the writer offers."""
    lengths: tuple[int, ...] = (200, 400, 600, 800)
    """The lengths that can be voted for."""
    default_length: int = 400
    """The length of a passage when nobody votes on it."""
    vote_on_passage: bool = True
    """Off: the writer's first acceptable draft is published without a vote, as the predecessor did."""

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> StorySettings:
        """Settings from what was sent or stored; raises Invalid for an unknown name or a value out of range."""
        known = {field.name for field in fields(cls)}
        for name in values:
            if name not in known:
                message = N_("‘%(name)s’라는 설정은 없어요. 쓸 수 있는 설정: %(known)s")
                raise Invalid(
                    "unknown-setting", message, field="settings", name=name, known=", ".join(sorted(known))
                )
        given = dict(values)
        if isinstance(given.get("lengths"), list):
            given["lengths"] = tuple(given["lengths"])
        settings = cls(**given)
        settings._check()
        return settings

    def to_values(self) -> dict[str, Any]:
        """The settings as they are stored."""
        return {**asdict(self), "lengths": list(self.lengths)}

    def _check(self) -> None:
        for name, (low, high) in _RANGES.items():
            _check_whole(name, getattr(self, name), low, high)
        if not isinstance(self.lengths, tuple) or not 1 <= len(self.lengths) <= 9:
            raise Invalid("bad-setting", N_("길이 선택지는 1개부터 9개까지 정해 주세요."), field="settings")
        for length in self.lengths:
            _check_whole("lengths", length, 50, 2000)
        if len(set(self.lengths)) != len(self.lengths):
            raise Invalid(
                "bad-setting", N_("길이 선택지가 겹쳐요. 서로 다른 길이로 정해 주세요."), field="settings"
            )
        if not isinstance(self.vote_on_passage, bool):
            message = N_("vote_on_passage는 참(true)이나 거짓(false)으로 정해 주세요.")
            raise Invalid("bad-setting", message, field="settings")
        self._check_voting()

    def _check_voting(self) -> None:
        for name in ("source_method", "passage_method"):
            if getattr(self, name) not in CHOOSING_METHODS:
                message, known = (
                    N_("%(name)s 설정은 %(known)s 가운데 하나여야 해요."),
                    ", ".join(CHOOSING_METHODS),
                )
                raise Invalid("bad-setting", message, field="settings", name=name, known=known)
        if self.quorum > self.enough_ballots:
            message = N_(
                "적어도 필요한 표(quorum)는 일찍 닫는 데 넉넉한 표(enough_ballots)보다 많을 수 없어요."
            )
            raise Invalid("bad-setting", message, field="settings")


_RANGES = {
    "collecting_seconds": (1, 30 * 86_400),
    "choosing_seconds": (1, 30 * 86_400),
    "enough_ballots": (1, 100_000),
    "quorum": (1, 100_000),
    "source_every": (1, 100),
    "winning_novels": (1, 5),
    "winning_keywords": (1, 5),
    "drafts": (1, 8),
    "default_length": (50, 2000),
}


def _check_whole(name: str, value: object, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        message = N_("%(name)s 설정은 %(low)d부터 %(high)d 사이의 정수여야 해요.")
        raise Invalid("bad-setting", message, field="settings", name=name, low=low, high=high)


def next_kind(kinds: Sequence[str], source_every: int) -> str:
    """The kind of the turn after these: source first and again after `source_every` others, else human and machine
    in alternation, human first."""
    since_source = 0
    for kind in reversed(kinds):
        if kind == SOURCE:
            break
        since_source += 1
    if not kinds or since_source >= source_every:
        return SOURCE
    last = next((kind for kind in reversed(kinds) if kind != SOURCE), MACHINE)
    return HUMAN if last == MACHINE else MACHINE


class Step(StrEnum):
    """What happens to a turn whose phase is over."""

    EXTEND = "extend"
    OPEN_CHOICE = "open-choice"
    WORK = "work"
    SETTLE = "settle"
    VOID = "void"


@dataclass(frozen=True)
class Standing:
    """How a turn stands: its kind and phase, what was handed in (approved nominations, offered drafts), the ballots
    cast in the poll of it that has most, how many decide something, whether the phase was extended before, and whether
    a moderator closes it now."""

    kind: str
    phase: str
    handed_in: int = 0
    ballots: int = 0
    quorum: int = 1
    extended: bool = False
    by_moderator: bool = False


def next_step(standing: Standing) -> Step:
    """What the rule says when the phase is over: silence extends a phase once, and never stops the story."""
    voted = standing.ballots >= standing.quorum
    if standing.phase == CHOOSING:
        answered, then, otherwise = voted, Step.SETTLE, Step.SETTLE
    elif standing.kind == MACHINE:
        answered, then, otherwise = voted, Step.WORK, Step.WORK
    else:
        answered, then, otherwise = standing.handed_in > 0, Step.OPEN_CHOICE, Step.VOID
    if answered:
        return then
    return otherwise if standing.extended or standing.by_moderator else Step.EXTEND


def is_over(closes_at: datetime | None, moment: datetime, ballots: Sequence[int], enough: int) -> bool:
    """Whether a phase is over at `moment`: its time is up, or each of its polls has enough ballots."""
    if closes_at is not None and closes_at <= moment:
        return True
    return bool(ballots) and min(ballots) >= enough


def check_collecting(
    kind: str, phase: str, closes_at: datetime | None, moment: datetime, *, needed: str
) -> None:
    """Refuse with 409 unless a turn of the needed kind is collecting and its time is not up."""
    if kind != needed or phase != COLLECTING or (closes_at is not None and closes_at <= moment):
        raise Conflict("wrong-phase", WRONG_PHASE[(needed, COLLECTING)])


def check_can_close(phase: str) -> None:
    """Refuse with 409 to close a phase in which the writer works, or a turn that is over."""
    if phase == WORKING:
        raise Conflict(
            "turn-working", N_("작가 AI가 일하고 있어요. 일이 끝나면 저절로 다음 단계로 넘어가요.")
        )
    if phase not in OPEN_PHASES:
        raise Conflict("turn-over", N_("이미 끝난 차례예요. 이야기의 지금 차례를 확인해 주세요."))


def keywords_that_fit(keywords: Sequence[str], characters: int) -> list[str]:
    """As many of the keywords, best first, as a draft of this length has room for: each stands with its particle in a
    clause of its own, and together they take up less than half of it."""
    taken: list[str] = []
    for keyword in keywords:
        if sum(len(word) + 4 for word in [*taken, keyword]) <= characters // 2:
            taken.append(keyword)
    return taken


def normalised(shares: Mapping[int, float]) -> dict[int, float]:
    """The same shares, made to add up to 1; nothing where there are none."""
    total = sum(shares.values())
    return {key: share / total for key, share in shares.items()} if total else {}


def join_prompt(passages: Sequence[str], most: int = 1200) -> str:
    """The end of the story for the writer to go on from: whole passages as far as `most` characters reach, and the
    last one always."""
    taken: list[str] = []
    for text in reversed(passages):
        if taken and sum(map(len, taken)) + len(text) > most:
            break
        taken.insert(0, text)
    return "\n\n".join(taken)[-most:]


def split_reading(passages: Mapping[int, str], read_up_to: int, about: int) -> tuple[str, str]:
    """What the writer takes into its memory, and what it then goes on from, of the passages of a story by seq.

    Its memory has read what comes before passage `read_up_to`; it goes on from passage `about`, of which its memory
    knows nothing yet, to the end.
    """
    before = [text for seq, text in passages.items() if read_up_to <= seq < about]
    after = [text for seq, text in passages.items() if seq >= about]
    return join_prompt(before), join_prompt(after or before)


def first_is_meant(value: str) -> bool:
    """What the predecessor's `is_first` flag says: Y/N, true/false, 1/0; raises Invalid for anything else."""
    lowered = value.strip().lower()
    if lowered in ("y", "yes", "true", "1"):
        return True
    if lowered in ("n", "no", "false", "0"):
        return False
    raise Invalid(
        "bad-flag", N_("is_first에는 Y나 N을 적어 주세요. (true/false, 1/0도 돼요.)"), field="is_first"
    )
