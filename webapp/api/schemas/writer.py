"""The writer's checkpoints, runs and jobs."""

from __future__ import annotations

from marshmallow import fields, validate

from webapp.api.fields import In, Out, Prose, Time


class ReadNovelOut(Out):
    """A novel that a checkpoint has read; `is_new` if in the run that led to it."""

    id = fields.Integer(required=True)
    title = fields.String(required=True)
    author = fields.String(required=True)
    share = fields.Float(required=True)
    is_new = fields.Boolean(required=True)


class CheckpointOut(Out):
    """The writer at one moment: where it came from, what it read, what was measured, and what it wrote as a trial.

    `measurements.held_out` has, for each novel read so far, bits per character `before` and `after` the run on a part
    that is never learned. `measurements.writing` tells how it writes from beginnings that never change, and
    `writing_before` how it wrote: `longest_copied` characters in a row, `copied_share` and `repeated_share` of windows
    of eight, `keyword_rate`, `distinct_characters` and `distinct_words` (distinct-1 and distinct-2). `samples` are the
    first drafts: `prompt`, `keywords`, `keywords_found`, `text`, and `before`, what it wrote then.
    """

    id = fields.Integer(required=True)
    parent_id = fields.Integer(required=True, allow_none=True)
    story_id = fields.Integer(required=True, allow_none=True)
    created_at = Time(required=True)
    sha256 = fields.String(required=True)
    novels = fields.List(fields.Nested(ReadNovelOut), required=True)
    measurements = fields.Dict(required=True)
    samples = fields.List(fields.Dict(), required=True)


class RunPointOut(Out):
    """A point of the loss curve: losses in nats per character, time in seconds since the run began."""

    step = fields.Integer(required=True)
    seconds = fields.Float(required=True)
    loss = fields.Float(required=True)
    validation_loss = fields.Float(required=True, allow_none=True)


class RunOut(Out):
    """One training of the writer."""

    id = fields.Integer(required=True)
    story_id = fields.Integer(required=True, allow_none=True)
    turn_id = fields.Integer(required=True, allow_none=True)
    purpose = fields.String(required=True)
    parent_id = fields.Integer(required=True, allow_none=True)
    checkpoint_id = fields.Integer(required=True, allow_none=True)
    seconds = fields.Float(required=True)
    requested_at = Time(required=True)
    started_at = Time(required=True, allow_none=True)
    finished_at = Time(required=True, allow_none=True)
    points = fields.List(fields.Nested(RunPointOut), required=True)


class JobOut(Out):
    """Work that was asked for.

    `place` is how many jobs come before it while it waits; `seconds_left`, while it waits or runs, in how many seconds it
    will probably be done, by the time that the last jobs of its kind took. `attempts` counts how often it was begun,
    `started_at` is when last. A job that a moderator ended is `cancelled`; its state is `failed`.
    """

    id = fields.Integer(required=True)
    kind = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(("queued", "running", "done", "failed")))
    progress = fields.Float(required=True, validate=validate.Range(0, 1))
    message = fields.String(required=True)
    result = fields.Dict(required=True, allow_none=True)
    story_id = fields.Integer(required=True, allow_none=True)
    place = fields.Integer(required=True, allow_none=True)
    seconds_left = fields.Float(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    cancelled = fields.Boolean(required=True)
    requested_at = Time(required=True)
    started_at = Time(required=True, allow_none=True)
    finished_at = Time(required=True, allow_none=True)


class CancelIn(In):
    """Why a job is to be ended; everybody can read the reason in the log."""

    reason = Prose(300, least=1, required=True)
