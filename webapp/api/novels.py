"""The library of source novels."""

from __future__ import annotations

from typing import Any

from flask_restful import Resource

from webapp.api import views
from webapp.api.auth import caller
from webapp.api.operations import Page, operation, page_of
from webapp.api.schemas.novels import DecisionIn, NovelFileIn, NovelIn, NovelOut, NovelsIn
from webapp.core.library import queries
from webapp.core.library import service as library
from webapp.errors import N_
from webapp.intake import pasted, read_manuscript


class Novels(Resource):
    """GET: the library, newest first; POST: bring a novel."""

    @operation(N_("서재의 작품들이에요. 새것부터 나와요."), query=NovelsIn, out=NovelOut, page=True)
    def get(self, query: dict[str, Any]) -> Any:
        rows = queries.novels(query.get("status"), after=query.get("cursor"), limit=query["limit"] + 1)
        page = page_of(rows, query["limit"], lambda row: row.id)
        return Page([views.novel(row) for row in page.items], page.next)

    @operation(
        N_("서재에 작품을 올려요. 운영자가 권리를 확인하면 읽힐 수 있어요."),
        body=NovelIn,
        upload=NovelFileIn,
        out=NovelOut,
        status=201,
        role="participant",
        refusals=(409, 503),
    )
    def post(self, body: dict[str, Any]) -> Any:
        is_file = "data" in body
        manuscript = (
            read_manuscript(body.pop("filename"), body.pop("data")) if is_file else pasted(body.pop("text"))
        )
        return views.novel(library.nominate(manuscript, **body, actor=caller()))


class Novel(Resource):
    """GET: one novel, without its text."""

    @operation(N_("작품 하나예요. 글은 주지 않아요."), out=NovelOut)
    def get(self, novel_id: int) -> Any:
        return views.novel(queries.get(novel_id))


class Decision(Resource):
    """POST: approve, reject or withdraw."""

    @operation(
        N_("작품을 승인하거나 거절하거나 거두어요."),
        body=DecisionIn,
        out=NovelOut,
        role="participant",
        refusals=(409,),
    )
    def post(self, novel_id: int, body: dict[str, Any]) -> Any:
        return views.novel(library.decide(novel_id, **body, actor=caller()))
