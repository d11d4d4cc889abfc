"""The jobs of a story, with a real writer: reading novels, and put_Human_txt."""

from __future__ import annotations

from typing import Any

import pytest

from model.config import SampleConfig
from model.writer import WriteRequest, load_writer
from tests.integration.stories.stage import Stage
from tests.integration.workers.shelf import SENTENCES, add_novel, ask_for_base
from webapp import events, jobs, storage
from webapp.core.stories import queries as stories
from webapp.core.stories import service
from webapp.core.stories.models import Draft, Story, Turn
from webapp.core.training import queries as training
from webapp.db import session
from workers import jobs as work

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def stage(app: object) -> Stage:
    """People and stories, and a writer that has read the starter library."""
    work.raise_base(ask_for_base())
    session.rollback()
    return Stage()


def finished(job_id: int | None) -> dict[str, Any]:
    """What a job led to."""
    session.rollback()
    assert job_id is not None
    job = jobs.get(job_id)
    assert (job.state, job.progress) == ("done", 1.0)
    assert job.result is not None
    return job.result


def close(stage: Stage, turn: Turn) -> None:
    """A moderator ends the phase of a turn."""
    service.close_phase(turn.id, stage.moderator)


def begin_writing(stage: Stage, **settings: object) -> tuple[Story, Turn]:
    """A story whose machine turn has begun to work, with nothing wished for."""
    story = stage.story_at("machine", lengths=[100], default_length=100, drafts=3, **settings)
    turn = stage.turn(story)
    close(stage, turn)
    assert turn.phase == "working"
    return story, turn


def write(stage: Stage, **settings: object) -> tuple[Story, Turn]:
    story, turn = begin_writing(stage, **settings)
    assert turn.job_id is not None
    work.put_human_txt(turn.job_id)
    finished(turn.job_id)
    return story, turn


def test_a_source_turn_ends_with_a_checkpoint_that_has_read_its_novels(stage: Stage) -> None:
    base = training.newest_base()
    assert base is not None
    story = stage.story_at("source")
    turn = stage.turn(story)
    novel_id = add_novel("한낮", SENTENCES[5:] * 60)
    service.nominate(turn.id, novel_id, stage.person("가"))
    close(stage, turn)
    stage.vote(turn.id, "source", {"가": [novel_id]})
    close(stage, turn)
    assert turn.job_id is not None
    work.read_novels(turn.job_id)
    result = finished(turn.job_id)
    checkpoint = training.checkpoint(result["checkpoint_id"])
    assert story.checkpoint_id == checkpoint.id
    assert checkpoint.parent_id == base.id
    assert {reading.novel_id: reading.share for reading in checkpoint.readings if reading.is_new} == {
        novel_id: 1.0
    }
    assert len(checkpoint.readings) == 3
    by_novel = {part["novel_id"]: part for part in checkpoint.measurements["held_out"]}
    assert by_novel[novel_id]["role"] == "new"
    assert all(sample["before"] and sample["text"] for sample in checkpoint.samples)


def test_put_human_txt_leads_to_drafts_that_can_be_written_again(stage: Stage) -> None:
    story, turn = write(stage)
    drafts = stories.drafts(turn.id)
    assert len(drafts) == 3
    assert turn.phase == "choosing"
    assert story.checkpoint_id is not None
    for draft in drafts:
        assert draft.text in again(draft)


def again(draft: Draft) -> list[str]:
    """The drafts that the details of one give once more."""
    details = draft.details
    digest = details["checkpoint_sha256"]
    writer = load_writer(storage.checkpoint_folder(digest), "cpu", sha256=digest)
    sample = SampleConfig(**details["request"].pop("sample"))
    return [one.text for one in writer.write(WriteRequest(**details["request"], sample=sample))]


def test_progress_is_told_to_the_readers_of_the_story(stage: Stage) -> None:
    story, turn = write(stage)
    told = [event.payload for event in events.events_after(0, story_id=story.id) if event.kind == "progress"]
    assert told
    assert set(told[-1]) == {"turn_id", "job_id", "progress", "message", "step", "loss"}
    assert [one["progress"] for one in told] == sorted(one["progress"] for one in told)
    assert told[-1]["job_id"] == turn.job_id


def test_none_of_these_writes_anew_with_the_same_checkpoint(stage: Stage) -> None:
    story, turn = write(stage)
    before, first = {draft.text for draft in stories.drafts(turn.id)}, story.checkpoint_id
    stage.vote_none(turn.id)
    close(stage, turn)
    assert turn.phase == "working"
    assert turn.job_id is not None
    work.put_human_txt(turn.job_id)
    finished(turn.job_id)
    assert story.checkpoint_id == first
    assert not before & {draft.text for draft in stories.drafts(turn.id)}


def test_a_story_without_a_vote_on_passages_publishes_at_once(stage: Stage) -> None:
    story, turn = write(stage, vote_on_passage=False)
    passage = stories.passage_of_turn(turn.id)
    assert passage is not None
    assert passage.author_type == "AI"
    assert passage.checkpoint_id == story.checkpoint_id


def test_a_checkpoint_that_was_tampered_with_fails_with_a_sentence(stage: Stage) -> None:
    base = training.newest_base()
    assert base is not None
    _, turn = begin_writing(stage)
    weights = storage.checkpoint_folder(base.sha256) / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    assert turn.job_id is not None
    work.put_human_txt(turn.job_id)
    session.rollback()
    job = jobs.get(turn.job_id)
    assert job.state == "failed"
    assert "두뇌" in job.message
