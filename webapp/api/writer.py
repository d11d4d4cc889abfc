"""The writer: its checkpoints, its runs, and the jobs it works on."""

from __future__ import annotations

from typing import Any

from flask_restful import Resource

from webapp import jobs
from webapp.api import views
from webapp.api.auth import caller
from webapp.api.fields import PageIn
from webapp.api.operations import Page, operation, page_of
from webapp.api.schemas.writer import CancelIn, CheckpointOut, JobOut, RunOut
from webapp.core.moderation import service as moderation
from webapp.core.training import queries
from webapp.errors import N_


class Job(Resource):
    """GET: how far a job is."""

    @operation(N_("작업이 얼마나 되었는지 알려 줘요."), out=JobOut)
    def get(self, job_id: int) -> Any:
        return views.job(jobs.get(job_id))


class Cancelling(Resource):
    """POST: end a job that waits or runs."""

    @operation(
        N_("기다리거나 하고 있는 작업을 그만두게 해요. 그 작업을 기다리던 차례는 다음으로 넘어가요."),
        body=CancelIn,
        out=JobOut,
        role="moderator",
        refusals=(409,),
    )
    def post(self, job_id: int, body: dict[str, Any]) -> Any:
        return views.job(moderation.cancel_job(job_id, body["reason"], caller()))


class Checkpoints(Resource):
    """GET: all checkpoints, newest first."""

    @operation(N_("작가 AI의 두뇌들이에요. 새것부터 나와요."), query=PageIn, out=CheckpointOut, page=True)
    def get(self, query: dict[str, Any]) -> Any:
        rows = queries.checkpoints(limit=query["limit"] + 1, after=query.get("cursor"))
        page = page_of(rows, query["limit"], lambda row: row.id)
        return Page([views.checkpoint(row) for row in page.items], page.next)


class Checkpoint(Resource):
    """GET: one checkpoint."""

    @operation(N_("두뇌 하나예요. 무엇을 읽었고 무엇을 썼는지 보여요."), out=CheckpointOut)
    def get(self, checkpoint_id: int) -> Any:
        return views.checkpoint(queries.checkpoint(checkpoint_id))


class Run(Resource):
    """GET: one run with its loss curve."""

    @operation(N_("학습 하나와 그 손실 곡선이에요."), out=RunOut)
    def get(self, run_id: int) -> Any:
        return views.run(queries.run(run_id))
