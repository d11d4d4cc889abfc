"""The writer: its checkpoints, and its runs as they happen."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext

from webapp import jobs
from webapp.core.stories import queries as stories
from webapp.core.training import queries
from webapp.core.training.models import Checkpoint, Run
from webapp.ids import typed_id
from webapp.jobs import Job
from webapp.pages.growth import change_of, read_line, score_of, stage_of
from webapp.pages.report import exams_of, habits_of, pairs_of
from webapp.pages.words import decimal, signed

pages = Blueprint("writer", __name__, url_prefix="/writer")

AT_ONCE = 20


@pages.get("")
def index() -> str:
    """The line of growth, newest checkpoint first."""
    found = queries.checkpoints(after=request.args.get("after", None, typed_id), limit=AT_ONCE + 1)
    more = len(found) > AT_ONCE
    return render_template(
        "writer/index.html",
        stages=[stage_of(checkpoint) for checkpoint in found[:AT_ONCE]],
        running=queries.running(),
        next_page=url_for("writer.index", after=found[AT_ONCE - 1].id) if more else None,
    )


@pages.get("/checkpoints/<id:checkpoint_id>")
def checkpoint(checkpoint_id: int) -> str:
    """One checkpoint: what it read, how it scores, what it wrote before and after."""
    found = queries.checkpoint(checkpoint_id)
    pairs = pairs_of(found)
    return render_template(
        "writer/checkpoint.html",
        checkpoint=found,
        read_line=read_line(found),
        scores=_scores(found),
        exams=exams_of(found),
        habits=habits_of(found),
        plain_pairs=[pair for pair in pairs if not pair.keywords],
        keyword_pairs=[pair for pair in pairs if pair.keywords],
        run=queries.run_of(checkpoint_id),
    )


def _scores(checkpoint: Checkpoint) -> list[tuple[str, str, str]]:
    """Measurements as name, value and unit."""
    score, change = score_of(checkpoint), change_of(checkpoint)
    seconds = checkpoint.measurements.get("seconds")
    scores = []
    if score is not None:
        scores.append((gettext("헷갈림"), decimal(score), gettext("비트")))
    if change is not None:
        scores.append((gettext("배우기 전보다"), signed(change), gettext("비트")))
    if seconds is not None:
        scores.append((gettext("배운 시간"), str(round(seconds)), gettext("초")))
    return scores


@pages.get("/runs/<id:run_id>")
def run(run_id: int) -> str:
    """One run, as it happens or as it went."""
    found = queries.run(run_id)
    return render_template("writer/run.html", run=found, points=found.points, job=_job_of(found))


def _job_of(run: Run) -> Job | None:
    """The job that a run belongs to, while it lives."""
    turn = stories.get_turn(run.turn_id) if run.turn_id else None
    if run.purpose == "base":
        return jobs.living("raise_base", run.id)
    return jobs.get(turn.job_id) if turn and turn.job_id and turn.run_id == run.id else None


@pages.get("/runs/<id:run_id>/curve.json")
def curve(run_id: int) -> dict[str, Any]:
    """The loss curve in columns, for the chart."""
    found = queries.run(run_id)
    return {
        "steps": [point.step for point in found.points],
        "train": [point.loss for point in found.points],
        "validation": [point.validation_loss for point in found.points],
        "running": found.finished_at is None,
    }
