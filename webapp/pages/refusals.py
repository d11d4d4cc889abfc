"""What people see when something is refused or goes wrong: a page that says what was wrong and what to do."""

from __future__ import annotations

from flask import Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from webapp.errors import N_, DomainError, NotSignedIn, Unavailable
from webapp.outages import outage_of
from webapp.pages.acts import SEE_OTHER, sentence

HEADINGS = {
    403: N_("여기는 들어올 수 없어요"),
    404: N_("찾는 쪽이 없어요"),
    405: N_("그렇게는 열 수 없는 쪽이에요"),
    409: N_("지금은 할 수 없어요"),
    413: N_("너무 커요"),
    429: N_("조금만 쉬었다 해 주세요"),
    503: N_("잠시 쉬고 있어요"),
}
SENTENCES = {
    403: N_("이 일을 할 수 있는 사람으로 로그인했는지 확인해 주세요."),
    404: N_("주소가 바뀌었거나 처음부터 없던 쪽이에요. 첫 화면에서 다시 찾아 주세요."),
    405: N_("첫 화면에서 다시 찾아 주세요."),
    413: N_("한 번에 보낼 수 있는 크기를 넘었어요. 나누어서 보내 주세요."),
    429: N_("짧은 시간에 너무 많이 보냈어요. 1분쯤 뒤에 다시 해 주세요."),
}
OTHER_HEADING = N_("이 부탁은 들어줄 수 없어요")
OTHER_SENTENCE = N_("보낸 내용을 알아볼 수 없어요. 뒤로 가서 다시 해 주세요.")
EXPIRED = N_(
    "화면을 연 지 오래되었거나 쿠키가 꺼져 있어서, 정말 여기서 보낸 것인지 확인하지 못했어요. "
    "뒤로 가서 새로고침한 다음 다시 보내 주세요."
)
FOR_PROGRAMS = ("/api/", "/live/", "/static/", "/healthz", "/readyz", "/metrics")


def register_refusals(app: Flask) -> None:
    """Tell refusals and mishaps as pages; programs' addresses are left to those who answer programs."""
    app.register_error_handler(DomainError, refuse)
    app.register_error_handler(CSRFError, ask_again)
    app.register_error_handler(HTTPException, tell)
    app.register_error_handler(SQLAlchemyError, rest)


def refuse(error: DomainError) -> ResponseReturnValue:
    """A service's refusal that no form can show."""
    if isinstance(error, NotSignedIn) and request.method == "GET":
        flash(sentence(error), "error")
        return redirect(url_for("accounts.log_in", next=request.full_path.rstrip("?")), SEE_OTHER)
    return _page(error.status, sentence(error))


def ask_again(error: CSRFError) -> ResponseReturnValue:
    """A form whose token does not fit. What was typed is given back: it may be a whole passage."""
    return _page(400, gettext(EXPIRED), typed=request.form.get("text", ""))


def rest(error: SQLAlchemyError) -> ResponseReturnValue:
    """The database does not answer: a page that can be shown without it."""
    outage = outage_of(error)
    if outage is None:
        raise error
    return _resting_page(outage)


def tell(error: HTTPException) -> ResponseReturnValue:
    """Anything else, by its status."""
    status = error.code or 500
    if isinstance(error, InternalServerError):
        # A refusal may have needed the database for its own page.
        outage = outage_of(error.original_exception)
        if outage is not None:
            return _resting_page(outage)
    if status < 400 or request.path.startswith(FOR_PROGRAMS):
        return error
    if isinstance(error, InternalServerError):
        return _bare_page("errors/broken.html"), 500
    return _page(status, gettext(SENTENCES.get(status, OTHER_SENTENCE)))


def _resting_page(outage: Unavailable) -> ResponseReturnValue:
    """What was typed is given back, and the way back to the page that it came from."""
    told, headers = sentence(outage), {"Retry-After": "2"}
    if request.path.startswith(FOR_PROGRAMS):
        return told, 503, {**headers, "Content-Type": "text/plain; charset=utf-8"}
    typed = request.form.get("text", "")
    page = _bare_page("errors/resting.html", heading=gettext(HEADINGS[503]), sentence=told, typed=typed)
    return page, 503, headers


def _bare_page(template: str, **values: object) -> str:
    """A page without what all pages share, who looks at it and what time it is: that needs the database."""
    return current_app.jinja_env.get_template(template).render(**values)


def _page(status: int, told: str, typed: str = "") -> ResponseReturnValue:
    heading = gettext(HEADINGS.get(status, OTHER_HEADING))
    return render_template(
        "errors/error.html", status=status, heading=heading, sentence=told, typed=typed
    ), status
