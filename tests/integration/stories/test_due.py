"""In which stories the relay clock finds something to do: it asks for all at once, and locks only those."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.conftest import MovableClock
from tests.integration.stories.stage import Stage
from webapp import jobs
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.voting import queries as votes
from webapp.core.voting import service as voting
from webapp.db import transaction

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def stage(app: Flask) -> Stage:
    return Stage()


def test_a_phase_whose_time_is_up_is_due(stage: Stage, clock: MovableClock) -> None:
    story, other = stage.story(collecting_seconds=60), stage.story(collecting_seconds=3600)
    assert queries.due_story_ids() == []
    clock.move_on(61)
    assert queries.due_story_ids() == [story.id]
    assert other.status == "open"


def test_a_phase_is_due_when_each_of_its_polls_has_enough_ballots(stage: Stage) -> None:
    story, other = stage.story_at("machine", enough_ballots=2), stage.story_at("machine", enough_ballots=2)
    words, lengths = (queries.polls_of(stage.turn(story).id)[kind].id for kind in ("keyword", "length"))
    word, length = (
        voting.propose_option(words, "바다", stage.person("가")).id,
        votes.options_of(lengths)[0].id,
    )
    for name in ("가", "나"):
        assert queries.due_story_ids() == []
        voting.cast(words, [word], stage.person(name))
        assert queries.due_story_ids() == []
        voting.cast(lengths, [length], stage.person(name))
    assert queries.due_story_ids() == [story.id]
    assert other.status == "open"


def test_a_turn_at_which_a_worker_is_is_due_when_its_job_has_failed(stage: Stage) -> None:
    story = stage.story_at("machine")
    turn = stage.turn(story)
    stories.close_phase(turn.id, stage.moderator)
    assert turn.phase == "working"
    assert queries.due_story_ids() == []
    with transaction():
        jobs.get(turn.job_id or 0).state = "failed"
    assert queries.due_story_ids() == [story.id]


def test_a_story_without_an_open_turn_is_due_while_it_goes_on(stage: Stage) -> None:
    story = stage.story()
    turn = stage.turn(story)
    with transaction():
        turn.phase = "done"
    assert queries.due_story_ids() == [story.id]
    with transaction():
        story.status = "ended"
    assert queries.due_story_ids() == []
