"""Approval and plurality: the options on most ballots win. The two differ in how many a ballot may choose."""

from __future__ import annotations

from webapp.core.voting.tallies.field import Field, above_none, tie_rule
from webapp.core.voting.tallies.results import NOBODY, VOTES, Verdict


def most_votes(field: Field) -> Verdict:
    """The options that most ballots choose win, each with one ballot at least.

    "None of these" competes like any option. Most votes are fewest rejections, so the order of ties is the ranking.
    """
    ranking = field.chosen()
    if not ranking:
        return Verdict([], NOBODY)
    winners, none_won = above_none(ranking, field)
    return Verdict(winners, _decided_by(ranking, 1 if none_won else len(winners), field), none_won)


def _decided_by(ranking: list[int], cut: int, field: Field) -> str:
    """What set the option before the cut above the one after it."""
    if cut == len(ranking) or field.votes[ranking[cut - 1]] > field.votes[ranking[cut]]:
        return VOTES
    return tie_rule(field.places[ranking[cut - 1]], field.places[ranking[cut]])
