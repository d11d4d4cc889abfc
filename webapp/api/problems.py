"""Refusals as RFC 9457 `application/problem+json`, in the language of whoever asked."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from flask import Response, current_app, request
from flask_babel import get_locale, gettext
from flask_limiter import RateLimitExceeded
from flask_restful import Api
from flask_wtf.csrf import CSRFError
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from webapp.api.fields import flat
from webapp.errors import N_, DomainError
from webapp.extensions import limiter
from webapp.outages import outage_of

log = structlog.get_logger()

HTTP_PROBLEMS = {
    400: ("bad-request", N_("요청을 알아들을 수 없어요. 형식을 확인해 주세요.")),
    404: ("no-such-address", N_("그런 주소가 없어요. /api/docs에서 주소를 확인해 주세요.")),
    405: (
        "method-not-allowed",
        N_("이 주소에는 그렇게 요청할 수 없어요. Allow 머리말에 있는 방법을 써 주세요."),
    ),
    413: ("too-large", N_("보낸 것이 너무 커요. 나누어서 보내 주세요.")),
    415: ("content-type", N_("이런 형식은 받지 않아요. Content-Type을 application/json으로 보내 주세요.")),
    429: ("too-many-requests", N_("요청이 너무 잦아요. 잠시 뒤에 다시 해 주세요.")),
}
"""Code and sentence of what the web server itself refuses."""

HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "2"}}
"""What a refusal with this status says beside its sentence."""

INVALID = ("invalid", N_("보낸 값 가운데 고칠 것이 있어요. errors를 확인해 주세요."))
BAD_CSRF = ("csrf", N_("페이지가 오래되었어요. 새로 고친 뒤 다시 해 주세요."))
BROKEN = ("internal", N_("저희 쪽에서 문제가 생겼어요. 잠시 뒤에 다시 해 주세요."))


class ProblemApi(Api):
    """Flask-RESTful's Api that answers every error under /api with a problem, and leaves the rest of the site alone."""

    def _has_fr_route(self) -> bool:
        return is_api_address()

    def handle_error(self, error: Exception) -> Response:
        """The answer to an error; one that nobody foresaw is logged, or raised where errors propagate."""
        answer = problem_of(error)
        if answer is not None:
            return answer
        config = current_app.config
        if config["PROPAGATE_EXCEPTIONS"] or (config["PROPAGATE_EXCEPTIONS"] is None and current_app.testing):
            raise error
        log.error("api_error", exc_info=error)
        return problem(500, BROKEN[0], gettext(BROKEN[1]))


def is_api_address() -> bool:
    """Whether the address asked for belongs to the API."""
    return request.path == "/api" or request.path.startswith("/api/")


def problem_of(error: Exception) -> Response | None:
    """The problem that a foreseen error is told as; None for any other."""
    error = outage_of(error) or error
    if isinstance(error, DomainError):
        return _refusal(error)
    if isinstance(error, ValidationError):
        return problem(422, INVALID[0], gettext(INVALID[1]), errors=flat(error.messages))
    if isinstance(error, CSRFError):
        return problem(400, BAD_CSRF[0], gettext(BAD_CSRF[1]))
    if isinstance(error, HTTPException):
        return _http_problem(error)
    return None


def _refusal(error: DomainError) -> Response:
    detail = gettext(error.message, **error.params)
    more: dict[str, Any] = {"params": dict(error.params)} if error.params else {}
    if error.status == 422 or error.field:
        more["errors"] = {error.field or "body": [detail]}
    headers = HEADERS.get(error.status, {})
    return problem(error.status, error.code, detail, headers=headers, **more)


def _http_problem(error: HTTPException) -> Response | None:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response()
    if status >= 500:
        return None
    code, sentence = HTTP_PROBLEMS.get(status, HTTP_PROBLEMS[400])
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    if isinstance(error, RateLimitExceeded):
        headers["Retry-After"] = str(_seconds_to_wait())
    return problem(status, code, gettext(sentence), headers=headers)


def _seconds_to_wait() -> int:
    limit = limiter.current_limit
    return max(1, round(limit.reset_at - time.time())) if limit else 1


def problem(
    status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """A problem document; `more` are further members, such as `errors`."""
    title = HTTPStatus(status).phrase
    body = {
        "type": f"/api/docs#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }
    # What a person typed may be quoted in it, whatever it is: a default for what JSON has no word for.
    text = json.dumps(body, ensure_ascii=False, default=str)
    response = Response(text, status, content_type="application/problem+json")
    response.headers.update(headers or {})
    response.headers["Content-Language"] = str(get_locale())
    return response
