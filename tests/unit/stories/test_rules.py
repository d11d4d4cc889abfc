"""The relay's rules, one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webapp.core.stories import rules
from webapp.core.stories.rules import Standing, Step, StorySettings
from webapp.errors import Conflict, Invalid

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class TestRhythm:
    def test_a_story_begins_with_a_source_turn(self) -> None:
        assert rules.next_kind([], 6) == "source"

    def test_human_and_machine_alternate_and_a_source_comes_again_after_six(self) -> None:
        kinds: list[str] = []
        for _ in range(15):
            kinds.append(rules.next_kind(kinds, 6))
        letters = "".join(kind[0] for kind in kinds)
        assert letters == "shmhmhmshmhmhms"

    def test_an_odd_rhythm_goes_on_with_the_machine_after_the_source(self) -> None:
        assert rules.next_kind(["source", "human", "source"], 1) == "machine"


class TestNextStep:
    @pytest.mark.parametrize("kind", ["source", "human"])
    def test_what_was_handed_in_goes_to_the_vote(self, kind: str) -> None:
        assert rules.next_step(Standing(kind, "collecting", handed_in=1)) is Step.OPEN_CHOICE

    @pytest.mark.parametrize("kind", ["source", "human"])
    def test_nothing_handed_in_extends_once_and_then_passes_on(self, kind: str) -> None:
        assert rules.next_step(Standing(kind, "collecting")) is Step.EXTEND
        assert rules.next_step(Standing(kind, "collecting", extended=True)) is Step.VOID

    def test_a_machine_turn_writes_with_or_without_wishes_but_waits_once(self) -> None:
        assert rules.next_step(Standing("machine", "collecting", ballots=1)) is Step.WORK
        assert rules.next_step(Standing("machine", "collecting")) is Step.EXTEND
        assert rules.next_step(Standing("machine", "collecting", extended=True)) is Step.WORK

    @pytest.mark.parametrize("kind", ["source", "human", "machine"])
    def test_a_choice_is_settled_by_ballots_or_after_one_extension(self, kind: str) -> None:
        assert rules.next_step(Standing(kind, "choosing", ballots=1)) is Step.SETTLE
        assert rules.next_step(Standing(kind, "choosing")) is Step.EXTEND
        assert rules.next_step(Standing(kind, "choosing", extended=True)) is Step.SETTLE

    @pytest.mark.parametrize("kind", ["source", "human", "machine"])
    def test_fewer_ballots_than_the_quorum_are_as_good_as_none(self, kind: str) -> None:
        def few(**more: bool) -> Standing:
            return Standing(kind, "choosing", ballots=2, quorum=3, **more)

        assert rules.next_step(few()) is Step.EXTEND
        assert rules.next_step(few(extended=True)) is Step.SETTLE
        assert rules.next_step(few(by_moderator=True)) is Step.SETTLE
        assert rules.next_step(Standing(kind, "choosing", ballots=3, quorum=3)) is Step.SETTLE

    def test_a_moderator_never_gets_an_extension(self) -> None:
        assert rules.next_step(Standing("human", "collecting", by_moderator=True)) is Step.VOID
        assert rules.next_step(Standing("machine", "choosing", by_moderator=True)) is Step.SETTLE


class TestWhenAPhaseIsOver:
    def test_at_its_deadline_to_the_microsecond(self) -> None:
        assert not rules.is_over(NOON, NOON - timedelta(microseconds=1), [], 5)
        assert rules.is_over(NOON, NOON, [], 5)

    def test_early_only_when_every_poll_has_enough_ballots(self) -> None:
        assert not rules.is_over(NOON, NOON - SECOND, [5, 4], 5)
        assert rules.is_over(NOON, NOON - SECOND, [5, 5], 5)

    def test_never_early_without_a_poll(self) -> None:
        assert not rules.is_over(NOON, NOON - SECOND, [], 1)


class TestRefusals:
    def test_a_draft_at_the_deadline_is_too_late(self) -> None:
        rules.check_collecting("human", "collecting", NOON, NOON - SECOND, needed="human")
        with pytest.raises(Conflict) as refusal:
            rules.check_collecting("human", "collecting", NOON, NOON, needed="human")
        assert refusal.value.code == "wrong-phase"

    def test_a_nomination_needs_a_source_turn(self) -> None:
        with pytest.raises(Conflict):
            rules.check_collecting("human", "collecting", NOON, NOON - SECOND, needed="source")

    @pytest.mark.parametrize(
        ("phase", "code"), [("working", "turn-working"), ("done", "turn-over"), ("void", "turn-over")]
    )
    def test_some_phases_cannot_be_closed(self, phase: str, code: str) -> None:
        with pytest.raises(Conflict) as refusal:
            rules.check_can_close(phase)
        assert refusal.value.code == code


class TestSettings:
    def test_defaults_survive_being_stored(self) -> None:
        assert StorySettings.from_values(StorySettings().to_values()) == StorySettings()

    @pytest.mark.parametrize("method", ["approval", "plurality", "irv", "ranked-pairs"])
    def test_a_vote_may_be_counted_in_four_ways(self, method: str) -> None:
        settings = StorySettings.from_values({"passage_method": method, "source_method": method, "quorum": 5})
        assert (settings.passage_method, settings.source_method, settings.quorum) == (method, method, 5)

    @pytest.mark.parametrize(
        "values",
        [
            {"colour": 1},
            {"drafts": 0},
            {"drafts": 9},
            {"drafts": True},
            {"drafts": "4"},
            {"lengths": []},
            {"lengths": [400, 400]},
            {"lengths": [10]},
            {"lengths": "400"},
            {"vote_on_passage": "off"},
            {"collecting_seconds": 1.5},
            {"passage_method": "median"},
            {"passage_method": "IRV"},
            {"source_method": ["approval"]},
            {"quorum": 0},
            {"quorum": 6},
            {"quorum": 3, "enough_ballots": 2},
        ],
    )
    def test_what_cannot_be_used_is_refused_with_its_field(self, values: dict[str, object]) -> None:
        with pytest.raises(Invalid) as refusal:
            StorySettings.from_values(values)
        assert refusal.value.field == "settings"


class TestKeywords:
    def test_all_that_people_can_vote_for_fit_into_the_usual_lengths(self) -> None:
        words = ["가" * 12, "나" * 12, "다" * 12]
        assert rules.keywords_that_fit(words, 200) == words

    def test_a_short_draft_takes_the_best_and_those_for_which_there_is_room(self) -> None:
        assert rules.keywords_that_fit(["가" * 12, "나" * 12, "달"], 50) == ["가" * 12, "달"]


class TestPrompt:
    def test_the_last_passage_is_always_there(self) -> None:
        assert rules.join_prompt(["가" * 2000], most=100) == "가" * 100

    def test_whole_passages_as_far_as_they_fit(self) -> None:
        assert (
            rules.join_prompt(["가" * 60, "나" * 50, "다" * 40], most=100) == "나" * 50 + "\n\n" + "다" * 40
        )

    def test_a_story_without_passages_gives_an_empty_prompt(self) -> None:
        assert rules.join_prompt([]) == ""


PASSAGES = {1: "하나", 2: "둘", 3: "셋", 4: "넷"}


class TestReading:
    def test_the_memory_takes_what_came_before_and_the_drafts_go_on_from_the_rest(self) -> None:
        assert rules.split_reading(PASSAGES, 1, 3) == ("하나\n\n둘", "셋\n\n넷")

    def test_nothing_is_read_twice(self) -> None:
        first, second = rules.split_reading(PASSAGES, 0, 2), rules.split_reading(PASSAGES, 2, 4)
        assert (first[0], second[0]) == ("하나", "둘\n\n셋")

    def test_about_the_same_passage_again_the_memory_stays_where_it_is(self) -> None:
        assert rules.split_reading(PASSAGES, 3, 3) == ("", "셋\n\n넷")

    def test_where_the_passage_is_hidden_the_drafts_go_on_from_what_is_there(self) -> None:
        assert rules.split_reading({1: "하나"}, 0, 2) == ("하나", "하나")


@pytest.mark.parametrize(
    ("flag", "meant"),
    [("Y", True), ("true", True), ("1", True), ("n", False), ("FALSE", False), ("0", False)],
)
def test_the_predecessors_flag_is_read_in_every_form(flag: str, meant: bool) -> None:
    assert rules.first_is_meant(flag) is meant


@pytest.mark.parametrize("flag", ["", "maybe", "2", "예"])
def test_any_other_flag_is_refused(flag: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.first_is_meant(flag)
    assert refusal.value.code == "bad-flag"
