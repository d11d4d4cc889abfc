"""What people see when something is refused or goes wrong: a page that says what was wrong and what to do."""

from __future__ import annotations

from flask import Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from webapp.errors import N_, DomainError, NotSignedIn
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


def refuse(error: DomainError) -> ResponseReturnValue:
    """A service's refusal that no form can show."""
    if isinstance(error, NotSignedIn) and request.method == "GET":
        flash(sentence(error), "error")
        return redirect(url_for("accounts.log_in", next=request.full_path.rstrip("?")), SEE_OTHER)
    return _page(error.status, sentence(error))


def ask_again(error: CSRFError) -> ResponseReturnValue:
    """A form whose token does not fit. What was typed is given back: it may be a whole passage."""
    return _page(400, gettext(EXPIRED), typed=request.form.get("text", ""))


def tell(error: HTTPException) -> ResponseReturnValue:
    """Anything else, by its status."""
    status = error.code or 500
    if status < 400 or request.path.startswith(FOR_PROGRAMS):
        return error
    if isinstance(error, InternalServerError):
        # No database, no language, no session: whatever broke may be needed for those.
        return render_template("errors/broken.html"), 500
    return _page(status, gettext(SENTENCES.get(status, OTHER_SENTENCE)))


def _page(status: int, told: str, typed: str = "") -> ResponseReturnValue:
    heading = gettext(HEADINGS.get(status, OTHER_HEADING))
    return render_template(
        "errors/error.html", status=status, heading=heading, sentence=told, typed=typed
    ), status
