"""What is counted, and the one order that breaks every tie.

The order of ties: the option with the fewest rejections comes first (a ballot rejects what it leaves out), then the one
proposed earliest, then the one with the smallest HMAC-SHA256 of its id under the poll's seed. Where two options could
win, the first in this order does; where one of two has to go, it is the last; of two equally strong duels the one whose
winner (or, for one winner, whose loser) comes first is taken first. So no tie is left open, and none is decided twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from webapp.core.voting.rules import Choice, tie_number
from webapp.core.voting.tallies.results import TIE_EARLIEST, TIE_REJECTIONS, TIE_SEED


class Place(NamedTuple):
    """Where an option stands in the order of ties; smaller comes first."""

    rejections: int
    proposed_at: datetime
    number: str


@dataclass(frozen=True)
class Field:
    """Options and ballots, made ready to be counted.

    `votes` counts the ballots that choose each option, the struck ones too; `ballots` counts equal ballots, and holds
    only options that may win, by id; `places` is the order of ties among those.
    """

    votes: Counter[int]
    ballots: Counter[tuple[int, ...]]
    places: dict[int, Place]
    values: dict[int, int]
    nones: frozenset[int]
    winners: int

    def chosen(self) -> list[int]:
        """The options that may win and that some ballot chooses, in the order of ties."""
        return sorted((one for one in self.places if self.votes[one]), key=self.places.__getitem__)


def field_of(
    options: Sequence[Choice], ballots: Collection[Sequence[int]], *, seed: str, winners: int
) -> Field:
    """The field of these options and ballots."""
    chosen = Counter(tuple(dict.fromkeys(ballot)) for ballot in ballots)
    votes: Counter[int] = Counter()
    for ballot, times in chosen.items():
        for option_id in ballot:
            votes[option_id] += times
    standing = [option for option in options if not option.struck]
    places = {
        one.option_id: Place(
            len(ballots) - votes[one.option_id], one.proposed_at, tie_number(seed, one.option_id)
        )
        for one in standing
    }
    counted: Counter[tuple[int, ...]] = Counter()
    for ballot, times in chosen.items():
        counted[tuple(option_id for option_id in ballot if option_id in places)] += times
    return Field(
        votes=votes,
        ballots=counted,
        places=places,
        values={one.option_id: one.value for one in standing if one.value is not None},
        nones=frozenset(one.option_id for one in standing if one.is_none),
        winners=winners,
    )


def tie_rule(first: Place, second: Place) -> str:
    """By which rule the first stands before the second in the order of ties."""
    if first.rejections != second.rejections:
        return TIE_REJECTIONS
    return TIE_EARLIEST if first.proposed_at != second.proposed_at else TIE_SEED


def above_none(ranking: Sequence[int], field: Field) -> tuple[list[int], bool]:
    """The winners of a ranking, and whether "none of these" stands first in it: only what stands above it wins."""
    none_at = next((place for place, one in enumerate(ranking) if one in field.nones), len(ranking))
    return list(ranking[: min(field.winners, none_at)]), none_at == 0
