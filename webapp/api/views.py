"""What is told of each thing, as plain values for the Out schemas: the caller's rights and language decided here."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from webapp import line
from webapp.api.auth import caller, is_moderator
from webapp.core.library.models import Novel
from webapp.core.stories import queries as stories
from webapp.core.stories.models import Draft, Nomination, Passage, Story, Turn
from webapp.core.training.models import Checkpoint, Reading, Run
from webapp.core.voting import queries as voting
from webapp.core.voting.models import Option, Poll
from webapp.intake import NOTES
from webapp.jobs import Job

Values = dict[str, Any]


def told(message: str) -> str:
    """A stored sentence in the caller's language; gettext answers an empty one with the catalogue's header."""
    return gettext(message) if message else ""


def columns(row: Any, *names: str) -> Values:
    """These attributes of a row."""
    return {name: getattr(row, name) for name in names}


def story(row: Story) -> Values:
    """A story with its present turn."""
    present = stories.current_turn(row.id)
    values = columns(row, "id", "title", "premise", "status", "checkpoint_id", "created_at", "settings")
    return {**values, "turn": turn(present) if present else None}


def turn(row: Turn) -> Values:
    """A turn; its open polls come first, since they are what can be answered."""
    polls = sorted(stories.polls_of(row.id).values(), key=lambda poll: (poll.status != "open", poll.id))
    passage = stories.passage_of_turn(row.id)
    names = (
        "id",
        "story_id",
        "seq",
        "kind",
        "phase",
        "opened_at",
        "closes_at",
        "finished_at",
        "job_id",
        "run_id",
    )
    return {
        **columns(row, *names),
        "polls": [poll.id for poll in polls],
        "passage_id": passage.id if passage else None,
        "keywords": row.outcome.get("keywords", []),
        "length": row.outcome.get("length"),
        "style_mix": row.outcome.get("style_mix", {}),
        "note": told(row.outcome.get("note", "")),
    }


def author(row: Passage | Draft) -> str:
    """Who wrote it."""
    if row.author_type == "AI":
        return gettext("작가 AI")
    return row.account.name if row.account else gettext("이음")


def passage(row: Passage) -> Values:
    """A passage; the text of a hidden one only for moderators."""
    hidden = row.hidden_at is not None
    names = ("id", "story_id", "seq", "turn_id", "author_type", "checkpoint_id", "published_at")
    return {
        **columns(row, *names),
        "author": author(row),
        "text": "" if hidden and not is_moderator() else row.text,
        "note": told(row.note),
        "hidden": hidden,
        "style_mix": stories.details_of(row).get("style_mix", {}),
        "rewriting": _rewriting(row),
    }


def _rewriting(row: Passage) -> Values | None:
    """What came of writing a passage again, if that was done."""
    last = stories.rewriting_of(row) if row.author_type == "AI" else None
    if last is None or last.result is None:
        return None
    return {**last.result, "at": last.finished_at}


def draft(row: Draft) -> Values:
    """A draft, for its author."""
    return {**columns(row, "id", "turn_id", "text"), "author": author(row)}


def nomination(row: Nomination) -> Values:
    """A nomination and how its novel stands."""
    return {
        **columns(row, "turn_id", "novel_id", "nominated_at"),
        "title": row.novel.title,
        "status": row.novel.status,
    }


def novel(row: Novel) -> Values:
    """A novel without its text."""
    names = (
        "id",
        "title",
        "author",
        "rights",
        "author_died",
        "licence",
        "characters",
        "sentences",
        "encoding",
    )
    values = columns(row, *names, "sha256", "status", "reason", "nominated_at", "decided_at")
    return {**values, "notes": [{"code": code, "message": told(NOTES.get(code, ""))} for code in row.notes]}


def poll(row: Poll) -> Values:
    """A poll; nothing of its outcome before it is closed."""
    me = caller()
    names = (
        "id",
        "story_id",
        "kind",
        "method",
        "status",
        "winners",
        "quorum",
        "opens_at",
        "closes_at",
        "closed_at",
        "seed_hash",
    )
    closed = row.status == "closed"
    return {
        **columns(row, *names),
        "turn_id": stories.turn_of_poll(row.id).id,
        "options": options(row.kind, voting.options_of(row.id)),
        "ballots": voting.ballot_count(row.id),
        "result": row.result if closed else None,
        "result_hash": row.result_hash if closed else None,
        "mine": voting.choices_of(row.id, me.id) if me else [],
    }


def options(kind: str, rows: list[Option]) -> list[Values]:
    """The options of a poll of this kind, with the drafts that those of a passage poll stand for.

    What a moderator removed is not shown again.
    """
    subjects = [row.subject_id for row in rows if row.subject_id is not None]
    found = stories.drafts_by_id(subjects) if kind == "passage" else {}
    drafts = {draft_id: draft for draft_id, draft in found.items() if draft.status != "removed"}
    return [_option(kind, row, drafts) for row in rows]


def _option(kind: str, row: Option, drafts: dict[int, Draft]) -> Values:
    shown = drafts.get(row.subject_id) if row.subject_id is not None else None
    return {
        **columns(row, "id", "value", "is_none", "struck"),
        # The site made up these labels; a keyword or a title is left as it is.
        "label": told(row.label) if row.is_none else row.label,
        "draft": _option_draft(shown) if shown else None,
        "novel_id": row.subject_id if kind == "source" else None,
    }


def _option_draft(row: Draft) -> Values:
    """A draft on a ballot, with the mix of styles that the writer wrote it in."""
    return {**columns(row, "id", "text", "author_type"), "style_mix": row.details.get("style_mix", {})}


def job(row: Job) -> Values:
    """A job; its place in the line while it waits, and how long it will probably take while it lives."""
    names = ("id", "kind", "state", "progress", "result", "story_id", "attempts", "cancelled")
    times = ("requested_at", "started_at", "finished_at")
    wait = line.wait_of(row)
    seconds = None if wait.seconds is None else round(wait.seconds, 1)
    values = {"message": told(row.message), "place": wait.place, "seconds_left": seconds}
    return {**columns(row, *names, *times), **values}


def checkpoint(row: Checkpoint) -> Values:
    """A checkpoint with all that it has read."""
    names = ("id", "parent_id", "story_id", "created_at", "sha256", "measurements", "samples")
    return {**columns(row, *names), "novels": [_reading(reading) for reading in row.readings]}


def _reading(row: Reading) -> Values:
    return {**columns(row.novel, "id", "title", "author"), **columns(row, "share", "is_new")}


def run(row: Run) -> Values:
    """A run with its loss curve."""
    names = ("id", "story_id", "turn_id", "purpose", "parent_id", "checkpoint_id", "seconds")
    times = ("requested_at", "started_at", "finished_at")
    points = [columns(point, "step", "seconds", "loss", "validation_loss") for point in row.points]
    return {**columns(row, *names, *times), "points": points}
