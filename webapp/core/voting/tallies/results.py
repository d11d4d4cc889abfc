"""What a count comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

VOTES, NOBODY, QUORUM = "votes", "nobody", "quorum"
TIE_REJECTIONS, TIE_EARLIEST, TIE_SEED = "tie-rejections", "tie-earliest", "tie-seed"
STRENGTHS = (VOTES, TIE_REJECTIONS, TIE_EARLIEST, TIE_SEED)
"""By what something may be decided, strongest first."""


@dataclass(frozen=True)
class Tally:
    """One option's count: the ballots that choose it, or in a ranked poll rank it at any place. `share` is its part of
    all the winners' votes, 0 for those that did not win."""

    option_id: int
    label: str
    votes: int
    share: float


@dataclass(frozen=True)
class Count:
    """How many ballots an option has in one round."""

    option_id: int
    votes: int


@dataclass(frozen=True)
class Round:
    """One round of a run-off: the ballots of each option that is left, and which options then went out; none in the
    last round. `decided_by` tells how the one that went out came after those with as few ballots."""

    counts: list[Count]
    out: list[int]
    decided_by: str


@dataclass(frozen=True)
class Duel:
    """Two options held against each other: `votes` ballots prefer the winner, `against` the loser. A drawn duel goes to
    the one that is first in the order of ties. A duel does not hold where stronger ones say the opposite."""

    winner: int
    loser: int
    votes: int
    against: int
    holds: bool


@dataclass(frozen=True)
class Verdict:
    """What a method says: the winners' option ids, best first, and how it came to that."""

    winners: list[int]
    decided_by: str
    none_won: bool = False
    value: int | None = None
    rounds: list[Round] = field(default_factory=list)
    duels: list[Duel] = field(default_factory=list)


@dataclass(frozen=True)
class Result:
    """What a poll came to. `winners` are option ids, best first; `value` is the number that a median poll chose.

    `decided_by` is the weakest rule that the count had to ask: `votes`, or one of those that break ties
    (`tie-rejections`, `tie-earliest`, `tie-seed`); `nobody` where no ballot counts, `quorum` where too few were cast.
    `rounds` are those of a run-off, `duels` those of ranked pairs from the strongest to the weakest.
    """

    method: str
    ballots: int
    winners: list[int]
    none_won: bool
    tallies: list[Tally]
    decided_by: str
    value: int | None = None
    rounds: list[Round] = field(default_factory=list)
    duels: list[Duel] = field(default_factory=list)

    def to_values(self) -> dict[str, Any]:
        """The result as plain values for JSON; rounds and duels only where the method has them."""
        values = asdict(self)
        return {name: value for name, value in values.items() if value or name not in ("rounds", "duels")}


def weakest(rules: Sequence[str]) -> str:
    """The weakest of these rules; `votes` where there are none."""
    return max(rules, key=STRENGTHS.index, default=VOTES)
