"""Voting, proposing keywords, and counting again what was counted."""

from __future__ import annotations

import json

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.core.stories import queries as stories
from webapp.core.voting import queries, rules, service
from webapp.errors import DomainError
from webapp.ids import typed_id
from webapp.intake import clean_line
from webapp.pages.acts import done
from webapp.pages.ranks import ranking_of
from webapp.pages.results import result_of
from webapp.pages.stories import turn_again
from webapp.pages.words import option_label
from webapp.people import current_account

pages = Blueprint("polls", __name__, url_prefix="/polls")


@pages.get("/<id:poll_id>")
def show(poll_id: int) -> str:
    """A poll: while it is open, nothing of how it stands; then every ballot."""
    poll = queries.get(poll_id)
    story, labels = stories.get_story(poll.story_id), {one.id: option_label(one) for one in poll.options}
    closed = poll.status == "closed"
    between = " > " if poll.method in rules.RANKED else ", "
    ballots = [
        (ballot.voter, between.join(labels[option_id] for option_id in ballot.options))
        for ballot in (queries.published_ballots(poll_id) if closed else [])
    ]
    result = result_of(poll)
    return render_template("polls/show.html", poll=poll, story=story, result=result, ballots=ballots)


@pages.get("/<id:poll_id>/ballots.json")
def record(poll_id: int) -> Response:
    """The record of a closed poll, to be kept and counted again with the script that is offered beside it."""
    text = json.dumps(queries.record_of(poll_id), ensure_ascii=False, indent=1)
    attachment = {"Content-Disposition": f"attachment; filename=ieum-poll-{poll_id}-ballots.json"}
    return Response(text, mimetype="application/json", headers=attachment)


@pages.post("/<id:poll_id>/options")
def suggest(poll_id: int) -> ResponseReturnValue:
    """Propose a keyword."""
    story_id = queries.get(poll_id).story_id
    try:
        option = service.propose_option(poll_id, clean_line(request.form.get("label", "")), current_account())
    except DomainError as error:
        return turn_again(story_id, error)
    message = gettext("‘%(word)s’ 낱말을 올렸어요. 이제 표를 줄 수 있어요.", word=option.label)
    return done(message, url_for("stories.turn", story_id=story_id))


@pages.post("/<id:poll_id>/ballot")
def cast(poll_id: int) -> ResponseReturnValue:
    """Cast a ballot, or another one in its place."""
    poll = queries.get(poll_id)
    story_id = poll.story_id
    try:
        ranked = poll.method in rules.RANKED
        chosen = ranking_of(request.form) if ranked else request.form.getlist("options", typed_id)
        service.cast(poll_id, chosen, current_account())
    except DomainError as error:
        return turn_again(story_id, error)
    message = gettext("투표했어요. 끝나기 전에는 언제든 바꿀 수 있어요.")
    return done(message, url_for("stories.turn", story_id=story_id))


@pages.post("/<id:poll_id>/ballot/withdraw")
def withdraw(poll_id: int) -> ResponseReturnValue:
    """Take one's own ballot back."""
    story_id = queries.get(poll_id).story_id
    try:
        service.withdraw_ballot(poll_id, current_account())
    except DomainError as error:
        return turn_again(story_id, error)
    return done(gettext("표를 거두었어요."), url_for("stories.turn", story_id=story_id))
