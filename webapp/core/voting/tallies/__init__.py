"""How votes are counted: one file a method, all behind `tally`. Values in, values out.

Every tie, in every method, is broken by one and the same order of a poll's options (`field.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from webapp.core.voting import rules
from webapp.core.voting.rules import Choice
from webapp.core.voting.tallies.approval import most_votes
from webapp.core.voting.tallies.field import Field, field_of
from webapp.core.voting.tallies.irv import instant_run_off
from webapp.core.voting.tallies.median import middle
from webapp.core.voting.tallies.ranked_pairs import ranked_pairs
from webapp.core.voting.tallies.results import NOBODY, QUORUM, Result, Tally, Verdict

METHODS: dict[str, Callable[[Field], Verdict]] = {
    rules.APPROVAL: most_votes,
    rules.PLURALITY: most_votes,
    rules.MEDIAN: middle,
    rules.IRV: instant_run_off,
    rules.RANKED_PAIRS: ranked_pairs,
}


def tally(
    method: str,
    options: Sequence[Choice],
    ballots: Collection[Sequence[int]],
    *,
    seed: str,
    winners: int = 1,
    quorum: int = 1,
) -> Result:
    """Count ballots (option ids each, best first in a ranked poll) by one of `METHODS`.

    At most `winners` options win; `irv` and `median` have one winner at the most. Fewer than `quorum` ballots decide
    nothing, and neither do none.
    """
    field = field_of(options, ballots, seed=seed, winners=winners)
    if not ballots:
        verdict = Verdict([], NOBODY)
    elif len(ballots) < quorum:
        verdict = Verdict([], QUORUM)
    else:
        verdict = METHODS[method](field)
    total = sum(field.votes[option_id] for option_id in verdict.winners)
    return Result(
        method=method,
        ballots=len(ballots),
        winners=verdict.winners,
        none_won=verdict.none_won,
        tallies=[
            _tally(option, field, total if option.option_id in verdict.winners else 0) for option in options
        ],
        decided_by=verdict.decided_by,
        value=verdict.value,
        rounds=verdict.rounds,
        duels=verdict.duels,
    )


def _tally(option: Choice, field: Field, winners_votes: int) -> Tally:
    votes = field.votes[option.option_id]
    return Tally(option.option_id, option.label, votes, votes / winners_votes if winners_votes else 0.0)
