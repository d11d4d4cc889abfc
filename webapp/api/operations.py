"""What every route does in the same way: who may ask, reading what was sent, writing what is answered.

`@operation(…)` says it once; the request is read by it, and the OpenAPI document is written from it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

from flask import Response, current_app, request
from marshmallow import Schema
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from webapp.api.auth import caller
from webapp.api.fields import refuse
from webapp.core.accounts import service as accounts
from webapp.errors import N_, DomainError

MOST_JSON_BYTES = 256 * 1024


class BadRequest(DomainError):
    """What was sent cannot be read at all (400)."""

    status = 400


@dataclass(frozen=True)
class Operation:
    """One method of one route.

    `body` is sent as JSON. `upload` is a form with a file that may be sent instead, `form` is sent as a form or as JSON
    or not at all. `role` is what the caller has to be at least; `page` says that the answer is a part of a list;
    `limited`, that it may be asked for only so often; `refusals` are further statuses that it may answer.
    """

    summary: str
    body: type[Schema] | None = None
    query: type[Schema] | None = None
    out: type[Schema] | None = None
    upload: type[Schema] | None = None
    form: type[Schema] | None = None
    page: bool = False
    status: int = 200
    role: str | None = None
    limited: bool = False
    refusals: tuple[int, ...] = ()


@dataclass(frozen=True)
class Page:
    """A part of a list, and the cursor of the next part."""

    items: Sequence[Any]
    next: str | None


def page_of(rows: Sequence[Any], limit: int, cursor: Callable[[Any], int]) -> Page:
    """A page of at most `limit` rows out of one more than that, which only tells whether there is another page."""
    items = rows[:limit]
    return Page(items, str(cursor(items[-1])) if len(rows) > limit else None)


def part_of(rows: Sequence[Any], query: dict[str, Any]) -> Page:
    """The page of a list that is read whole; its cursor is how many rows come before."""
    start = query.get("cursor", 0)
    end = start + query["limit"]
    return Page(rows[start:end], str(end) if len(rows) > end else None)


def operation(summary: str, **details: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a resource's method an operation; the fields of `Operation` are its arguments.

    The method gets the path's values and, where there is a schema for them, `query` and `body`.
    """
    described = Operation(summary, **details)

    def wrap(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def run(self: object, **values: Any) -> Any:
            if described.role:
                accounts.require(caller(), described.role)
            return answer(described, method(self, **values, **sent(described)))

        run.operation = described  # type: ignore[attr-defined]
        return run

    return wrap


def sent(described: Operation) -> dict[str, Any]:
    """What was sent, by the schemas; raises ValidationError, BadRequest and werkzeug's 413 and 415."""
    values = {}
    if described.query:
        values["query"] = made(described.query).load(request.args.to_dict())
    if described.upload and request.mimetype == "multipart/form-data":
        values["body"] = upload(described.upload)
    elif described.form:
        fields = json_body(MOST_JSON_BYTES) if request.is_json else request.form.to_dict()
        values["body"] = made(described.form).load(fields)
    elif described.body:
        most = current_app.config["MAX_CONTENT_LENGTH"] if described.upload else MOST_JSON_BYTES
        values["body"] = made(described.body).load(json_body(most))
    return values


@cache
def made(schema: type[Schema]) -> Schema:
    """The one schema of its class: making one takes longer than using it, and it remembers nothing."""
    return schema()


def upload(schema: type[Schema]) -> dict[str, Any]:
    """A form with its file, whose name and bytes are `filename` and `data`."""
    form = made(schema).load(request.form.to_dict())
    file = request.files.get("file")
    if file is None:
        raise refuse("file", N_("파일이 빠져 있어요. file이라는 이름으로 보내 주세요."))
    return {**form, "filename": file.filename, "data": file.read()}


def json_body(most_bytes: int) -> Any:
    """The JSON that was sent; raises BadRequest, 413 and 415.

    Half characters (lone surrogates) cannot be stored or sent back, so they count as no JSON, as in RFC 7493.
    """
    if not request.is_json:
        raise UnsupportedMediaType
    if (request.content_length or 0) > most_bytes:
        raise RequestEntityTooLarge
    request.max_content_length = most_bytes
    try:
        value = json.loads(request.get_data(), parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise BadRequest(
            "bad-json", N_("JSON으로 읽을 수 없어요. 빠진 따옴표나 괄호가 없는지 확인해 주세요.")
        ) from error
    return value


def _no_constant(name: str) -> None:
    raise ValueError(name)


def answer(described: Operation, given: Any) -> Response:
    """What a method returned, written by the schema, with its status."""
    if described.out is None:
        return Response(status=described.status)
    text = json.dumps(written(made(described.out), given), ensure_ascii=False) + "\n"
    return Response(text, described.status, content_type="application/json")


def written(schema: Schema, given: Any) -> Any:
    """One thing, or a page of them, as JSON has it."""
    if isinstance(given, Page):
        return {"items": schema.dump(given.items, many=True), "next": given.next}
    return schema.dump(given)
