"""What people hand in for a turn: novels to read, and drafts."""

from __future__ import annotations

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.core.stories import queries, service
from webapp.errors import DomainError
from webapp.ids import typed_id
from webapp.intake import clean_text
from webapp.pages.acts import done, taken
from webapp.pages.stories import turn_again
from webapp.people import current_account

pages = Blueprint("turns", __name__, url_prefix="/turns")


@pages.post("/<id:turn_id>/nominations")
def nominate(turn_id: int) -> ResponseReturnValue:
    """Nominate a novel of the library."""
    story_id = queries.get_turn(turn_id).story_id
    try:
        nomination = service.nominate(turn_id, request.form.get("novel_id", 0, typed_id), current_account())
    except DomainError as error:
        return turn_again(story_id, error)
    message = gettext("‘%(title)s’ 글을 추천했어요.", title=nomination.novel.title)
    return done(message, url_for("stories.turn", story_id=story_id))


@pages.post("/<id:turn_id>/drafts")
def submit_draft(turn_id: int) -> ResponseReturnValue:
    """Hand in a draft, or another one in its place."""
    story_id = queries.get_turn(turn_id).story_id
    try:
        service.hand_in_draft(turn_id, clean_text(request.form.get("text", "")), current_account())
    except DomainError as error:
        return turn_again(story_id, error)
    taken(f"draft-{turn_id}")
    message = gettext("초안을 받았어요. 시간이 끝나면 투표에 올라가요.")
    return done(message, url_for("stories.turn", story_id=story_id))


@pages.post("/<id:turn_id>/drafts/withdraw")
def withdraw_draft(turn_id: int) -> ResponseReturnValue:
    """Take one's own draft back."""
    story_id = queries.get_turn(turn_id).story_id
    try:
        service.withdraw_draft(turn_id, current_account())
    except DomainError as error:
        return turn_again(story_id, error)
    return done(gettext("초안을 거두었어요."), url_for("stories.turn", story_id=story_id))
