"""What pref_voting says of profiles: read as JSON from stdin, answered as JSON on stdout.

Runs in the environment that `tests.faults.oracle` makes, and imports nothing of ours. A profile has `candidates` (how
many, numbered from 0), `ballots` (orders, best first, perhaps of some of them only), `order` (all candidates, the one
that ties fall to first) and `approvals` (sets of candidates). The answers name winners: `irv` and `ranked-pairs` all that
win under any way to break ties (None where that takes too long), `irv-order` and `ranked-pairs-order` under `order`.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from math import factorial, prod
from typing import Any

from pref_voting.grade_methods import approval
from pref_voting.grade_profiles import GradeProfile
from pref_voting.iterative_methods import instant_runoff_put, instant_runoff_tb
from pref_voting.margin_based_methods import ranked_pairs, ranked_pairs_tb
from pref_voting.profiles import Profile
from pref_voting.profiles_with_ties import ProfileWithTies
from pref_voting.scoring_methods import plurality

MOST_WAYS = 1_000


def answer(profile: dict[str, Any]) -> dict[str, list[int] | None]:
    """The winners of one profile by every method."""
    candidates, order = list(range(profile["candidates"])), profile["order"]
    counted = Counter(map(tuple, profile["ballots"]))
    whole = all(len(ballot) == len(candidates) for ballot in counted)
    ranked = whole_profile(counted) if whole else cut_profile(counted, candidates)
    return {
        "plurality": winners(plurality(ranked)),
        "approval": winners(approval(grades(profile["approvals"], candidates))),
        "irv": winners(instant_runoff_put(ranked)),
        "irv-order": winners(instant_runoff_tb(ranked, tie_breaker=order[::-1])),
        "ranked-pairs": winners(ranked_pairs(ranked)) if ways_to_break_ties(ranked) <= MOST_WAYS else None,
        "ranked-pairs-order": winners(ranked_pairs_tb(ranked, tie_breaker=order)),
    }


def ways_to_break_ties(profile: Profile | ProfileWithTies) -> int:
    """In how many orders `ranked_pairs` would look at the duels. Its own test of that is fooled by numbers too large."""
    pairs = [(one, other) for one in profile.candidates for other in profile.candidates if one != other]
    strengths = Counter(profile.margin(*pair) for pair in pairs if profile.margin(*pair) >= 0)
    return 1 if profile.condorcet_winner() is not None else prod(map(factorial, strengths.values()))


def whole_profile(counted: Counter[tuple[int, ...]]) -> Profile:
    """Ballots that rank every candidate."""
    return Profile([list(ballot) for ballot in counted], list(counted.values()))


def cut_profile(counted: Counter[tuple[int, ...]], candidates: list[int]) -> ProfileWithTies:
    """Ballots that leave candidates out, who then stand behind all others."""
    ranks = [{candidate: place for place, candidate in enumerate(ballot, start=1)} for ballot in counted]
    profile = ProfileWithTies(ranks, list(counted.values()), candidates=candidates)
    profile.use_extended_strict_preference()
    return profile


def grades(approvals: list[list[int]], candidates: list[int]) -> GradeProfile:
    """Approvals as grades 1 and 0."""
    given = [{candidate: int(candidate in chosen) for candidate in candidates} for chosen in approvals]
    return GradeProfile(given, [0, 1], candidates=candidates)


def winners(found: Any) -> list[int] | None:
    """Plain numbers instead of numpy's."""
    return None if found is None else sorted(int(one) for one in found)


if __name__ == "__main__":
    json.dump([answer(profile) for profile in json.load(sys.stdin)], sys.stdout)
