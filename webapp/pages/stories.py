"""Stories to read, and how each passage came about."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from webapp.core.accounts import service as accounts
from webapp.core.stories import queries, service
from webapp.core.stories.models import Passage, Story
from webapp.core.stories.rules import CHOOSING_METHODS
from webapp.errors import N_, DomainError, NotFound
from webapp.ids import typed_id
from webapp.intake import clean_line, clean_text
from webapp.pages.acts import SEE_OTHER, done, errors_of, taken
from webapp.pages.origin import origin_of
from webapp.pages.panel import panel_of, turn_line
from webapp.people import current_account

pages = Blueprint("stories", __name__, url_prefix="/stories")

AT_ONCE = 60
ALL = 100_000
PACES = ("collecting_seconds", "choosing_seconds")
COUNTS = ("enough_ballots", "quorum")
METHODS = ("source_method", "passage_method")


@pages.get("")
def index() -> str:
    """All stories, newest first."""
    cards = [_card(story) for story in queries.stories()]
    return render_template("stories/index.html", stories=cards)


def _card(story: Story) -> dict[str, object]:
    now = turn_line(queries.current_turn(story.id)) if story.status == "open" else ""
    return {"story": story, "passages": queries.last_passage_seq(story.id), "now": now}


@pages.get("/new")
def new() -> str:
    """The form with which a moderator begins a story."""
    accounts.require(current_account(), "moderator")
    return _form(values={})


@pages.post("")
def create() -> ResponseReturnValue:
    """Begin a story with its first passage."""
    form, actor = request.form, accounts.require(current_account(), "moderator")
    try:
        story = service.create_story(
            clean_line(form.get("title", "")),
            clean_text(form.get("premise", "")),
            clean_text(form.get("opening", "")),
            _settings(form),
            actor=actor,
        )
    except DomainError as error:
        return _form(values=form, errors=errors_of(error)), error.status
    taken("opening")
    message = gettext("‘%(title)s’ 이야기를 열었어요.", title=story.title)
    return done(message, url_for("stories.show", story_id=story.id))


def _settings(form: Mapping[str, str]) -> dict[str, object]:
    """The settings that were filled in."""
    return {
        **{name: _seconds(form[name]) for name in PACES if form.get(name)},
        **{name: _whole(form[name]) for name in COUNTS if form.get(name)},
        **{name: form[name] for name in METHODS if form.get(name)},
    }


def _seconds(minutes: str) -> int | str:
    """Minutes in seconds; what is no number stays as it is, for the settings to refuse."""
    number = _whole(minutes)
    return number * 60 if isinstance(number, int) else number


def _whole(text: str) -> int | str:
    """A number that was typed; what is none stays as it is, for the settings to refuse."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else text


def _form(**context: object) -> str:
    return render_template("stories/new.html", least=service.DRAFT_LEAST, methods=CHOOSING_METHODS, **context)


@pages.get("/<id:story_id>")
def show(story_id: int) -> str:
    """A story to read: its last passages, or all of them, and the turn at the end."""
    story = queries.get_story(story_id)
    first = 0 if "all" in request.args else max(0, queries.last_passage_seq(story_id) - AT_ONCE)
    passages = queries.passages(story_id, after=first, limit=ALL)
    return render_template(
        "stories/show.html",
        story=story,
        passages=passages,
        earlier=first > 0,
        after=passages[-1].seq if passages else 0,
        panel=panel_of(story, current_account()),
    )


@pages.get("/<id:story_id>/turn")
def turn(story_id: int) -> str:
    """The current turn alone."""
    return render_template("turns/show.html", panel=panel_of(queries.get_story(story_id), current_account()))


def turn_again(story_id: int, error: DomainError) -> tuple[str, int]:
    """The current turn with what was typed and what was wrong with it."""
    panel = panel_of(queries.get_story(story_id), current_account())
    page = render_template("turns/show.html", panel=panel, values=request.form, errors=errors_of(error))
    return page, error.status


@pages.get("/<id:story_id>/passages")
def passages(story_id: int) -> str:
    """The passages after `?after=`, as a part of a page."""
    story = queries.get_story(story_id)
    after = request.args.get("after", 0, typed_id)
    newer = queries.passages(story_id, after=after, limit=ALL)
    after = newer[-1].seq if newer else after
    return render_template("stories/_passages.html", story=story, passages=newer, after=after)


@pages.get("/<id:story_id>/passages/<id:seq>")
def passage(story_id: int, seq: int) -> str:
    """How one passage came about."""
    found = _passage(story_id, seq)
    story, viewer = queries.get_story(story_id), current_account()
    return render_template(
        "stories/passage.html",
        story=story,
        passage=found,
        origin=origin_of(found),
        can_act=viewer is not None and viewer.role != "reader",
    )


def _passage(story_id: int, seq: int) -> Passage:
    """The passage at a place of a story; raises NotFound."""
    story = queries.get_story(story_id)
    found = next(iter(queries.passages(story.id, after=seq - 1, limit=1)), None)
    if found is None or found.seq != seq:
        raise NotFound("no-such-passage", N_("그런 대목이 없어요."))
    return found


@pages.post("/<id:story_id>/passages/<id:seq>/rewriting")
def rewrite(story_id: int, seq: int) -> ResponseReturnValue:
    """Have the writer write its passage again, to see that it comes out the same."""
    service.ask_to_rewrite(_passage(story_id, seq).id, current_account())
    address = url_for("stories.passage", story_id=story_id, seq=seq, _anchor="rewriting")
    return redirect(address, SEE_OTHER)
