"""How ranked ballots are counted: the run-off and the ranked pairs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.voting import rules
from webapp.core.voting.rules import Choice
from webapp.core.voting.tallies import tally
from webapp.core.voting.tallies.results import Result

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SEED = rules.seed_of("a" * 64)
TENNESSEE = [[1, 2, 3, 4]] * 42 + [[2, 3, 4, 1]] * 26 + [[3, 4, 2, 1]] * 15 + [[4, 3, 2, 1]] * 17
"""The example that every book tells: Memphis, Nashville, Chattanooga and Knoxville, 1 to 4."""


def choices(count: int) -> list[Choice]:
    """Options 1 to `count`, each proposed a second after the one before."""
    return [Choice(one, f"선택 {one}", NOON + timedelta(seconds=one)) for one in range(1, count + 1)]


def irv(options: list[Choice], ballots: list[list[int]]) -> Result:
    return tally("irv", options, ballots, seed=SEED)


def pairs(options: list[Choice], ballots: list[list[int]], winners: int = 1) -> Result:
    return tally("ranked-pairs", options, ballots, seed=SEED, winners=winners)


@st.composite
def profiles(draw: st.DrawFn) -> tuple[list[Choice], list[list[int]]]:
    """Options and ranked ballots, some of which do not rank all of them."""
    count = draw(st.integers(1, 5))
    order = st.permutations(range(1, count + 1))
    ballot = st.tuples(order, st.integers(1, count)).map(lambda drawn: list(drawn[0][: drawn[1]]))
    return choices(count), draw(st.lists(ballot, min_size=1, max_size=9))


class TestRunOff:
    def test_the_weakest_go_out_until_one_has_more_than_half(self) -> None:
        result = irv(choices(4), TENNESSEE)
        assert result.winners == [4]
        assert [[count.votes for count in each.counts] for each in result.rounds] == [
            [42, 26, 15, 17],
            [42, 26, 32],
            [42, 58],
        ]
        assert [each.out for each in result.rounds] == [[3], [2], []]
        assert result.decided_by == "votes"

    def test_a_majority_needs_no_second_round(self) -> None:
        result = irv(choices(3), [[1], [1, 2], [2, 3]])
        assert (result.winners, len(result.rounds)) == ([1], 1)

    def test_a_ballot_with_nothing_left_counts_no_more(self) -> None:
        result = irv(choices(3), [[1], [1], [2], [2], [2], [3]])
        assert result.winners == [2]
        assert [count.votes for count in result.rounds[1].counts] == [2, 3]

    def test_options_without_a_ballot_go_out_together_with_the_weakest(self) -> None:
        result = irv(choices(5), [[1], [1], [2], [2, 1], [3, 1]])
        assert result.rounds[0].out == [4, 5, 3]
        assert (result.winners, result.decided_by) == ([1], "votes")

    def test_of_the_weakest_the_one_left_out_most_often_goes(self) -> None:
        result = irv(choices(3), [[1, 3], [1, 3], [2, 3], [3]])
        assert result.rounds[0].out == [2]
        assert result.decided_by == "tie-rejections"
        assert result.winners == [3]

    def test_else_the_one_that_came_last(self) -> None:
        result = irv(choices(3), [[3], [3], [1], [2]])
        assert (result.rounds[0].out, result.decided_by) == ([2], "tie-earliest")

    def test_else_the_seed_says(self) -> None:
        options = [Choice(one, f"선택 {one}", NOON) for one in (1, 2)]
        result = irv(options, [[1], [2]])
        assert result.winners == [min((1, 2), key=lambda one: rules.tie_number(SEED, one))]
        assert result.decided_by == "tie-seed"

    def test_none_of_these_goes_out_like_any_option(self) -> None:
        options = [*choices(2), Choice(9, "이 중에는 없어요", NOON, is_none=True)]
        result = irv(options, [[1, 9], [1], [2], [2], [9]])
        assert result.rounds[0].out == [9]
        assert (result.winners, result.none_won) == ([1], False)

    def test_there_is_one_winner_however_many_are_asked_for(self) -> None:
        assert len(tally("irv", choices(4), TENNESSEE, seed=SEED, winners=3).winners) == 1

    @given(profiles())
    def test_every_ballot_counts_for_one_option_of_a_round_at_the_most(self, profile: Any) -> None:
        options, ballots = profile
        sizes = [sum(count.votes for count in each.counts) for each in irv(options, ballots).rounds]
        assert sizes[0] == len(ballots)
        assert sizes == sorted(sizes, reverse=True)


class TestRankedPairs:
    def test_who_wins_every_duel_wins(self) -> None:
        result = pairs(choices(4), TENNESSEE, winners=4)
        assert result.winners == [2, 3, 4, 1]
        assert [(each.winner, each.loser, each.votes, each.against) for each in result.duels] == [
            (3, 4, 83, 17),
            (2, 3, 68, 32),
            (2, 4, 68, 32),
            (2, 1, 58, 42),
            (3, 1, 58, 42),
            (4, 1, 58, 42),
        ]
        assert result.decided_by == "votes"

    def test_in_a_circle_the_weakest_duel_does_not_hold(self) -> None:
        circle = [[1, 2, 3]] * 8 + [[2, 3, 1]] * 7 + [[3, 1, 2]] * 5
        result = pairs(choices(3), circle, winners=3)
        assert result.winners == [1, 2, 3]
        assert [(each.winner, each.loser, each.holds) for each in result.duels] == [
            (2, 3, True),
            (1, 2, True),
            (3, 1, False),
        ]
        assert result.decided_by == "votes"

    def test_in_an_even_circle_the_earliest_option_wins(self) -> None:
        result = pairs(choices(3), [[1, 2, 3], [2, 3, 1], [3, 1, 2]])
        assert (result.winners, result.decided_by) == ([1], "tie-earliest")

    def test_what_a_ballot_leaves_out_it_prefers_to_nothing(self) -> None:
        result = pairs(choices(3), [[3], [3], [1, 2, 3]])
        assert result.winners == [3]
        assert [(each.winner, each.loser, each.votes, each.against) for each in result.duels] == [
            (3, 1, 2, 1),
            (3, 2, 2, 1),
            (1, 2, 1, 0),
        ]

    def test_a_drawn_duel_matters_only_where_nothing_else_decides(self) -> None:
        # 1 beats 3 through 2, and draws with it; whoever draws with the winner could have won instead.
        decided = pairs(choices(3), [[1, 2, 3], [3, 1, 2]])
        assert decided.winners == [1]
        assert decided.decided_by == "tie-earliest"
        through = pairs(choices(3), [[1, 2, 3], [1, 2, 3], [3, 1, 2], [3, 1, 2], [2, 3, 1], [1, 2]])
        assert through.winners == [1]
        assert through.decided_by == "votes"

    def test_a_drawn_duel_falls_to_the_one_left_out_least_often(self) -> None:
        result = pairs(choices(2), [[1, 2], [2]])
        assert result.decided_by == "tie-rejections"
        assert result.winners == [2]

    def test_only_what_stands_above_none_of_these_wins(self) -> None:
        options = [*choices(3), Choice(9, "이 중에는 없어요", NOON, is_none=True)]
        result = pairs(options, [[1, 9], [1, 2, 9], [1, 2, 9], [3, 9], [9]], winners=3)
        assert (result.winners, result.none_won) == ([1], False)

    def test_an_option_nobody_ranks_does_not_fill_a_place(self) -> None:
        assert pairs(choices(3), [[2]], winners=3).winners == [2]

    def test_a_tie_among_those_who_lost_decides_nothing(self) -> None:
        result = pairs(choices(4), [[1], [1, 2, 4], [1, 3, 2], [1, 4, 3]])
        assert (result.winners, result.decided_by) == ([1], "votes")

    @given(profiles())
    def test_whoever_beats_all_others_wins(self, profile: Any) -> None:
        options, ballots = profile
        wins = {option.option_id: 0 for option in options}
        result = pairs(options, ballots)
        for duel in result.duels:
            wins[duel.winner] += duel.votes > duel.against
        ranked = {one for ballot in ballots for one in ballot}
        for option_id, won in wins.items():
            if option_id in ranked and won == len(ranked) - 1:
                assert result.winners == [option_id]
                assert result.decided_by == "votes"

    @given(profiles())
    def test_the_duels_that_hold_are_kept_by_the_ranking(self, profile: Any) -> None:
        options, ballots = profile
        result = pairs(options, ballots, winners=len(options))
        place = {option_id: place for place, option_id in enumerate(result.winners)}
        assert all(place[duel.winner] < place[duel.loser] for duel in result.duels if duel.holds)
        strengths = [duel.votes - duel.against for duel in result.duels]
        assert strengths == sorted(strengths, reverse=True)


@pytest.mark.parametrize("method", rules.RANKED)
@given(profile=profiles())
def test_a_count_gives_the_same_result_after_a_journey_through_json(method: str, profile: Any) -> None:
    options, ballots = profile
    values = tally(method, options, ballots, seed=SEED).to_values()
    assert ("rounds" in values) == (method == "irv")
    assert method == "ranked-pairs" or "duels" not in values
    assert rules.hash_result(json.loads(json.dumps(values))) == rules.hash_result(values)
