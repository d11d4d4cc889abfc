"""How votes are checked and counted. Values in, values out: anybody can recount a poll with this file alone.

Ties fall to the option proposed earliest, then to the smallest HMAC-SHA256 of the option's id under the poll's seed.
(Ballots approve or leave out; with equal approvals the rejections are equal as well.)
"""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from webapp.errors import N_, Invalid

APPROVAL, MEDIAN = "approval", "median"
MOST_OPTIONS = 60
MOST_PROPOSED = 5
"""Keywords that one person may propose in one poll, so that nobody fills it alone."""
LONGEST_KEYWORD = 12

VOTES, TIE_EARLIEST, TIE_SEED, NOBODY = "votes", "tie-earliest", "tie-seed", "nobody"

Ballots = Collection[Collection[int]]
"""The option ids that each ballot chooses."""


@dataclass(frozen=True)
class Choice:
    """An option as it is counted. `value` is the number of a length option; a struck option cannot win."""

    option_id: int
    label: str
    proposed_at: datetime
    value: int | None = None
    is_none: bool = False
    struck: bool = False


@dataclass(frozen=True)
class Tally:
    """One option's count. `share` is its part of all the winners' votes, 0 for those that did not win."""

    option_id: int
    label: str
    votes: int
    share: float


@dataclass(frozen=True)
class Result:
    """What a poll came to. `winners` are option ids, best first; `value` is the number that a median poll chose.

    `decided_by` tells how the last winner came before the first that did not win: `votes`, `tie-earliest`, `tie-seed`;
    `nobody` where no ballot counts.
    """

    method: str
    ballots: int
    winners: list[int]
    none_won: bool
    tallies: list[Tally]
    decided_by: str
    value: int | None = None

    def to_values(self) -> dict[str, Any]:
        """The result as plain values for JSON."""
        return asdict(self)


def tally(method: str, options: Sequence[Choice], ballots: Ballots, *, seed: str, winners: int) -> Result:
    """Count by this method, `approval` or `median`."""
    if method == MEDIAN:
        return tally_median(options, ballots)
    return tally_approval(options, ballots, seed=seed, winners=winners)


def tally_approval(options: Sequence[Choice], ballots: Ballots, *, seed: str, winners: int) -> Result:
    """The options that most ballots approve win, at most `winners` of them, each with one vote at least.

    "None of these" competes like any option: only what stands above it wins, and where it stands first nothing does.
    """
    votes = _votes(options, ballots)
    ranking = sorted(
        (option for option in options if votes[option.option_id] and not option.struck),
        key=lambda option: (-votes[option.option_id], option.proposed_at, tie_number(seed, option.option_id)),
    )
    none_at = next((place for place, option in enumerate(ranking) if option.is_none), len(ranking))
    won = [option.option_id for option in ranking[: min(winners, none_at)]]
    none_won = bool(ranking) and none_at == 0
    return Result(
        method=APPROVAL,
        ballots=len(ballots),
        winners=won,
        none_won=none_won,
        tallies=_tallies(options, votes, won),
        decided_by=_decided_by(ranking, votes, 1 if none_won else len(won)),
    )


def tally_median(options: Sequence[Choice], ballots: Ballots) -> Result:
    """The option in the middle of all ballots, by value, wins; of two in the middle the smaller one.

    Unlike the average, the median gives nobody more weight for asking for more. It has one winner and no ties.
    """
    values = {o.option_id: o.value for o in options if o.value is not None and not o.struck}
    votes = _votes(options, ballots)
    cast = sorted((value, option_id) for option_id, value in values.items() for _ in range(votes[option_id]))
    value, middle = cast[(len(cast) - 1) // 2] if cast else (None, None)
    won = [] if middle is None else [middle]
    return Result(
        method=MEDIAN,
        ballots=len(ballots),
        winners=won,
        none_won=False,
        tallies=_tallies(options, votes, won),
        decided_by=VOTES if won else NOBODY,
        value=value,
    )


def _votes(options: Sequence[Choice], ballots: Ballots) -> Counter[int]:
    known = {option.option_id for option in options}
    return Counter(option_id for ballot in ballots for option_id in set(ballot) if option_id in known)


def _tallies(options: Sequence[Choice], votes: Mapping[int, int], won: Collection[int]) -> list[Tally]:
    """Each option's count, in the order of the options."""
    total = sum(votes[option_id] for option_id in won)
    return [
        Tally(
            o.option_id,
            o.label,
            votes[o.option_id],
            votes[o.option_id] / total if o.option_id in won else 0.0,
        )
        for o in options
    ]


def _decided_by(ranking: Sequence[Choice], votes: Mapping[int, int], cut: int) -> str:
    """What set the option before the cut above the one after it."""
    if not ranking:
        return NOBODY
    if cut == len(ranking) or votes[ranking[cut - 1].option_id] > votes[ranking[cut].option_id]:
        return VOTES
    return TIE_EARLIEST if ranking[cut - 1].proposed_at < ranking[cut].proposed_at else TIE_SEED


def check_ballot(kind: str, options: Sequence[Choice], chosen: Collection[int]) -> set[int]:
    """The option ids that a ballot chooses, each once; raises Invalid where it may not be cast like this."""
    ids, known = set(chosen), {option.option_id: option for option in options}
    if not ids:
        raise Invalid("empty-ballot", N_("고른 것이 없어요. 하나 이상 골라 주세요."), field="options")
    if not ids <= known.keys():
        raise Invalid(
            "foreign-option",
            N_("이 투표에 없는 선택지예요. 새로 고친 다음 다시 골라 주세요."),
            field="options",
        )
    if any(known[option_id].struck for option_id in ids):
        raise Invalid(
            "struck-option", N_("운영자가 내린 선택지가 들어 있어요. 다른 것을 골라 주세요."), field="options"
        )
    if kind == "length" and len(ids) > 1:
        raise Invalid("one-option-only", N_("길이는 하나만 고를 수 있어요."), field="options")
    if len(ids) > 1 and any(known[option_id].is_none for option_id in ids):
        message = N_("‘이 중에는 없어요’는 다른 것과 함께 고를 수 없어요. 하나만 골라 주세요.")
        raise Invalid("none-with-others", message, field="options")
    return ids


def label_key(label: str) -> str:
    """What two labels have in common that differ only in case or the way Hangul is put together."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", label).casefold())


def seed_of(secret: str) -> str:
    """The seed that a poll breaks ties with, published when it closes. It does not give the secret away."""
    return _mac(secret, "seed")


def hash_seed(seed: str) -> str:
    """SHA-256 of the seed, published when the poll opens, so that nobody can choose a seed afterwards."""
    return hashlib.sha256(seed.encode("ascii")).hexdigest()


def pseudonym(secret: str, voter_id: int) -> str:
    """A voter's name in the published ballots of one poll.

    It comes from the secret, which stays secret: with the seed, which is published, anybody could try all voter ids.
    """
    return _mac(secret, f"voter:{voter_id}")[:16]


def tie_number(seed: str, option_id: int) -> str:
    """HMAC-SHA256, in hex, of the option's id in decimal under the seed; the smallest wins the last tie."""
    return _mac(seed, str(option_id))


def hash_result(result: Mapping[str, Any]) -> str:
    """SHA-256, in hex, of the result as JSON with sorted keys and no spaces."""
    text = json.dumps(result, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _mac(key: str, message: str) -> str:
    return hmac.new(key.encode("ascii"), message.encode("ascii"), hashlib.sha256).hexdigest()
