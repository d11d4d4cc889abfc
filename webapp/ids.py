"""Ids as they come from outside: in addresses and in forms."""

from __future__ import annotations

from werkzeug.routing import BaseConverter, ValidationError

MAX_ID = 2**31 - 1
"""The largest id that the tables can hold; PostgreSQL answers a question for a larger one with an error."""


class IdConverter(BaseConverter):
    """An id in an address: ASCII digits, at most MAX_ID. Werkzeug's own takes digits of any script and length."""

    regex = "[0-9]{1,10}"

    def to_python(self, value: str) -> int:
        """The number; raises ValidationError, which is a 404."""
        number = int(value)
        if number > MAX_ID:
            raise ValidationError
        return number


def typed_id(text: str) -> int:
    """An id out of a form; raises ValueError for anything else, which `request.form.get(…, type=typed_id)` leaves out."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 10) or int(text) > MAX_ID:
        raise ValueError(text)
    return int(text)
