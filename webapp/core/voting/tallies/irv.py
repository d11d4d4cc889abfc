"""Instant run-off: the weakest go out, round after round, until one option has more than half.

Each ballot counts for the first of its options that is still left; a ballot with none left counts no more. The method
is Ware's of 1871, told in D. M. Farrell, "Electoral Systems: A Comparative Introduction", 2nd edition, 2011, chapter 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from webapp.core.voting.tallies.field import Field, tie_rule
from webapp.core.voting.tallies.results import NOBODY, VOTES, Count, Round, Verdict, weakest


def instant_run_off(field: Field) -> Verdict:
    """One option wins: the first with more than half of the ballots that still count. It may be "none of these"."""
    left, rounds = list(field.places), list[Round]()
    while True:
        counts = first_choices(field.ballots, set(left))
        if not counts:
            return Verdict([], NOBODY)
        told = [Count(one, counts[one]) for one in left]
        leader = max(left, key=lambda one: counts[one])
        if 2 * counts[leader] > counts.total():
            rounds.append(Round(told, [], VOTES))
            break
        out, rule = going_out(left, counts, field)
        rounds.append(Round(told, out, rule))
        left = [one for one in left if one not in out]
    decided_by = weakest([each.decided_by for each in rounds])
    if leader in field.nones:
        return Verdict([], decided_by, none_won=True, rounds=rounds)
    return Verdict([leader], decided_by, rounds=rounds)


def first_choices(ballots: Counter[tuple[int, ...]], left: Collection[int]) -> Counter[int]:
    """How many ballots have each option before all others that are left."""
    counts: Counter[int] = Counter()
    for ballot, times in ballots.items():
        first = next((one for one in ballot if one in left), None)
        if first is not None:
            counts[first] += times
    return counts


def going_out(left: list[int], counts: Counter[int], field: Field) -> tuple[list[int], str]:
    """Which options go out, and by which rule: all without a ballot, since nothing can change by their order, and of
    those with fewest ballots the last in the order of ties."""
    without = [one for one in left if not counts[one]]
    fewest = min(counts.values())
    tied = sorted((one for one in left if counts[one] == fewest), key=field.places.__getitem__)
    rule = tie_rule(field.places[tied[-2]], field.places[tied[-1]]) if len(tied) > 1 else VOTES
    return [*without, tied[-1]], rule
