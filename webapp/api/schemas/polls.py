"""Polls, options and ballots."""

from __future__ import annotations

from marshmallow import fields, validate

from webapp.api.fields import Id, In, Line, Listed, Out, Time
from webapp.api.schemas.stories import AUTHOR_TYPES
from webapp.core.voting.rules import METHODS

MOST_CHOICES = 100


class OptionIn(In):
    """A keyword to suggest."""

    label = Line(40, least=1, required=True)


class BallotIn(In):
    """The ids of the options that one chooses; in a ranked poll (`irv`, `ranked-pairs`) in that order, best first."""

    options = Listed(Id(), most=MOST_CHOICES, required=True)


class BallotOut(Out):
    """One's own standing ballot, best first in a ranked poll."""

    options = fields.List(fields.Integer(), required=True)
    cast_at = Time(required=True)


class PublishedBallotOut(Out):
    """Somebody's ballot in a closed poll, best first where ranked; the pseudonym is another one in every poll."""

    voter = fields.String(required=True)
    options = fields.List(fields.Integer(), required=True)


class OptionDraftOut(Out):
    """The draft that an option stands for; `style_mix` holds the novels' shares, by id, in what the writer wrote."""

    id = fields.Integer(required=True)
    text = fields.String(required=True)
    author_type = fields.String(required=True, validate=validate.OneOf(AUTHOR_TYPES))
    style_mix = fields.Dict(keys=fields.String(), values=fields.Float(), required=True)


class OptionOut(Out):
    """What can be chosen. `value` is the number of a length option, `novel_id` the novel of one in a source poll."""

    id = fields.Integer(required=True)
    label = fields.String(required=True)
    draft = fields.Nested(OptionDraftOut, required=True, allow_none=True)
    novel_id = fields.Integer(required=True, allow_none=True)
    value = fields.Integer(required=True, allow_none=True)
    is_none = fields.Boolean(required=True)
    struck = fields.Boolean(required=True)


class TallyOut(Out):
    """What an option got: the ballots that choose it, or in a ranked poll rank it at any place."""

    option_id = fields.Integer(required=True)
    label = fields.String(required=True)
    votes = fields.Integer(required=True)
    share = fields.Float(required=True)


class CountOut(Out):
    """The ballots of one option in one round."""

    option_id = fields.Integer(required=True)
    votes = fields.Integer(required=True)


class RoundOut(Out):
    """One round of a run-off: the ballots of each option that is left, and which options went out after it."""

    counts = fields.List(fields.Nested(CountOut), required=True)
    out = fields.List(fields.Integer(), required=True)
    decided_by = fields.String(required=True)


class DuelOut(Out):
    """Two options held against each other; a duel does not hold where stronger ones say the opposite."""

    winner = fields.Integer(required=True)
    loser = fields.Integer(required=True)
    votes = fields.Integer(required=True)
    against = fields.Integer(required=True)
    holds = fields.Boolean(required=True)


class ResultOut(Out):
    """What a poll led to. `seed` is the secret whose SHA-256 was published as `seed_hash`; it decided the last ties.

    `rounds` are there for `irv`, `duels` for `ranked-pairs`.
    """

    method = fields.String(required=True)
    ballots = fields.Integer(required=True)
    winners = fields.List(fields.Integer(), required=True)
    none_won = fields.Boolean(required=True)
    decided_by = fields.String(required=True)
    value = fields.Integer(required=True, allow_none=True)
    seed = fields.String(required=True)
    tallies = fields.List(fields.Nested(TallyOut), required=True)
    rounds = fields.List(fields.Nested(RoundOut))
    duels = fields.List(fields.Nested(DuelOut))


class PollOut(Out):
    """A question. While it is open only the number of ballots is told; `mine` is the caller's own ballot, best
    first where ranked. Fewer ballots than `quorum` decide nothing."""

    id = fields.Integer(required=True)
    story_id = fields.Integer(required=True)
    turn_id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(("source", "keyword", "length", "passage")))
    method = fields.String(required=True, validate=validate.OneOf(METHODS))
    status = fields.String(required=True, validate=validate.OneOf(("open", "closed")))
    winners = fields.Integer(required=True)
    quorum = fields.Integer(required=True)
    opens_at = Time(required=True)
    closes_at = Time(required=True)
    closed_at = Time(required=True, allow_none=True)
    options = fields.List(fields.Nested(OptionOut), required=True)
    ballots = fields.Integer(required=True)
    seed_hash = fields.String(required=True)
    result = fields.Nested(ResultOut, required=True, allow_none=True)
    result_hash = fields.String(required=True, allow_none=True)
    mine = fields.List(fields.Integer(), required=True)
