"""A moderator ends a job: the story goes on without it, and what nobody waits for may be asked for again."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.databases import every_database
from tests.integration.stories.stage import Stage
from webapp import jobs
from webapp.core.audit import queries as audit
from webapp.core.moderation import service as moderation
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.stories.relay import WORK_CANCELLED
from webapp.core.training import service as training
from webapp.db import session
from webapp.errors import Conflict, Invalid, NotAllowed

pytestmark = every_database

REASON = "너무 오래 걸려요."


@pytest.fixture
def stage(app: Flask) -> Stage:
    return Stage()


@pytest.mark.parametrize("kind", ["source", "machine"])
@pytest.mark.parametrize("running", [False, True])
def test_the_turn_that_waits_for_it_passes_by_and_the_next_one_opens(
    stage: Stage, kind: str, running: bool
) -> None:
    story = stage.story_at(kind)
    turn = stage.turn(story)
    if kind == "source":
        stories.nominate(turn.id, stage.novel("메아리"), stage.person("가"))
        stories.close_phase(turn.id, stage.moderator)
    stories.close_phase(turn.id, stage.moderator)
    assert turn.phase == "working"
    assert turn.job_id is not None
    epoch = stage.claim(turn.job_id) if running else 0
    moderation.cancel_job(turn.job_id, REASON, stage.moderator)
    session.rollback()
    assert (turn.phase, turn.outcome["note"]) == ("void", WORK_CANCELLED)
    assert stage.turn(story).kind == "human"
    assert (jobs.get(turn.job_id).state, jobs.get(turn.job_id).cancelled) == ("failed", True)
    finish = stories.finish_reading if kind == "source" else stories.finish_writing
    with pytest.raises(jobs.LostLease):
        finish(turn.job_id, epoch, stage.checkpoint(turn), *([] if kind == "source" else [[]]))
    assert queries.passage_of_turn(turn.id) is None


def test_a_proof_that_was_ended_may_be_asked_for_again(stage: Stage) -> None:
    passage = stage.publish_writing(stage.story_at("machine"))
    job = stories.ask_to_rewrite(passage.id, stage.person("가"))
    moderation.cancel_job(job.id, REASON, stage.moderator)
    assert stories.ask_to_rewrite(passage.id, stage.person("가")).id != job.id


def test_so_may_the_first_writer(stage: Stage) -> None:
    stage.novel("메아리")
    job = training.raise_base()
    moderation.cancel_job(job.id, REASON, stage.moderator)
    assert training.raise_base().id != job.id


def test_it_is_written_into_the_log_with_its_reason(stage: Stage) -> None:
    stage.novel("메아리")
    job = training.raise_base()
    moderation.cancel_job(job.id, REASON, stage.moderator)
    entry = audit.newest(1)[0]
    assert (entry.action, entry.subject_id, entry.actor_id) == ("cancel-job", job.id, stage.moderator.id)
    assert entry.detail == {"kind": "raise_base", "reason": REASON}


def test_only_a_moderator_may_with_a_reason_and_once(stage: Stage) -> None:
    stage.novel("메아리")
    job = training.raise_base()
    with pytest.raises(NotAllowed):
        moderation.cancel_job(job.id, REASON, stage.person("가"))
    with pytest.raises(Invalid):
        moderation.cancel_job(job.id, "  ", stage.moderator)
    assert jobs.get(job.id).state == "queued"
    moderation.cancel_job(job.id, REASON, stage.moderator)
    with pytest.raises(Conflict):
        moderation.cancel_job(job.id, REASON, stage.moderator)
