"""The two addresses that the predecessor's clients call."""

from __future__ import annotations

import re
from typing import Any

from flask import url_for
from flask_restful import Resource

from webapp.api.auth import require_legacy_caller
from webapp.api.fields import MAX_ID
from webapp.api.operations import BadRequest, operation
from webapp.api.schemas.legacy import HelloOut, PutHumanTxtIn, PutHumanTxtOut
from webapp.core.stories import service as stories
from webapp.core.stories.rules import first_is_meant
from webapp.errors import N_, Invalid

REFUSALS = (400, 401, 403, 404, 409, 413)


class PutHumanTxt(Resource):
    """GET or POST: let the writer learn from a human passage and go on."""

    @operation(
        N_("사람이 쓴 대목을 배우고 이어 쓰게 해요."),
        query=PutHumanTxtIn,
        out=PutHumanTxtOut,
        status=202,
        refusals=REFUSALS,
    )
    def get(self, query: dict[str, Any]) -> Any:
        return put_human_txt(query)

    @operation(
        N_("사람이 쓴 대목을 배우고 이어 쓰게 해요."),
        query=PutHumanTxtIn,
        form=PutHumanTxtIn,
        out=PutHumanTxtOut,
        status=202,
        refusals=REFUSALS,
    )
    def post(self, query: dict[str, Any], body: dict[str, Any]) -> Any:
        return put_human_txt({**query, **body})


class Hello(Resource):
    """GET: a greeting."""

    @operation(N_("인사해요."), out=HelloOut)
    def get(self) -> Any:
        return {"message": "Hello"}


def put_human_txt(values: dict[str, Any]) -> dict[str, Any]:
    """Ask for the job; raises BadRequest where the predecessor's clients expect 400."""
    require_legacy_caller()
    job = stories.put_human_txt(_contents_id(values.get("contents_id")), _is_first(values.get("is_first")))
    return {"job_id": job.id, "job": url_for("api.job", job_id=job.id)}


def _contents_id(value: object) -> int:
    """The number of a passage. One that is larger than any is as good as the largest: there is no such passage."""
    digits = str(value)
    if isinstance(value, bool) or not re.fullmatch("[0-9]+", digits):
        message = N_("contents_id에는 대목의 번호를 숫자로 적어 주세요.")
        raise BadRequest("bad-contents-id", message, field="contents_id")
    return min(int(digits[:20]), MAX_ID)


def _is_first(value: object) -> bool:
    try:
        return first_is_meant("" if value is None else str(value))
    except Invalid as error:
        raise BadRequest(error.code, error.message, field=error.field) from error
