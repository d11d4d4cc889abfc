"""The moderators' job page: what the writer is at, what waits, what came of the rest. It asks the database only."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp import jobs
from webapp.core.accounts import service as accounts
from webapp.core.moderation import service
from webapp.core.stories import queries
from webapp.core.stories.models import Story
from webapp.errors import N_, DomainError
from webapp.intake import clean_line
from webapp.jobs import Job
from webapp.pages.acts import done, sentence
from webapp.pages.waiting import wait_line
from webapp.people import current_account

pages = Blueprint("work", __name__, url_prefix="/moderation/jobs")

KINDS = {
    "raise_base": N_("첫 작가 AI 키우기"),
    "read_novels": N_("원작 읽고 배우기"),
    "put_human_txt": N_("대목을 배우고 초안 쓰기"),
    "rewrite_passage": N_("대목 다시 써 보기"),
}
STATES = {
    "queued": N_("기다리고 있어요"),
    "running": N_("하고 있어요"),
    "done": N_("다 했어요"),
    "failed": N_("하지 못했어요"),
    "cancelled": N_("그만두었어요"),
}


@dataclass(frozen=True)
class Row:
    """A job as the page shows it: its name, story and state in words, how long it will take or took, and on which
    computer it is."""

    job: Job
    name: str
    story: Story | None
    state: str
    wait: str
    seconds: int | None
    computer: str


def row_of(job: Job) -> Row:
    """A job in words."""
    state, seconds = "cancelled" if job.cancelled else job.state, None
    if job.started_at and job.finished_at:
        seconds = round((job.finished_at - job.started_at).total_seconds())
    return Row(
        job=job,
        name=gettext(KINDS.get(job.kind, job.kind)),
        story=queries.get_story(job.story_id) if job.story_id else None,
        state=gettext(STATES[state]),
        wait=wait_line(job),
        seconds=seconds,
        computer=job.holder.partition("/")[0],
    )


@pages.get("")
def index() -> str:
    """Jobs that wait or run, and those that were over last."""
    accounts.require(current_account(), "moderator")
    return _page()


def _page(**context: object) -> str:
    return render_template(
        "moderation/jobs.html",
        living=[row_of(job) for job in jobs.all_living()],
        over=[row_of(job) for job in jobs.recently_over()],
        **context,
    )


@pages.post("/<id:job_id>/cancel")
def cancel(job_id: int) -> ResponseReturnValue:
    """End a job that waits or runs."""
    try:
        service.cancel_job(job_id, clean_line(request.form.get("reason", "")), current_account())
    except DomainError as error:
        accounts.require(current_account(), "moderator")
        return _page(values=request.form, refused=request.path, problem=sentence(error)), error.status
    return done(gettext("그 일을 그만두게 했어요."), url_for("work.index"))
