"""What the predecessor's clients know."""

from __future__ import annotations

from marshmallow import fields

from webapp.api.fields import LooseIn, Out


class PutHumanTxtIn(LooseIn):
    """The number of a human passage, and whether it is the first: Y/N, true/false or 1/0."""

    contents_id = fields.Raw(allow_none=True, metadata={"type": "string", "pattern": "^[0-9]+$"})
    is_first = fields.Raw(
        allow_none=True, metadata={"type": "string", "enum": ["Y", "N", "true", "false", "1", "0"]}
    )


class PutHumanTxtOut(Out):
    """The job that was asked for, and its address."""

    job_id = fields.Integer(required=True)
    job = fields.String(required=True)


class HelloOut(Out):
    """A greeting."""

    message = fields.String(required=True)
