"""Source novels."""

from __future__ import annotations

from marshmallow import fields, validate

from webapp.api.fields import Choice, Digits, In, Line, LooseIn, Out, PageIn, Text, Time, Whole
from webapp.core.library.rules import DECISIONS, MOST_AUTHOR, MOST_LICENCE, MOST_REASON, MOST_TITLE, RIGHTS

STATUSES = ("pending", "approved", "rejected", "withdrawn")
MOST_TEXT = 8 * 1024 * 1024
LAST_YEAR = 9999


class NovelIn(In):
    """A novel as text. Public-domain works need the year in which the author died, licensed ones the licence's name."""

    title = Line(MOST_TITLE, load_default="")
    author = Line(MOST_AUTHOR, load_default="")
    rights = Choice(*RIGHTS, required=True)
    author_died = Whole(0, LAST_YEAR, load_default=None, allow_none=True)
    licence = Line(MOST_LICENCE, load_default=None, allow_none=True)
    text = Text(MOST_TEXT, required=True)


class NovelFileIn(LooseIn):
    """A novel as a file (text or EPUB); title and author may be left to what an EPUB says of itself."""

    title = Line(MOST_TITLE, load_default="")
    author = Line(MOST_AUTHOR, load_default="")
    rights = Choice(*RIGHTS, required=True)
    author_died = Digits(0, LAST_YEAR, load_default=None, allow_none=True)
    licence = Line(MOST_LICENCE, load_default=None, allow_none=True)


class NovelsIn(PageIn):
    """Which novels: those of one status, or all."""

    status = Choice(*STATUSES)


class DecisionIn(In):
    """What a moderator decides; a rejection needs a reason."""

    decision = Choice(*DECISIONS, required=True)
    reason = Line(MOST_REASON, load_default="")


class NoteOut(Out):
    """What was noticed while the text was read."""

    code = fields.String(required=True)
    message = fields.String(required=True)


class NovelOut(Out):
    """A novel without its text."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)
    author = fields.String(required=True)
    rights = fields.String(required=True, validate=validate.OneOf(RIGHTS))
    author_died = fields.Integer(required=True, allow_none=True)
    licence = fields.String(required=True, allow_none=True)
    characters = fields.Integer(required=True)
    sentences = fields.Integer(required=True)
    encoding = fields.String(required=True)
    sha256 = fields.String(required=True)
    notes = fields.List(fields.Nested(NoteOut), required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    reason = fields.String(required=True)
    nominated_at = Time(required=True)
    decided_at = Time(required=True, allow_none=True)
