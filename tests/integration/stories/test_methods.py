"""A story's votes by every method that its settings offer: who wins, closing early, silence, and too few ballots."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.conftest import MovableClock
from tests.integration.stories.stage import Stage
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.stories.models import Draft, Story, Turn
from webapp.core.stories.rules import CHOOSING_METHODS
from webapp.core.voting import service as voting

every_method = pytest.mark.parametrize("method", CHOOSING_METHODS)


@pytest.fixture
def stage(app: Flask) -> Stage:
    return Stage()


def choosing(stage: Stage, method: str, **settings: object) -> tuple[Story, Turn, list[Draft]]:
    """A human turn in which people choose among three drafts by this method."""
    settings = {"collecting_seconds": 60, "choosing_seconds": 60, **settings}
    story = stage.story_at("human", passage_method=method, **settings)
    turn = stage.turn(story)
    drafts = [stage.hand_in(turn.id, name) for name in ("가", "나", "다")]
    stories.close_phase(turn.id, stage.moderator)
    return story, turn, drafts


@every_method
def test_a_passage_vote_closes_early_when_enough_have_voted(stage: Stage, method: str) -> None:
    story, turn, (first, second, _) = choosing(stage, method, enough_ballots=3)
    assert queries.polls_of(turn.id)["passage"].method == method
    stage.vote(turn.id, "passage", {"가": [second.id], "나": [first.id]})
    stories.tick()
    assert turn.phase == "choosing"
    stage.vote(turn.id, "passage", {"다": [second.id]})
    stories.tick()
    assert turn.phase == "done"
    assert queries.passages(story.id)[-1].draft_id == second.id


@every_method
def test_silence_extends_a_vote_once_and_then_the_written_rule_decides(
    stage: Stage, clock: MovableClock, method: str
) -> None:
    story, turn, (first, *_) = choosing(stage, method)
    clock.move_on(61)
    stories.tick()
    assert (turn.phase, turn.extended) == ("choosing", True)
    clock.move_on(61)
    stories.tick()
    passage = queries.passages(story.id)[-1]
    assert (passage.draft_id, "아무도 투표하지 않아" in passage.note) == (first.id, True)


@every_method
def test_too_few_ballots_extend_a_vote_once_and_then_the_written_rule_decides(
    stage: Stage, clock: MovableClock, method: str
) -> None:
    story, turn, (first, second, _) = choosing(stage, method, quorum=3)
    stage.vote(turn.id, "passage", {"가": [second.id], "나": [second.id]})
    clock.move_on(61)
    stories.tick()
    assert (turn.phase, turn.extended) == ("choosing", True)
    clock.move_on(61)
    stories.tick()
    passage = queries.passages(story.id)[-1]
    assert (passage.draft_id, "표가 모자라" in passage.note) == (first.id, True)
    assert (queries.polls_of(turn.id)["passage"].result or {})["decided_by"] == "quorum"


@every_method
def test_an_extended_vote_that_reaches_the_quorum_decides(
    stage: Stage, clock: MovableClock, method: str
) -> None:
    story, turn, (_, second, _) = choosing(stage, method, quorum=3)
    stage.vote(turn.id, "passage", {"가": [second.id], "나": [second.id]})
    clock.move_on(61)
    stories.tick()
    stage.vote(turn.id, "passage", {"다": [second.id]})
    clock.move_on(61)
    stories.tick()
    assert queries.passages(story.id)[-1].draft_id == second.id


@every_method
def test_none_of_these_sends_the_writer_back_to_its_desk(stage: Stage, method: str) -> None:
    story = stage.story_at("machine", passage_method=method)
    turn = stage.turn(story)
    stories.close_phase(turn.id, stage.moderator)
    stage.write(turn)
    stage.vote_none(turn.id)
    stories.close_phase(turn.id, stage.moderator)
    assert (turn.phase, turn.writings) == ("working", 1)


@pytest.mark.parametrize(
    ("method", "read"), [("approval", 2), ("plurality", 2), ("ranked-pairs", 2), ("irv", 1)]
)
def test_a_vote_on_novels_lets_the_writer_read_the_winners_in_their_shares(
    stage: Stage, method: str, read: int
) -> None:
    story = stage.story(source_method=method, winning_novels=2)
    turn = stage.turn(story)
    first, second, third = (stage.novel(title) for title in ("하나", "둘", "셋"))
    for novel in (first, second, third):
        stories.nominate(turn.id, novel, stage.person("가"))
    stories.close_phase(turn.id, stage.moderator)
    stage.vote(turn.id, "source", {"가": [first], "나": [first], "다": [first], "라": [second]})
    stories.close_phase(turn.id, stage.moderator)
    assert turn.outcome["style_mix"] == (
        {str(first): 0.75, str(second): 0.25} if read == 2 else {str(first): 1.0}
    )


def test_wishes_below_the_quorum_are_left_and_the_rest_is_heard(stage: Stage) -> None:
    story = stage.story_at("machine", quorum=2, default_length=400)
    turn = stage.turn(story)
    poll = queries.polls_of(turn.id)["length"]
    option = next(option for option in poll.options if option.value == 800)
    for name in ("가", "나"):
        voting.cast(poll.id, [option.id], stage.person(name))
    keyword = queries.polls_of(turn.id)["keyword"]
    word = voting.propose_option(keyword.id, "등대", stage.person("가"))
    voting.cast(keyword.id, [word.id], stage.person("가"))
    stories.close_phase(turn.id, stage.moderator)
    assert (turn.outcome["length"], turn.outcome["keywords"]) == (800, [])
