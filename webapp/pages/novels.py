"""The library: what the writer may read, and bringing novels to it."""

from __future__ import annotations

from flask import Blueprint, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.core.library import queries, service
from webapp.core.library.models import Novel
from webapp.core.stories import service as stories
from webapp.core.training import queries as training
from webapp.errors import N_, DomainError, Invalid
from webapp.ids import typed_id
from webapp.intake import NOTES, clean_line, pasted, read_manuscript
from webapp.pages.acts import done, errors_of, taken
from webapp.people import current_account

pages = Blueprint("novels", __name__, url_prefix="/novels")

AT_ONCE = 30
EXCERPT = 400


@pages.get("")
def index() -> str:
    """The library, newest first."""
    novels = queries.novels(after=request.args.get("after", None, typed_id), limit=AT_ONCE + 1)
    more = len(novels) > AT_ONCE
    next_page = url_for("novels.index", after=novels[AT_ONCE - 1].id) if more else None
    return render_template("novels/index.html", novels=novels[:AT_ONCE], next_page=next_page)


@pages.get("/new")
def new() -> str:
    """The form to bring a novel with."""
    return _form(values=request.args)


@pages.post("")
def create() -> ResponseReturnValue:
    """Bring a novel; where a turn is named, nominate it there as well."""
    try:
        novel = _nominate()
    except DomainError as error:
        return _form(values=request.form, errors=errors_of(error)), error.status
    taken("novel")
    message = gettext("‘%(title)s’ 글을 받았어요. 확인이 끝나면 투표에 올라가요.", title=novel.title)
    return done(message, url_for("novels.show", novel_id=novel.id))


def _nominate() -> Novel:
    form, actor = request.form, current_account()
    upload = request.files.get("file")
    if upload and upload.filename:
        manuscript = read_manuscript(upload.filename, upload.read())
    elif form.get("text", "").strip():
        manuscript = pasted(form["text"])
    else:
        raise Invalid("text-needed", N_("글을 붙여 넣거나 파일을 골라 주세요."), field="file")
    novel = service.nominate(
        manuscript,
        title=clean_line(form.get("title", "")),
        author=clean_line(form.get("author", "")),
        rights=form.get("rights", ""),
        author_died=_year(form.get("author_died", "")),
        licence=clean_line(form.get("licence", "")),
        actor=actor,
    )
    turn_id = form.get("turn", None, typed_id)
    if turn_id is not None:
        stories.nominate(turn_id, novel.id, actor)
    return novel


def _year(typed: str) -> int | None:
    """The year that was typed; none for an empty field; raises Invalid for anything but a number."""
    typed = clean_line(typed).removesuffix("년").strip()
    if not typed:
        return None
    if not typed.isdecimal() or len(typed) > 4:
        raise Invalid("bad-year", N_("떠난 해는 네 자리 숫자로 적어 주세요."), field="author_died")
    return int(typed)


def _form(**context: object) -> str:
    megabytes = current_app.config["SETTINGS"].max_upload_bytes // 2**20
    return render_template("novels/new.html", most_megabytes=megabytes, **context)


@pages.get("/<id:novel_id>")
def show(novel_id: int) -> str:
    """One novel: its rights, how it begins, and who read it."""
    return _page(queries.get(novel_id))


@pages.post("/<id:novel_id>/withdraw")
def withdraw(novel_id: int) -> ResponseReturnValue:
    """Take a novel out of the library: one's own while it waits, any of them as a moderator."""
    reason = clean_line(request.form.get("reason", ""))
    try:
        novel = service.decide(novel_id, "withdraw", reason, current_account())
    except DomainError as error:
        return _page(queries.get(novel_id), values=request.form, errors=errors_of(error)), error.status
    return done(gettext("원작을 거두었어요."), url_for("novels.show", novel_id=novel.id))


def _may_withdraw(novel: Novel) -> bool:
    viewer = current_account()
    if viewer is None:
        return False
    own = novel.status == "pending" and novel.nominated_by == viewer.id
    return own or (novel.status in ("pending", "approved") and viewer.role in ("moderator", "administrator"))


def _page(novel: Novel, **context: object) -> str:
    shown = novel.status in ("pending", "approved")
    excerpt = queries.text_of(novel)[:EXCERPT] if shown else ""
    notes = [gettext(NOTES.get(note, note)) for note in novel.notes]
    return render_template(
        "novels/show.html",
        novel=novel,
        excerpt=excerpt,
        notes=notes,
        readers=training.readers_of(novel.id),
        may_withdraw=_may_withdraw(novel),
        **context,
    )
