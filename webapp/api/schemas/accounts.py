"""People."""

from __future__ import annotations

from marshmallow import fields

from webapp.api.fields import In, Out, Text
from webapp.core.accounts.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD


class SignUpIn(In):
    """A name (the rules of names are the service's, which explains them better) and a password."""

    name = Text(80, required=True)
    password = Text(LONGEST_PASSWORD, least=SHORTEST_PASSWORD, required=True)


class CredentialsIn(In):
    """A name and a password that may be wrong in any way."""

    name = Text(80, required=True)
    password = Text(LONGEST_PASSWORD, required=True)


class TokenOut(Out):
    """A bearer token, shown this once."""

    token = fields.String(required=True)


class AccountOut(Out):
    """A person."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)


class NewAccountOut(AccountOut, TokenOut):
    """A person with a first token."""
