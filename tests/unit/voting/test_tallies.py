"""How votes are counted by approval, plurality and median, and what holds for every method."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import median_low
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


def choices(count: int, **every: Any) -> list[Choice]:
    """Options 1 to `count`, proposed at the same time."""
    return [
        Choice(number, f"선택 {number}", every.get("proposed_at", NOON)) for number in range(1, count + 1)
    ]


def approval(options: list[Choice], ballots: list[list[int]], winners: int = 1, seed: str = SEED) -> Result:
    return tally("approval", options, ballots, seed=seed, winners=winners)


def median(options: list[Choice], ballots: list[list[int]]) -> Result:
    return tally("median", options, ballots, seed=SEED)


@st.composite
def polls(draw: st.DrawFn) -> tuple[list[Choice], list[list[int]], int]:
    """Options (some struck, perhaps one of them "none of these"), ballots, and how many may win."""
    count = draw(st.integers(1, 6))
    none_at = draw(st.none() | st.integers(1, count))
    options = [
        Choice(
            number,
            f"선택 {number}",
            NOON + timedelta(seconds=draw(st.integers(0, 2))),
            is_none=number == none_at,
            struck=draw(st.integers(0, 5)) == 0,
        )
        for number in range(1, count + 1)
    ]
    ballot = st.lists(st.integers(1, count), min_size=1, max_size=count, unique=True)
    return options, draw(st.lists(ballot, max_size=8)), draw(st.integers(1, 4))


@given(polls(), st.randoms(use_true_random=False))
def test_the_order_of_options_and_ballots_changes_nothing(poll: Any, random: Any) -> None:
    options, ballots, winners = poll
    first = approval(options, ballots, winners)
    random.shuffle(options)
    random.shuffle(ballots)
    second = approval(options, ballots, winners)
    assert (first.winners, first.none_won, first.decided_by) == (
        second.winners,
        second.none_won,
        second.decided_by,
    )


@given(polls())
def test_winners_have_at_least_as_many_votes_as_any_other_that_may_win(poll: Any) -> None:
    options, ballots, winners = poll
    result = approval(options, ballots, winners)
    votes = Counter(option_id for ballot in ballots for option_id in ballot)
    by_id = {option.option_id: option for option in options}
    assert len(result.winners) <= winners
    assert all(votes[won] > 0 and not by_id[won].struck and not by_id[won].is_none for won in result.winners)
    others = [o for o in options if o.option_id not in result.winners and not o.struck and not o.is_none]
    none_votes = [votes[o.option_id] for o in options if o.is_none and not o.struck]
    if len(result.winners) == winners:
        assert all(votes[won] >= votes[o.option_id] for won in result.winners for o in others)
    else:
        assert all(votes[o.option_id] == 0 or votes[o.option_id] <= max(none_votes) for o in others)
    assert all(votes[won] >= count for won in result.winners for count in none_votes)


@given(polls())
def test_one_more_vote_for_a_winner_leaves_it_a_winner(poll: Any) -> None:
    options, ballots, winners = poll
    before = approval(options, ballots, winners)
    for won in before.winners:
        assert won in approval(options, [*ballots, [won]], winners).winners


@given(polls())
def test_tallies_count_rows_and_the_shares_of_the_winners_make_one(poll: Any) -> None:
    options, ballots, winners = poll
    result = approval(options, ballots, winners)
    votes = Counter(option_id for ballot in ballots for option_id in ballot)
    assert [(tally.option_id, tally.votes) for tally in result.tallies] == [
        (option.option_id, votes[option.option_id]) for option in options
    ]
    assert sum(tally.share for tally in result.tallies) == pytest.approx(1.0 if result.winners else 0.0)
    assert all((tally.share > 0) == (tally.option_id in result.winners) for tally in result.tallies)


@given(polls())
def test_a_result_hashes_the_same_after_a_journey_through_json(poll: Any) -> None:
    options, ballots, winners = poll
    values = approval(options, ballots, winners).to_values()
    assert rules.hash_result(json.loads(json.dumps(values))) == rules.hash_result(values)


def test_the_most_approved_options_win_with_their_shares() -> None:
    result = approval(choices(3), [[1, 2], [1], [1, 3], [2]], winners=2)
    assert result.winners == [1, 2]
    assert [tally.share for tally in result.tallies] == [0.6, 0.4, 0.0]
    assert result.decided_by == "votes"
    assert result.ballots == 4


def test_without_ballots_nobody_wins() -> None:
    result = approval(choices(2), [])
    assert (result.winners, result.none_won, result.decided_by) == ([], False, "nobody")


def test_an_option_nobody_chose_does_not_fill_a_place() -> None:
    assert approval(choices(3), [[2]], winners=3).winners == [2]


def test_a_tie_falls_to_the_option_proposed_earliest() -> None:
    options = [Choice(1, "늦게", NOON + timedelta(seconds=1)), Choice(2, "먼저", NOON)]
    result = approval(options, [[1], [2]])
    assert (result.winners, result.decided_by) == ([2], "tie-earliest")


def test_a_tie_between_options_of_one_moment_falls_to_the_seed() -> None:
    result = approval(choices(2), [[1], [2]])
    assert result.winners == [min((1, 2), key=lambda number: rules.tie_number(SEED, number))]
    assert result.decided_by == "tie-seed"


def test_seeds_favour_no_option() -> None:
    seeds = [rules.seed_of(f"{number:064x}") for number in range(400)]
    won = Counter(approval(choices(2), [[1], [2]], seed=seed).winners[0] for seed in seeds)
    assert 150 < won[1] < 250


def test_a_tie_among_winners_is_no_tie_for_the_place() -> None:
    assert approval(choices(3), [[1, 2], [1, 2], [3]], winners=2).decided_by == "votes"


def test_a_struck_option_does_not_win_but_its_votes_are_shown() -> None:
    options = [Choice(1, "내린 것", NOON, struck=True), Choice(2, "남은 것", NOON)]
    result = approval(options, [[1], [1], [2]])
    assert result.winners == [2]
    assert [tally.votes for tally in result.tallies] == [2, 1]


def test_where_only_struck_options_were_chosen_nobody_wins() -> None:
    assert approval([Choice(1, "내린 것", NOON, struck=True)], [[1]]).decided_by == "nobody"


def test_none_of_these_wins_like_any_option_and_then_nothing_does() -> None:
    options = [*choices(2), Choice(3, "이 중에는 없어요", NOON, is_none=True)]
    result = approval(options, [[3], [3], [1]])
    assert (result.winners, result.none_won, result.decided_by) == ([], True, "votes")


def test_only_what_stands_above_none_of_these_wins() -> None:
    options = [*choices(3), Choice(4, "이 중에는 없어요", NOON, is_none=True)]
    result = approval(options, [[1], [1], [1], [4], [4], [2]], winners=3)
    assert (result.winners, result.none_won) == ([1], False)


def lengths(*values: int) -> list[Choice]:
    return [Choice(value, f"{value}자", NOON, value=value) for value in values]


@given(st.lists(st.sampled_from([200, 400, 800, 1200]), min_size=1, max_size=15))
def test_the_length_in_the_middle_wins(wishes: list[int]) -> None:
    result = median(lengths(200, 400, 800, 1200), [[wish] for wish in wishes])
    assert result.value == median_low(wishes)
    assert result.winners == [result.value]
    assert result.ballots == len(wishes)


def test_a_median_poll_without_ballots_chooses_nothing() -> None:
    result = median(lengths(200, 400), [])
    assert (result.value, result.winners, result.decided_by) == (None, [], "nobody")


def test_a_struck_length_is_not_counted_towards_the_middle() -> None:
    options = [*lengths(200, 400), Choice(9, "9000자", NOON, value=9000, struck=True)]
    assert median(options, [[200], [9], [9]]).value == 200


def test_none_of_these_needs_more_ballots_than_all_lengths_together() -> None:
    options = [*lengths(200, 400), Choice(9, "이 중에는 없어요", NOON, is_none=True)]
    assert median(options, [[200], [400], [9], [9]]).value == 200
    result = median(options, [[200], [9], [9]])
    assert (result.winners, result.value, result.none_won) == ([], None, True)


def test_plurality_counts_like_approval_and_says_so() -> None:
    result = tally("plurality", choices(3), [[1], [2], [2], [3]], seed=SEED, winners=1)
    assert (result.method, result.winners, result.decided_by) == ("plurality", [2], "votes")


METHODS = sorted(rules.METHODS)


def options_with_values(count: int) -> list[Choice]:
    return [Choice(number, f"선택 {number}", NOON, value=number) for number in range(1, count + 1)]


@pytest.mark.parametrize("method", METHODS)
class TestEveryMethod:
    def test_without_ballots_there_is_no_winner(self, method: str) -> None:
        result = tally(method, options_with_values(3), [], seed=SEED, winners=2)
        assert (result.winners, result.none_won, result.decided_by, result.ballots) == (
            [],
            False,
            "nobody",
            0,
        )

    def test_fewer_ballots_than_the_quorum_decide_nothing(self, method: str) -> None:
        ballots = [[1], [1], [2]]
        result = tally(method, options_with_values(3), ballots, seed=SEED, quorum=4)
        assert (result.winners, result.value, result.decided_by) == ([], None, "quorum")
        assert [each.votes for each in result.tallies] == [2, 1, 0]
        assert tally(method, options_with_values(3), ballots, seed=SEED, quorum=3).winners == [1]

    def test_more_than_half_win(self, method: str) -> None:
        result = tally(method, options_with_values(3), [[2], [2], [2], [1], [3]], seed=SEED)
        assert (result.winners, result.decided_by) == ([2], "votes")

    def test_none_of_these_may_win_and_then_nothing_does(self, method: str) -> None:
        options = [*options_with_values(2), Choice(9, "이 중에는 없어요", NOON, is_none=True)]
        result = tally(method, options, [[9], [9], [9], [1], [2]], seed=SEED)
        assert (result.winners, result.none_won) == ([], True)

    def test_a_struck_option_does_not_win(self, method: str) -> None:
        options = [*options_with_values(2), Choice(9, "내린 것", NOON, value=9, struck=True)]
        result = tally(method, options, [[9], [9], [1]], seed=SEED)
        assert result.winners == [1]
        assert result.tallies[2].votes == 2

    def test_where_only_struck_options_were_chosen_nobody_wins(self, method: str) -> None:
        options = [Choice(1, "내린 것", NOON, value=1, struck=True), *options_with_values(3)[1:]]
        result = tally(method, options, [[1], [1]], seed=SEED)
        assert (result.winners, result.decided_by) == ([], "nobody")

    def test_one_winner_has_all_of_the_share(self, method: str) -> None:
        result = tally(method, options_with_values(3), [[3], [3], [1]], seed=SEED)
        assert [each.share for each in result.tallies] == [0.0, 0.0, 1.0]

    @given(seed=st.binary(min_size=32, max_size=32), random=st.randoms(use_true_random=False))
    def test_the_same_seed_gives_the_same_winner_in_whatever_order_one_counts(
        self, method: str, seed: bytes, random: Any
    ) -> None:
        options = options_with_values(5)
        most = 1 if method in rules.ONE_ONLY else 5
        ballots = [random.sample(range(1, 6), random.randint(1, most)) for _ in range(random.randint(1, 7))]
        first = tally(method, options, ballots, seed=seed.hex(), winners=2)
        random.shuffle(options)
        random.shuffle(ballots)
        second = tally(method, options, ballots, seed=seed.hex(), winners=2)
        assert (first.winners, first.decided_by) == (second.winners, second.decided_by)
        assert (first.duels, len(first.rounds)) == (second.duels, len(second.rounds))
