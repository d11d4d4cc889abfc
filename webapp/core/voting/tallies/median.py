"""Median: of all the numbers that people wish for, the one in the middle."""

from __future__ import annotations

from webapp.core.voting.tallies.field import Field
from webapp.core.voting.tallies.results import NOBODY, VOTES, Verdict


def middle(field: Field) -> Verdict:
    """The option in the middle of all ballots, by value, wins; of two in the middle the smaller one.

    Unlike the average, the median gives nobody more weight for asking for more. It has one winner and no ties. "None of
    these" wins where more ballots choose it than wish for any number at all.
    """
    wishes = sorted((value, one) for one, value in field.values.items() for _ in range(field.votes[one]))
    if sum(field.votes[one] for one in field.nones) > len(wishes):
        return Verdict([], VOTES, none_won=True)
    if not wishes:
        return Verdict([], NOBODY)
    value, option_id = wishes[(len(wishes) - 1) // 2]
    return Verdict([option_id], VOTES, value=value)
