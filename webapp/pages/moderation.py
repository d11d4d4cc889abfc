"""The moderators' page: what waits for a decision, and the decisions that were made."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.core.accounts import queries as people
from webapp.core.accounts import service as accounts
from webapp.core.audit import queries as audit
from webapp.core.audit.models import AuditEntry
from webapp.core.library import queries as library_queries
from webapp.core.library import service as library
from webapp.core.moderation import service
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.stories.models import Story
from webapp.errors import DomainError
from webapp.intake import clean_line
from webapp.pages.acts import done, sentence
from webapp.pages.panel import turn_line
from webapp.pages.words import DECISIONS
from webapp.people import current_account

pages = Blueprint("moderation", __name__, url_prefix="/moderation")


@pages.get("")
def index() -> str:
    """All that a moderator needs, on one page."""
    accounts.require(current_account(), "moderator")
    return _page()


def _page(**context: object) -> str:
    return render_template(
        "moderation/index.html",
        pending=library_queries.novels("pending"),
        rooms=[_room(story) for story in queries.stories() if story.status == "open"],
        entries=[_told(entry) for entry in audit.newest(30)],
        **context,
    )


def _room(story: Story) -> dict[str, object]:
    turn = queries.current_turn(story.id)
    return {
        "story": story,
        "turn": turn,
        "now": turn_line(turn),
        "drafts": queries.drafts(turn.id) if turn else [],
        "passages": queries.passages(story.id, after=max(0, queries.last_passage_seq(story.id) - 5))[::-1],
    }


def _told(entry: AuditEntry) -> dict[str, object]:
    actor = people.find(entry.actor_id) if entry.actor_id else None
    what = gettext(DECISIONS.get(entry.action, entry.action))
    title = entry.detail.get("title") or f"#{entry.subject_id}"
    reason = entry.detail.get("reason") or ""
    return {
        "at": entry.at,
        "actor": actor.name if actor else "",
        "what": what,
        "subject": title,
        "reason": reason,
        "hash": entry.hash,
    }


def _decide(act: Callable[[], object], message: str) -> ResponseReturnValue:
    """Do it and say so, or show the page again with what was typed."""
    try:
        act()
    except DomainError as error:
        accounts.require(current_account(), "moderator")
        return _page(values=request.form, refused=request.path, problem=sentence(error)), error.status
    return done(message, url_for("moderation.index"))


def _reason() -> str:
    return clean_line(request.form.get("reason", ""))


@pages.post("/novels/<id:novel_id>")
def decide_novel(novel_id: int) -> ResponseReturnValue:
    """Approve, reject or withdraw a novel."""
    decision = request.form.get("decision", "")
    return _decide(
        lambda: library.decide(novel_id, decision, _reason(), current_account()),
        gettext("원작에 대한 결정을 적어 두었어요."),
    )


@pages.post("/turns/<id:turn_id>/close")
def close_turn(turn_id: int) -> ResponseReturnValue:
    """End the current phase now."""
    return _decide(lambda: stories.close_phase(turn_id, current_account()), gettext("지금 단계를 닫았어요."))


@pages.post("/drafts/<id:draft_id>/remove")
def remove_draft(draft_id: int) -> ResponseReturnValue:
    """Take a draft out of its turn."""
    return _decide(
        lambda: service.remove_draft(draft_id, _reason(), current_account()), gettext("초안을 뺐어요.")
    )


@pages.post("/passages/<id:passage_id>/hide")
def hide_passage(passage_id: int) -> ResponseReturnValue:
    """Hide a passage, saying why."""
    return _decide(
        lambda: service.hide_passage(passage_id, _reason(), current_account()), gettext("대목을 가렸어요.")
    )


@pages.post("/passages/<id:passage_id>/show")
def show_passage(passage_id: int) -> ResponseReturnValue:
    """Show a hidden passage again, saying why."""
    return _decide(
        lambda: service.show_passage(passage_id, _reason(), current_account()),
        gettext("대목을 다시 보이게 했어요."),
    )
