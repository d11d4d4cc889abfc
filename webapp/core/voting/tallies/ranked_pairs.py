"""Ranked pairs: every two options are held against each other, and the clearest of these duels count first.

After T. N. Tideman, "Independence of clones as a criterion for voting rules", Social Choice and Welfare 4 (1987),
185-206. The strength of a duel is its margin. That one order of the options has to break all ties, and that a drawn duel
is a duel of no strength, is T. M. Zavist and T. N. Tideman, "Complete independence of clones in the ranked pairs rule",
Social Choice and Welfare 6 (1989), 167-173; their order is a drawn ballot, ours the order of ties (see `field.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, combinations

from webapp.core.voting.tallies.field import Field, above_none, tie_rule
from webapp.core.voting.tallies.results import NOBODY, Duel, Verdict, weakest

Below = dict[int, set[int]]
"""Which options stand below each option, by the duels that hold."""


def ranked_pairs(field: Field) -> Verdict:
    """The options that stand first win, each ranked by one ballot at least; "none of these" competes like any option."""
    options = field.chosen()
    if not options:
        return Verdict([], NOBODY)
    duels, below = lock(sorted(held(field, options), key=lambda duel: _strength(duel, field)), options)
    # Whoever has most below stands first: every two options have fought a duel.
    ranking = sorted(options, key=lambda one: len(below[one]), reverse=True)
    winners, none_won = above_none(ranking, field)
    cut = 1 if none_won else len(winners)
    first = set(ranking[:cut])
    rules = (
        [] if _beat_all(first, duels) else [*_drawn_rules(duels, first, field), *_tied_rules(duels, field)]
    )
    return Verdict(winners, weakest(rules), none_won, duels=duels)


def held(field: Field, options: Sequence[int]) -> list[Duel]:
    """The duel of every two options, which come in the order of ties: a drawn one goes to the first.

    A ballot prefers what it ranks to what it leaves out.
    """
    before = Counter(chain.from_iterable(combinations(ballot, 2) for ballot in field.ballots.elements()))
    duels = []
    for one, other in combinations(options, 2):
        # Of the ballots that rank an option, those that rank the other one before it do not prefer it; the rest do.
        votes, against = field.votes[one] - before[other, one], field.votes[other] - before[one, other]
        pair = (one, other, votes, against) if votes >= against else (other, one, against, votes)
        duels.append(Duel(*pair, holds=True))
    return duels


def _strength(duel: Duel, field: Field) -> tuple[object, ...]:
    """Sorts duels from the strongest to the weakest."""
    return duel.against - duel.votes, field.places[duel.winner], field.places[duel.loser]


def lock(duels: Iterable[Duel], options: Sequence[int]) -> tuple[list[Duel], Below]:
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


def _beat_all(first: set[int], duels: Iterable[Duel]) -> bool:
    """Whether each of these options won its duel with each other option: no tie among the rest can change who they are."""
    return all(
        duel.winner in first and duel.votes > duel.against
        for duel in duels
        if (duel.winner in first) != (duel.loser in first)
    )


def _drawn_rules(duels: Sequence[Duel], first: set[int], field: Field) -> list[str]:
    """The rules that set the options that stand first above others, with which they drew and above which no duel that
    was won sets them."""
    _, below = lock((duel for duel in duels if duel.votes > duel.against), list(field.places))
    pairs = [(duel.winner, duel.loser) for duel in duels if duel.votes == duel.against]
    return [
        tie_rule(field.places[one], field.places[other])
        for one, other in pairs
        if (one in first) != (other in first) and other not in below[one] and one not in below[other]
    ]


def _tied_rules(duels: Sequence[Duel], field: Field) -> list[str]:
    """The rules that set duels before equally strong ones, which then did not hold."""
    rules = []
    for place, lost in enumerate(duels):
        if lost.holds or lost.votes == lost.against:
            continue
        for duel in duels[:place]:
            if duel.holds and duel.votes - duel.against == lost.votes - lost.against:
                same = duel.winner == lost.winner
                one, other = (duel.loser, lost.loser) if same else (duel.winner, lost.winner)
                rules.append(tie_rule(field.places[one], field.places[other]))
    return rules
