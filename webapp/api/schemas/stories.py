"""Stories, turns, passages and what is handed in."""

from __future__ import annotations

from marshmallow import fields, validate

from webapp.api.fields import MAX_ID, Digits, Id, In, Line, Out, PageIn, Prose, Things, Time, Truth
from webapp.core.stories.rules import HUMAN, MACHINE, OPEN_PHASES, SOURCE
from webapp.core.stories.service import DRAFT_LEAST, DRAFT_MOST

KINDS = (SOURCE, HUMAN, MACHINE)
AUTHOR_TYPES = ("HUMAN", "AI")


class StoryIn(In):
    """A new story; `settings` may name any of its settings and leave out the others."""

    title = Line(80, least=1, required=True)
    premise = Prose(1000, least=1, required=True)
    opening = Prose(5000, least=DRAFT_LEAST, required=True)
    settings = Things(keys=Line(40), load_default=dict)


class TurnOut(Out):
    """One round of a story. `polls` are its polls' ids, open ones first; `note` says what was decided, and why."""

    id = fields.Integer(required=True)
    story_id = fields.Integer(required=True)
    seq = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    phase = fields.String(required=True, validate=validate.OneOf((*OPEN_PHASES, "done", "void")))
    opened_at = Time(required=True)
    closes_at = Time(required=True, allow_none=True)
    finished_at = Time(required=True, allow_none=True)
    polls = fields.List(fields.Integer(), required=True)
    job_id = fields.Integer(required=True, allow_none=True)
    run_id = fields.Integer(required=True, allow_none=True)
    passage_id = fields.Integer(required=True, allow_none=True)
    keywords = fields.List(fields.String(), required=True)
    length = fields.Integer(required=True, allow_none=True)
    style_mix = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
    note = fields.String(required=True)


class StoryOut(Out):
    """A story and its present turn."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)
    premise = fields.String(required=True)
    status = fields.String(required=True)
    checkpoint_id = fields.Integer(required=True, allow_none=True)
    created_at = Time(required=True)
    settings = fields.Dict(required=True)
    turn = fields.Nested(TurnOut, required=True, allow_none=True)


class PassagesIn(PageIn):
    """Which passages: those after the place `after`, or after `cursor`."""

    after = Digits(0, MAX_ID, load_default=0)


class RewritingOut(Out):
    """What came of writing a passage again: the same, or from which character on it differs, and what the machine of
    then and of now differ by (torch, processor, threads, device, code), which may be the reason."""

    same = fields.Boolean(required=True)
    differs_at = fields.Integer(required=True, allow_none=True)
    changed = fields.List(fields.String(), required=True)
    at = Time(required=True)


class PassageOut(Out):
    """One published piece of a story. The text of a hidden one is given to moderators only. `style_mix` holds the novels'
    shares, by id, in what the writer wrote."""

    id = fields.Integer(required=True)
    story_id = fields.Integer(required=True)
    seq = fields.Integer(required=True)
    turn_id = fields.Integer(required=True, allow_none=True)
    author_type = fields.String(required=True, validate=validate.OneOf(AUTHOR_TYPES))
    author = fields.String(required=True)
    text = fields.String(required=True)
    checkpoint_id = fields.Integer(required=True, allow_none=True)
    note = fields.String(required=True)
    published_at = Time(required=True)
    hidden = fields.Boolean(required=True)
    style_mix = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)
    rewriting = fields.Nested(RewritingOut, required=True, allow_none=True)


class NominationIn(In):
    """Which novel the writer should read."""

    novel_id = Id(required=True)


class NominationOut(Out):
    """A novel that was nominated for a turn."""

    turn_id = fields.Integer(required=True)
    novel_id = fields.Integer(required=True)
    title = fields.String(required=True)
    status = fields.String(required=True)
    nominated_at = Time(required=True)


class DraftIn(In):
    """A person's draft."""

    text = Prose(DRAFT_MOST, least=DRAFT_LEAST, required=True)


class DraftOut(Out):
    """A draft as its author sees it."""

    id = fields.Integer(required=True)
    turn_id = fields.Integer(required=True)
    text = fields.String(required=True)
    author = fields.String(required=True)


class HidingIn(In):
    """Whether a passage is to be hidden, and why; everybody can read the reason in the log."""

    hidden = Truth(required=True)
    reason = Prose(300, least=1, required=True)
