"""A site on which something has happened, and `flask …` for it, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import torch

from config import ROOT
from model.checkpoint import save_checkpoint
from tests.integration.stories.stage import Stage
from webapp import jobs, storage
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.stories.models import Story, Turn
from webapp.core.training import service as training
from webapp.core.voting import service as voting
from webapp.db import session


class RealStage(Stage):
    """A stage whose checkpoints are real ones, in storage."""

    def checkpoint(self, turn: Turn) -> int:
        assert turn.run_id is not None
        training.begin(turn.run_id)
        training.add_points(
            turn.run_id, [training.Point(1, 0.1, 4.2, None), training.Point(2, 0.3, 1 / 3, 4.0)]
        )
        session.commit()
        work = storage.checkpoint_work_folder()
        tensors = {"weights.safetensors": {"a": torch.full((4, 4), float(turn.run_id))}}
        digest = save_checkpoint(work / "checkpoint", {"kind": "test", "run": turn.run_id}, tensors)
        storage.keep_checkpoint(work / "checkpoint", digest)
        work.rmdir()
        return training.keep_checkpoint(
            turn.run_id, digest=digest, measurements={"말": 1 / 3}, samples=[{"text": "새벽 🌙"}]
        ).id


def live_in(stage: Stage) -> Story:
    """A story that went through a source, a human and a machine turn; the next machine turn's job is running. Beside it
    one that has only begun, and one in which people choose a novel."""
    story = stage.story(winning_novels=2, passage_method="ranked-pairs")
    _read(stage, stage.turn(story))
    _write_together(stage, stage.turn(story))
    _let_write(stage, stage.turn(story))
    _write_together(stage, stage.turn(story))
    last = stage.turn(story)
    stories.close_phase(last.id, stage.moderator)
    assert last.job_id is not None
    stage.claim(last.job_id)
    stage.keep_lease(last.job_id)
    stage.story()
    choosing = stage.turn(stage.story())
    stories.nominate(choosing.id, stage.novel("넷"), stage.person("가"))
    stories.close_phase(choosing.id, stage.moderator)
    session.rollback()
    return story


def _read(stage: Stage, turn: Turn) -> None:
    novels = [stage.novel(title) for title in ("하나", "둘", "셋")]
    for novel in novels:
        stories.nominate(turn.id, novel, stage.person("가"))
    stories.close_phase(turn.id, stage.moderator)
    stage.vote(turn.id, "source", {"가": novels[:1], "나": novels[:2], "다": novels[:1]})
    stories.close_phase(turn.id, stage.moderator)
    stage.read_novels(turn)


def _write_together(stage: Stage, turn: Turn) -> None:
    drafts = [stage.hand_in(turn.id, name).id for name in ("가", "나")]
    stories.close_phase(turn.id, stage.moderator)
    stage.vote(turn.id, "passage", {"가": drafts[1:], "나": drafts, "다": drafts[1:]})
    stories.close_phase(turn.id, stage.moderator)


def _let_write(stage: Stage, turn: Turn) -> None:
    keywords = queries.polls_of(turn.id)["keyword"]
    words = [voting.propose_option(keywords.id, word, stage.person("가")).id for word in ("우체통", "새벽")]
    voting.cast(keywords.id, words, stage.person("나"))
    stories.close_phase(turn.id, stage.moderator)
    drafts = stage.write(turn)
    stage.vote(turn.id, "passage", {"가": [drafts[0].id], "나": [drafts[0].id]})
    stories.close_phase(turn.id, stage.moderator)
    passage = queries.passage_of_turn(turn.id)
    assert passage is not None
    stage.compare_again(passage.id)


def running_job(story: Story) -> jobs.Job:
    """The job that `live_in` left running."""
    turn = queries.current_turn(story.id)
    assert turn is not None
    assert turn.job_id is not None
    return jobs.get(turn.job_id)


def flask(instance: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """`flask words…` for the site in this instance folder; it must not end with a trace."""
    given = {"PATH": os.environ["PATH"], "INSTANCE": str(instance), "LOG_LEVEL": "ERROR", **environ}
    done = subprocess.run(
        [sys.executable, "-m", "flask", *words],
        cwd=ROOT,
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def manifest_of(backup: Path) -> dict[str, dict[str, str]]:
    """The list of contents of a backup."""
    with tarfile.open(backup) as tar:
        file = tar.extractfile("manifest.json")
        assert file is not None
        values: dict[str, dict[str, str]] = json.load(file)
        return values
