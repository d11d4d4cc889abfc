"""The jobs of a story, with a real writer: reading novels, and put_Human_txt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config import Settings
from model.writer import WriteRequest
from tests.integration.stories.stage import Stage
from tests.integration.workers.raised import base
from tests.integration.workers.shelf import SENTENCES, add_novel
from webapp import events, jobs, storage
from webapp.core.stories import queries as stories
from webapp.core.stories import service
from webapp.core.stories.models import Story, Turn
from webapp.core.training import queries as training
from webapp.db import session, transaction
from workers.child import work
from workers.learning import open_writer
from workers.rewriting import Rewriting, rewrite

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Learning that is as short as may be."""
    return replace(settings, learn_seconds=0.5)


@pytest.fixture
def stage(app: object, settings: Settings) -> Stage:
    """People and stories, and a writer that has read the starter library."""
    base(settings, work)
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
    work(turn.job_id)
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
    work(turn.job_id)
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


def test_put_human_txt_leads_to_drafts_that_are_written_again_alike(stage: Stage) -> None:
    story, turn = write(stage)
    drafts = stories.drafts(turn.id)
    assert len(drafts) == 3
    assert turn.phase == "choosing"
    assert story.checkpoint_id is not None
    for draft in drafts:
        assert rewrite(draft.text, draft.details) == Rewriting(same=True, differs_at=None, changed=[])


def rewritten(passage_id: int) -> dict[str, Any]:
    """What comes of writing a passage again."""
    job_id = service.rewrite_passage(passage_id).id
    work(job_id)
    return finished(job_id)


def test_a_published_passage_is_written_again_and_is_the_same(stage: Stage) -> None:
    _, turn = write(stage, vote_on_passage=False)
    passage = stories.passage_of_turn(turn.id)
    assert passage is not None
    assert rewritten(passage.id) == {"same": True, "differs_at": None, "changed": []}


def test_a_passage_that_was_changed_is_found_out(stage: Stage) -> None:
    _, turn = write(stage, vote_on_passage=False)
    passage = stories.passage_of_turn(turn.id)
    assert passage is not None
    with transaction():
        passage.text = passage.text[:9] + "덧" + passage.text[9:]
    assert rewritten(passage.id) == {"same": False, "differs_at": 10, "changed": []}


def test_a_passage_from_another_machine_names_what_has_changed(stage: Stage) -> None:
    _, turn = write(stage, vote_on_passage=False)
    passage = stories.passage_of_turn(turn.id)
    assert passage is not None
    with transaction():
        draft = stories.get_draft(passage.draft_id or 0)
        other = {**draft.details["circumstances"], "torch": "1.0", "processor": "Z80"}
        draft.details = {**draft.details, "circumstances": other}
    assert rewritten(passage.id)["changed"] == ["torch", "processor"]


def test_drafts_are_written_in_the_mix_that_was_voted_for(stage: Stage) -> None:
    story = stage.story_at("source", source_every=100, lengths=[100], default_length=100, drafts=2)
    turn = stage.turn(story)
    one, two = add_novel("한낮", SENTENCES[5:] * 60), add_novel("한밤", SENTENCES[9:] * 60)
    for novel_id in (one, two):
        service.nominate(turn.id, novel_id, stage.person("가"))
    close(stage, turn)
    stage.vote(turn.id, "source", {"가": [one, two], "나": [one], "다": [one]})
    close(stage, turn)
    assert turn.job_id is not None
    work(turn.job_id)
    session.rollback()
    while stage.turn(story).kind != "machine":
        close(stage, stage.turn(story))
    turn = stage.turn(story)
    close(stage, turn)
    assert turn.job_id is not None
    work(turn.job_id)
    session.rollback()
    draft = stories.drafts(turn.id)[0]
    assert draft.details["style_mix"] == pytest.approx({str(one): 0.75, str(two): 0.25})
    request = WriteRequest.from_json(draft.details["request"])
    assert request.styles == pytest.approx({f"novel-{one}": 0.75, f"novel-{two}": 0.25})
    writer = open_writer(training.checkpoint(story.checkpoint_id or 0).id)
    other = replace(request, styles={f"novel-{one}": 0.25, f"novel-{two}": 0.75})
    surprises = [writer.write(asked)[0].measurements["bits_per_character"] for asked in (request, other)]
    assert surprises[0] != surprises[1], "the mix reaches the writer"


def test_every_novel_read_so_far_is_scored_though_it_was_not_read_again(stage: Stage) -> None:
    story, _ = write(stage)
    checkpoint = training.checkpoint(story.checkpoint_id or 0)
    measured = {part["novel_id"]: part for part in checkpoint.measurements["held_out"]}
    assert set(measured) == set(training.novels_read(checkpoint.id))
    assert all(part["before"] is not None for part in measured.values())
    assert checkpoint.measurements["writing"].keys() == checkpoint.measurements["writing_before"].keys()
    asked = [sample for sample in checkpoint.samples if sample["keywords"]]
    assert asked
    assert all(sample["before"] for sample in checkpoint.samples)


def test_progress_is_told_to_the_readers_of_the_story(stage: Stage) -> None:
    story, turn = write(stage)
    events.put_in_line()
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
    work(turn.job_id)
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
    work(turn.job_id)
    session.rollback()
    job = jobs.get(turn.job_id)
    assert job.state == "failed"
    assert "두뇌" in job.message
