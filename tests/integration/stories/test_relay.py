"""A story moved through all its turns on a real database, with the worker's part done by the test."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.conftest import MovableClock
from tests.integration.stories.stage import Stage
from webapp import jobs
from webapp.clock import now
from webapp.core.moderation import service as moderation
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.voting import service as voting
from webapp.errors import Conflict, Invalid, NotAllowed, NotSignedIn

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def stage(app: Flask) -> Stage:
    return Stage()


def test_a_story_opens_its_first_turn_at_once(stage: Stage) -> None:
    story = stage.story()
    turn = queries.current_turn(story.id)
    assert turn is not None
    assert (turn.kind, turn.phase, turn.seq) == ("source", "collecting", 1)
    assert [passage.seq for passage in queries.passages(story.id)] == [1]


class TestSourceTurn:
    def test_the_winners_are_read_in_the_shares_of_their_votes(self, stage: Stage) -> None:
        story = stage.story(winning_novels=2)
        first, second, third = stage.novel("하나"), stage.novel("둘"), stage.novel("셋")
        turn = stage.turn(story)
        for novel in (first, second, third):
            stories.nominate(turn.id, novel, stage.person("가"))
        stories.close_phase(turn.id, stage.moderator)
        stage.vote(turn.id, "source", {"가": [first], "나": [first, second], "다": [first]})
        stories.close_phase(turn.id, stage.moderator)
        assert turn.phase == "working"
        assert turn.outcome["style_mix"] == {str(first): 0.75, str(second): 0.25}
        assert jobs.get(turn.job_id or 0).kind == "read_novels"
        checkpoint = stage.read_novels(turn)
        assert turn.phase == "done"
        assert story.checkpoint_id == checkpoint
        assert story.style_mix == {str(first): 0.75, str(second): 0.25}
        assert stage.turn(story).kind == "human"

    def test_a_novel_that_is_not_approved_does_not_stand_for_election(self, stage: Stage) -> None:
        story = stage.story()
        turn = stage.turn(story)
        approved, pending = stage.novel("하나"), stage.novel("둘", status="pending")
        stories.nominate(turn.id, approved, stage.person("가"))
        stories.nominate(turn.id, pending, stage.person("가"))
        stories.close_phase(turn.id, stage.moderator)
        options = queries.polls_of(turn.id)["source"].options
        assert [option.subject_id for option in options] == [approved]

    def test_without_ballots_the_earliest_nominated_is_read_and_the_turn_says_so(
        self, stage: Stage, clock: MovableClock
    ) -> None:
        story = stage.story(collecting_seconds=60, choosing_seconds=60)
        turn = stage.turn(story)
        novel, other = stage.novel("하나"), stage.novel("둘")
        stories.nominate(turn.id, novel, stage.person("가"))
        stories.nominate(turn.id, other, stage.person("가"))
        for _ in range(3):  # collecting ends, choosing is extended once, choosing ends
            clock.move_on(61)
            stories.tick()
        assert turn.phase == "working"
        assert list(turn.outcome["style_mix"]) == [str(novel)]
        assert "가장 먼저 추천된" in turn.outcome["note"]

    def test_with_no_nominations_the_story_goes_on_after_one_extension(
        self, stage: Stage, clock: MovableClock
    ) -> None:
        story = stage.story(collecting_seconds=60)
        turn = stage.turn(story)
        clock.move_on(61)
        stories.tick()
        assert (turn.phase, turn.extended) == ("collecting", True)
        clock.move_on(61)
        stories.tick()
        assert turn.phase == "void"
        assert stage.turn(story).kind == "human"

    def test_nominating_twice_is_nominating_once(self, stage: Stage) -> None:
        turn = stage.turn(stage.story())
        novel = stage.novel("하나")
        stories.nominate(turn.id, novel, stage.person("가"))
        stories.nominate(turn.id, novel, stage.person("나"))
        assert len(queries.nominations(turn.id)) == 1


class TestHumanTurn:
    def test_the_winning_draft_becomes_the_next_passage(self, stage: Stage) -> None:
        story = stage.story_at("human")
        turn = stage.turn(story)
        stage.hand_in(turn.id, "가")
        winner = stage.hand_in(turn.id, "나")
        stories.close_phase(turn.id, stage.moderator)
        stage.vote(turn.id, "passage", {"가": [winner.id], "나": [winner.id], "다": [winner.id]})
        stories.close_phase(turn.id, stage.moderator)
        passage = queries.passages(story.id)[-1]
        assert (passage.seq, passage.draft_id, passage.author_type) == (2, winner.id, "HUMAN")
        assert passage.account_id == stage.person("나").id
        assert stage.turn(story).kind == "machine"

    def test_a_second_draft_takes_the_place_of_the_first(self, stage: Stage) -> None:
        turn = stage.turn(stage.story_at("human"))
        first = stage.hand_in(turn.id, "가")
        again = stories.hand_in_draft(
            turn.id, "다시 쓴 초안이에요. 이번에는 조금 더 길게 써 보았어요.", stage.person("가")
        )
        assert again.id == first.id
        assert [draft.text for draft in queries.drafts(turn.id)] == [again.text]

    def test_a_draft_after_the_deadline_is_refused_even_before_the_clock_has_come_round(
        self, stage: Stage, clock: MovableClock
    ) -> None:
        turn = stage.turn(stage.story_at("human", collecting_seconds=60))
        clock.move_on(60)
        with pytest.raises(Conflict, match="초안을 받는 때가"):
            stage.hand_in(turn.id, "가")

    def test_without_drafts_the_machine_goes_next(self, stage: Stage) -> None:
        story = stage.story_at("human")
        stories.close_phase(stage.turn(story).id, stage.moderator)
        assert stage.turn(story).kind == "machine"

    def test_a_removed_draft_cannot_win_and_cannot_be_handed_in_again(self, stage: Stage) -> None:
        story = stage.story_at("human")
        turn = stage.turn(story)
        bad, good = stage.hand_in(turn.id, "가"), stage.hand_in(turn.id, "나")
        stories.close_phase(turn.id, stage.moderator)
        stage.vote(turn.id, "passage", {"가": [bad.id], "다": [bad.id], "나": [good.id]})
        moderation.remove_draft(bad.id, "욕설이 있어요.", stage.moderator)
        stories.close_phase(turn.id, stage.moderator)
        assert queries.passages(story.id)[-1].draft_id == good.id

    def test_a_draft_needs_somebody_and_something(self, stage: Stage) -> None:
        turn = stage.turn(stage.story_at("human"))
        with pytest.raises(NotSignedIn):
            stories.hand_in_draft(turn.id, "아무도 아닌 사람이 쓴 글이에요. 길이는 넉넉해요.", None)
        with pytest.raises(Invalid):
            stories.hand_in_draft(turn.id, "ㅤ" * 50, stage.person("가"))


class TestMachineTurn:
    def test_keywords_and_length_follow_the_votes(self, stage: Stage) -> None:
        story = stage.story_at("machine", winning_keywords=2)
        turn = stage.turn(story)
        polls = queries.polls_of(turn.id)
        words = {
            word: voting.propose_option(polls["keyword"].id, word, stage.person("가")).id
            for word in ("달", "배", "종")
        }
        voting.cast(polls["keyword"].id, [words["달"], words["종"]], stage.person("가"))
        voting.cast(polls["keyword"].id, [words["종"]], stage.person("나"))
        lengths = {option.value: option.id for option in polls["length"].options}
        for name, length in (("가", 200), ("나", 600), ("다", 600)):
            voting.cast(polls["length"].id, [lengths[length]], stage.person(name))
        stories.close_phase(turn.id, stage.moderator)
        order = stories.writing_order(turn.id)
        assert (order.keywords, order.characters) == (("종", "달"), 600)
        assert order.prompt.endswith(queries.passages(story.id)[-1].text)

    def test_the_memory_goes_on_where_it_ended_and_reads_nothing_twice(self, stage: Stage) -> None:
        story = stage.story_at("machine", vote_on_passage=False)
        first = stage.turn(story)
        stories.close_phase(first.id, stage.moderator)
        order = stories.writing_order(first.id)
        opening = queries.passages(story.id)[0].text
        assert (order.fresh_memory, order.read, order.prompt) == (True, "", opening)
        stage.write(first)
        human = stage.turn(story)
        draft = stage.hand_in(human.id, "가")
        for _ in range(2):
            stories.close_phase(human.id, stage.moderator)
        second = stage.turn(story)
        stories.close_phase(second.id, stage.moderator)
        order = stories.writing_order(second.id)
        written = queries.passages(story.id)[1].text
        assert (order.fresh_memory, order.read, order.prompt) == (
            False,
            f"{opening}\n\n{written}",
            draft.text,
        )

    def test_the_winning_draft_is_appended(self, stage: Stage) -> None:
        story = stage.story_at("machine")
        turn = stage.turn(story)
        stories.close_phase(turn.id, stage.moderator)
        drafts = stage.write(turn)
        poll = queries.polls_of(turn.id)["passage"]
        assert sum(option.is_none for option in poll.options) == 1
        assert {option.subject_id for option in poll.options if not option.is_none} == {
            draft.id for draft in drafts
        }
        stage.vote(turn.id, "passage", {"가": [drafts[2].id], "나": [drafts[2].id], "다": [drafts[0].id]})
        stories.close_phase(turn.id, stage.moderator)
        passage = queries.passages(story.id)[-1]
        assert (passage.draft_id, passage.author_type, passage.checkpoint_id) == (
            drafts[2].id,
            "AI",
            story.checkpoint_id,
        )

    def test_none_of_these_has_it_written_once_more_and_then_passes_on(self, stage: Stage) -> None:
        story = stage.story_at("machine")
        turn = stage.turn(story)
        stories.close_phase(turn.id, stage.moderator)
        run_id = turn.run_id
        for expected in ("working", "void"):
            stage.write(turn)
            stage.vote_none(turn.id)
            stories.close_phase(turn.id, stage.moderator)
            assert turn.phase == expected
        assert turn.run_id == run_id, "the second writing needs no second run"
        assert len(queries.passages(story.id)) == 1
        assert stage.turn(story).kind == "human"

    def test_without_ballots_the_writers_own_best_is_published_and_the_passage_says_so(
        self, stage: Stage, clock: MovableClock
    ) -> None:
        story = stage.story_at("machine", choosing_seconds=60)
        turn = stage.turn(story)
        stories.close_phase(turn.id, stage.moderator)
        drafts = stage.write(turn)
        for _ in range(2):
            clock.move_on(61)
            stories.tick()
        passage = queries.passages(story.id)[-1]
        assert passage.draft_id == drafts[0].id
        assert "스스로" in passage.note

    def test_where_passages_are_not_voted_on_the_first_draft_is_published(self, stage: Stage) -> None:
        story = stage.story_at("machine", vote_on_passage=False)
        turn = stage.turn(story)
        stories.close_phase(turn.id, stage.moderator)
        stage.write(turn)
        assert turn.phase == "done"
        assert queries.passages(story.id)[-1].author_type == "AI"

    def test_it_cannot_be_closed_while_the_writer_works(self, stage: Stage) -> None:
        turn = stage.turn(stage.story_at("machine"))
        stories.close_phase(turn.id, stage.moderator)
        with pytest.raises(Conflict) as refusal:
            stories.close_phase(turn.id, stage.moderator)
        assert refusal.value.code == "turn-working"

    def test_a_job_that_failed_for_good_lets_the_story_go_on(self, stage: Stage) -> None:
        story = stage.story_at("machine")
        turn = stage.turn(story)
        stories.close_phase(turn.id, stage.moderator)
        stage.fail(turn)
        stories.tick()
        assert turn.phase == "void"
        assert "쓰지 못했어요" in turn.outcome["note"]
        assert stage.turn(story).kind == "human"

    def test_a_stale_worker_writes_nothing(self, stage: Stage) -> None:
        story = stage.story_at("machine")
        turn = stage.turn(story)
        stories.close_phase(turn.id, stage.moderator)
        assert turn.job_id is not None
        stale = stage.claim(turn.job_id)
        checkpoint = stage.checkpoint(turn)
        stage.expire_lease(turn.job_id)
        stage.claim(turn.job_id)
        with pytest.raises(jobs.LostLease):
            stories.finish_writing(turn.job_id, stale, checkpoint, [stories.WrittenDraft("늦게 온 글.", {})])
        assert turn.phase == "working"
        assert queries.drafts(turn.id) == []


class TestEnoughBallots:
    def test_a_choice_closes_early(self, stage: Stage) -> None:
        story = stage.story_at("human", enough_ballots=2)
        turn = stage.turn(story)
        draft = stage.hand_in(turn.id, "가")
        stories.close_phase(turn.id, stage.moderator)
        stage.vote(turn.id, "passage", {"가": [draft.id]})
        assert stories.tick() == []
        stage.vote(turn.id, "passage", {"나": [draft.id]})
        assert stories.tick() == [f"story {story.id} turn {turn.id} human: settle"]
        assert turn.phase == "done"


class TestPutHumanTxt:
    def test_it_starts_the_machine_turn_that_waits(self, stage: Stage) -> None:
        story = stage.story_at("machine")
        turn = stage.turn(story)
        opening = queries.passages(story.id)[0]
        job = stories.put_human_txt(opening.id, is_first=True)
        assert (job.id, turn.phase) == (turn.job_id, "working")
        assert stories.writing_order(turn.id).fresh_memory is True

    def test_asked_again_while_the_job_lives_it_gives_the_same_job(self, stage: Stage) -> None:
        opening = queries.passages(stage.story_at("machine").id)[0]
        assert stories.put_human_txt(opening.id, True).id == stories.put_human_txt(opening.id, False).id

    def test_while_people_are_at_their_turn_it_opens_one_beside_it_and_loses_nothing(
        self, stage: Stage
    ) -> None:
        story = stage.story_at("human")
        human = stage.turn(story)
        stage.hand_in(human.id, "가")
        stories.put_human_txt(queries.passages(story.id)[0].id, is_first=False)
        opened = queries.open_turns(story.id)
        assert [(turn.kind, turn.phase) for turn in opened] == [
            ("human", "collecting"),
            ("machine", "working"),
        ]
        assert len(queries.drafts(human.id)) == 1
        stage.write(opened[1])
        stories.close_phase(opened[1].id, stage.moderator)
        assert [turn.id for turn in queries.open_turns(story.id)] == [human.id]

    @pytest.mark.parametrize("is_first", [False, True])
    def test_it_waits_for_another_training_of_the_story_and_goes_on_from_it_unless_it_begins_anew(
        self, stage: Stage, is_first: bool
    ) -> None:
        story = stage.story_at("source")
        source = stage.turn(story)
        stories.nominate(source.id, stage.novel("메아리"), stage.person("가"))
        for _ in range(2):
            stories.close_phase(source.id, stage.moderator)
        job = stories.put_human_txt(queries.passages(story.id)[0].id, is_first)
        assert stories.writing_order(job.subject_id).newest_id is None
        reading = stage.claim(source.job_id or 0)
        assert jobs.claim(job.id) is None
        checkpoint_id = stage.checkpoint(source)
        stories.finish_reading(source.job_id or 0, reading, checkpoint_id)
        assert jobs.claim(job.id) == 1
        assert stories.writing_order(job.subject_id).newest_id == (None if is_first else checkpoint_id)

    def test_a_passage_by_the_writer_is_refused(self, stage: Stage) -> None:
        story = stage.story_at("machine", vote_on_passage=False)
        turn = stage.turn(story)
        stories.close_phase(turn.id, stage.moderator)
        stage.write(turn)
        with pytest.raises(Conflict) as refusal:
            stories.put_human_txt(queries.passages(story.id)[-1].id, is_first=False)
        assert refusal.value.code == "not-human-text"


class TestModerators:
    def test_only_they_close_a_phase(self, stage: Stage) -> None:
        turn = stage.turn(stage.story())
        with pytest.raises(NotAllowed):
            stories.close_phase(turn.id, stage.person("가"))

    def test_a_hidden_passage_keeps_its_place_and_is_not_read_by_the_writer(self, stage: Stage) -> None:
        story = stage.story_at("machine")
        opening = queries.passages(story.id)[0]
        moderation.hide_passage(opening.id, "개인 정보가 있어요.", stage.moderator)
        assert [passage.seq for passage in queries.passages(story.id)] == [1]
        assert queries.newest_passages(story.id, 5) == []
        moderation.show_passage(opening.id, "다시 살펴보니 괜찮아요.", stage.moderator)
        assert queries.newest_passages(story.id, 5) == [opening]

    def test_a_decision_needs_a_reason(self, stage: Stage) -> None:
        opening = queries.passages(stage.story().id)[0]
        with pytest.raises(Invalid):
            moderation.hide_passage(opening.id, "  ", stage.moderator)


def test_deadlines_are_moments_of_the_database(stage: Stage) -> None:
    turn = stage.turn(stage.story(collecting_seconds=60))
    assert turn.closes_at is not None
    assert timedelta(0) < turn.closes_at - now() <= timedelta(seconds=60)
