"""Ranked pairs: every two options are held against each other, and the clearest of these duels count first.

After T. N. Tideman, "Independence of clones as a criterion for voting rules", Social Choice and Welfare 4 (1987),
185-206. The strength of a duel is its margin. An order among equally strong duels is needed (T. M. Zavist and T. N.
Tideman, "Complete independence of clones in the ranked pairs rule", Social Choice and Welfare 6 (1989), 167-173); ours
is the order of ties (see `field.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, combinations

from webapp.core.voting.tallies.field import Field, above_none, tie_rule
from webapp.core.voting.tallies.results import NOBODY, VOTES, Duel, Verdict, weakest

Below = dict[int, set[int]]
"""Which options stand below each option, by the duels that hold."""


def ranked_pairs(field: Field) -> Verdict:
    """The options that stand first win, each ranked by one ballot at least; "none of these" competes like any option."""
    options = field.chosen()
    if not options:
        return Verdict([], NOBODY)
    duels, below = lock(sorted(majorities(field, options), key=lambda duel: _strength(duel, field)), options)
    ranking = order(options, below)
    winners, none_won = above_none(ranking, field)
    cut = 1 if none_won else len(winners)
    decided_by = weakest([_cut_rule(ranking, cut, below, field), *_tied_rules(duels, field)])
    return Verdict(winners, decided_by, none_won, duels=duels)


def majorities(field: Field, options: Sequence[int]) -> list[Duel]:
    """Every duel that one side wins. A ballot prefers what it ranks to what it leaves out."""
    before = Counter(chain.from_iterable(combinations(ballot, 2) for ballot in field.ballots.elements()))
    duels = []
    for one, other in combinations(options, 2):
        # Of the ballots that rank an option, those that rank the other one before it do not prefer it; the rest do.
        votes, against = field.votes[one] - before[other, one], field.votes[other] - before[one, other]
        if votes > against:
            duels.append(Duel(one, other, votes, against, holds=True))
        elif against > votes:
            duels.append(Duel(other, one, against, votes, holds=True))
    return duels


def _strength(duel: Duel, field: Field) -> tuple[object, ...]:
    """Sorts duels from the strongest to the weakest."""
    return duel.against - duel.votes, field.places[duel.winner], field.places[duel.loser]


def lock(duels: Sequence[Duel], options: Sequence[int]) -> tuple[list[Duel], Below]:
    """Go through the duels from the strongest on; each holds unless those before it say the opposite."""
    told, below = list[Duel](), Below({one: set() for one in options})
    for duel in duels:
        holds = duel.winner not in below[duel.loser]
        told.append(replace(duel, holds=holds))
        if holds:
            under = {duel.loser, *below[duel.loser]}
            for one in options:
                if one == duel.winner or duel.winner in below[one]:
                    below[one] |= under
    return told, below


def order(options: Sequence[int], below: Below) -> list[int]:
    """All options, which come in the order of ties: always next the first that stands below none of those left."""
    left, ranking = list(options), list[int]()
    while left:
        best = next(one for one in left if not any(one in below[other] for other in left))
        ranking.append(best)
        left.remove(best)
    return ranking


def _cut_rule(ranking: Sequence[int], cut: int, below: Below, field: Field) -> str:
    """What set the option before the cut above the one after it."""
    if cut == len(ranking) or ranking[cut] in below[ranking[cut - 1]]:
        return VOTES
    return tie_rule(field.places[ranking[cut - 1]], field.places[ranking[cut]])


def _tied_rules(duels: Sequence[Duel], field: Field) -> list[str]:
    """The rules that set equally strong duels before those that then did not hold."""
    rules = []
    for place, lost in enumerate(duels):
        if lost.holds:
            continue
        for duel in duels[:place]:
            if duel.holds and duel.votes - duel.against == lost.votes - lost.against:
                same = duel.winner == lost.winner
                one, other = (duel.loser, lost.loser) if same else (duel.winner, lost.winner)
                rules.append(tie_rule(field.places[one], field.places[other]))
    return rules
