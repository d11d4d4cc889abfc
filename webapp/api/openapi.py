"""The OpenAPI document, written from the routes, their operations and schemas."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Response, current_app, jsonify
from marshmallow import Schema, fields

from webapp.api.fields import MAX_ID
from webapp.api.operations import MOST_JSON_BYTES, Operation
from webapp.api.routes import ROUTES
from webapp.errors import N_

METHODS = ("get", "post", "put", "delete")
PROBLEM = "application/problem+json"
DESCRIPTION = N_("사람들과 작은 작가 AI가 이어 쓰는 이야기, 이음의 API예요.")
HINTS = (
    N_("읽는 데는 계정이 필요 없어요."),
    N_("쓰려면 POST /api/v1/sessions에서 받은 토큰을 Authorization: Bearer 머리말로 보내 주세요."),
    N_("브라우저는 쿠키로도 되지만, 무언가를 바꾸는 요청에는 X-CSRFToken 머리말이 있어야 해요."),
    N_("목록은 limit와 cursor로 나누어 받아요. next를 다음 cursor로 보내고, next가 null이면 끝이에요."),
    N_("시각은 모두 UTC예요."),
    N_("거절은 모두 RFC 9457 problem+json이에요. code는 바뀌지 않고, detail은 사람이 읽는 말이에요."),
)


class ProblemOut(Schema):
    """A refusal (RFC 9457). `code` is stable, `detail` is for people; `errors` lists sentences for each field."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))
    params = fields.Dict()


def document() -> Response:
    """GET /api/openapi.json."""
    return jsonify(openapi(current_app.config["MAX_CONTENT_LENGTH"]))


@cache
def openapi(most_bytes: int) -> dict[str, Any]:
    """The whole document; `most_bytes` is the largest body that is taken."""
    spec = APISpec(
        title="이음",
        version="1",
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin(schema_name_resolver=lambda schema: name_of(schema))],
        info={"description": "\n\n".join((DESCRIPTION, *HINTS))},
    )
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    spec.components.security_scheme("cookie", {"type": "apiKey", "in": "cookie", "name": "session"})
    for address, resource in ROUTES:
        described = {
            method: getattr(resource, method).operation for method in METHODS if hasattr(resource, method)
        }
        operations = {
            method: _operation(resource.__name__, method, address, each, most_bytes)
            for method, each in described.items()
        }
        spec.path(path="/api" + re.sub(r"<id:(\w+)>", r"{\1}", address), operations=operations)
    return spec.to_dict()


def name_of(schema: Any) -> str:
    """The name of a schema in the document."""
    return schema.__name__ if isinstance(schema, type) else type(schema).__name__


def _operation(name: str, method: str, address: str, each: Operation, most_bytes: int) -> dict[str, Any]:
    ids = re.findall(r"<id:(\w+)>", address)
    described: dict[str, Any] = {
        "operationId": f"{method}{name}",
        "tags": [address.split("/")[2] if address.startswith("/v1/") else "legacy"],
        "summary": each.summary,
        "parameters": [_id_parameter(one) for one in ids],
        "responses": _responses(method, each, bool(ids)),
        # Signing in is possible everywhere, and needed where a role is.
        "security": [{"token": []}, {"cookie": []}] + ([] if each.role else [{}]),
    }
    if each.role:
        described["description"] = NEEDED[each.role]
    if each.query:
        described["parameters"].append({"in": "query", "schema": each.query})
    if each.body or each.form:
        described["requestBody"] = _request_body(each, most_bytes)
    return described


def _id_parameter(name: str) -> dict[str, Any]:
    return {
        "in": "path",
        "name": name,
        "required": True,
        "schema": {"type": "integer", "format": "int32", "minimum": 1, "maximum": MAX_ID},
    }


def _request_body(each: Operation, most_bytes: int) -> dict[str, Any]:
    most = most_bytes if each.upload else MOST_JSON_BYTES
    content: dict[str, Any] = {"application/json": {"schema": each.body or each.form}}
    if each.form:
        content["application/x-www-form-urlencoded"] = {"schema": each.form}
    if each.upload:
        file = {
            "type": "object",
            "required": ["file"],
            "properties": {"file": {"type": "string", "format": "binary"}},
        }
        content["multipart/form-data"] = {"schema": {"allOf": [each.upload, file]}}
    return {
        "required": each.form is None,
        "description": f"{most:,}바이트까지 받아요.",
        "content": content,
        "x-most-bytes": most,
    }


def _responses(method: str, each: Operation, has_id: bool) -> dict[str, Any]:
    good: dict[str, Any] = {"description": DONE}
    if each.out:
        good["content"] = {"application/json": {"schema": _page(each.out) if each.page else each.out}}
    refused = {"content": {PROBLEM: {"schema": ProblemOut}}}
    statuses = sorted(_refusals(method, each, has_id))
    return {
        str(each.status): good,
        **{str(status): {"description": WHEN[status], **refused} for status in statuses},
    }


NEEDED = {
    "reader": N_("로그인한 사람이 할 수 있어요."),
    "participant": N_("참여자(participant)부터 할 수 있어요."),
    "moderator": N_("운영자(moderator)부터 할 수 있어요."),
}
DONE = N_("했어요.")
WHEN = {
    400: N_("읽을 수 없는 요청이거나, 쿠키로 들어왔는데 CSRF 토큰이 없어요."),
    401: N_("로그인이 필요하거나, 토큰이 맞지 않아요."),
    403: N_("이 일을 할 수 있는 역할이 아니에요."),
    404: N_("그런 것이 없어요."),
    409: N_("지금은 할 수 없어요."),
    413: N_("보낸 것이 너무 커요."),
    415: N_("받지 않는 형식이에요."),
    422: N_("보낸 값 가운데 고칠 것이 있어요."),
    429: N_("요청이 너무 잦아요. Retry-After 초 뒤에 다시 해 주세요."),
    503: N_("필요한 것이 지금 움직이지 않아요."),
}


def _refusals(method: str, each: Operation, has_id: bool) -> set[int]:
    """The statuses that an operation may refuse with."""
    statuses = {401, *each.refusals}
    statuses |= {400} if method != "get" else set()
    statuses |= {400, 413, 415, 422} if each.body else set()
    statuses |= {422} if each.query else set()
    statuses |= {403} if each.role else set()
    statuses |= {404} if has_id else set()
    statuses |= {429} if each.limited else set()
    return statuses


def _page(out: type[Schema]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": {"type": "array", "items": out},
            "next": {"type": ["string", "null"], "description": "다음 쪽의 cursor"},
        },
    }
