"""The fields that schemas are made of: strict about types, clean about text, and polite when they refuse.

Every sentence here is a message id; `problems` translates those without places, the others are translated at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from flask_babel import gettext
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from webapp.errors import N_
from webapp.ids import MAX_ID
from webapp.intake import clean_line, clean_text

WRONG = {
    "required": N_("빠져 있어요. 꼭 적어 주세요."),
    "null": N_("비워 둘 수 없어요."),
    "validator_failed": N_("쓸 수 없는 값이에요."),
}


class Length(validate.Length):
    """How many characters or entries there may be."""

    def _format_error(self, value: Any, message: str) -> str:
        if isinstance(value, str):
            return gettext("%(min)s자부터 %(max)s자까지 적을 수 있어요.", min=self.min or 0, max=self.max)
        return gettext("%(min)s개부터 %(max)s개까지 보낼 수 있어요.", min=self.min or 0, max=self.max)


class Range(validate.Range):
    """Between which numbers a number lies."""

    def _format_error(self, value: Any, message: str) -> str:
        return gettext("%(min)s부터 %(max)s 사이의 정수여야 해요.", min=self.min, max=self.max)


class OneOf(validate.OneOf):
    """Which words there are to choose from."""

    def _format_error(self, value: Any) -> str:
        return gettext("%(choices)s 가운데 하나를 골라 주세요.", choices=", ".join(map(str, self.choices)))


class Text(fields.String):
    """A string as it was sent, for passwords; `most` in characters."""

    default_error_messages: ClassVar[dict[str, str]] = {
        **WRONG,
        "invalid": N_("글자로 적어 주세요."),
        "invalid_utf8": N_("글자로 적어 주세요."),
    }

    def __init__(self, most: int, *, least: int = 0, **kwargs: Any) -> None:
        super().__init__(validate=Length(min=least or None, max=most), **kwargs)


class Line(Text):
    """One line, normalised."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        return clean_line(super()._deserialize(value, *args, **kwargs))


class Prose(Text):
    """Text of several lines, normalised."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        return clean_text(super()._deserialize(value, *args, **kwargs))


class Choice(fields.String):
    """One of a few words."""

    default_error_messages: ClassVar[dict[str, str]] = Text.default_error_messages

    def __init__(self, *words: str, **kwargs: Any) -> None:
        super().__init__(validate=OneOf(words), **kwargs)


class Whole(fields.Integer):
    """A whole number written as a JSON number: 3, and neither "3" nor 3.0 nor true."""

    default_error_messages: ClassVar[dict[str, str]] = {
        **WRONG,
        "invalid": N_("정수로 적어 주세요."),
        "too_large": N_("너무 큰 수예요."),
    }

    def __init__(self, low: int, high: int, **kwargs: Any) -> None:
        super().__init__(strict=True, validate=Range(low, high), **kwargs)


class Id(Whole):
    """The id of something."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(1, MAX_ID, **kwargs)


class Digits(Whole):
    """A whole number in a query string or a form: ASCII digits and nothing else. Blank counts as missing."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super().deserialize(None if self.allow_none and value == "" else value, *args, **kwargs)

    def _validated(self, value: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch("[0-9]{1,19}", value):
            raise self.make_error("invalid", input=value)
        return super()._validated(int(value))


class Truth(fields.Boolean):
    """true or false, and no word or number instead of them."""

    default_error_messages: ClassVar[dict[str, str]] = {**WRONG, "invalid": N_("true나 false로 적어 주세요.")}

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Listed(fields.List):
    """A list of what `inner` takes."""

    default_error_messages: ClassVar[dict[str, str]] = {**WRONG, "invalid": N_("목록으로 보내 주세요.")}

    def __init__(self, inner: fields.Field[Any], *, most: int | None = None, **kwargs: Any) -> None:
        if most is not None:
            kwargs["validate"] = Length(max=most)
        super().__init__(inner, **kwargs)


class Things(fields.Dict):
    """A JSON object whose names nobody knows beforehand."""

    default_error_messages: ClassVar[dict[str, str]] = {**WRONG, "invalid": N_("JSON 객체로 보내 주세요.")}


class Time(fields.Field[datetime]):
    """A moment, as RFC 3339 in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": "string", "format": "date-time"}, **kwargs)

    def _serialize(self, value: datetime | None, *args: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class In(Schema):
    """What is sent as JSON; a name that is not known is refused, so that a slip of the finger is noticed."""

    error_messages: ClassVar[dict[str, str]] = {
        "type": N_("JSON 객체로 보내 주세요."),
        "unknown": N_("모르는 항목이에요. 이름을 확인해 주세요."),
    }

    class Meta:
        unknown = RAISE


class LooseIn(In):
    """What is sent as a query string or a form, in which other things may stand too."""

    class Meta:
        unknown = EXCLUDE


class Out(Schema):
    """What is answered."""


class PageIn(LooseIn):
    """Which part of a list: at most `limit`, those after `cursor`."""

    limit = Digits(1, 100, load_default=50)
    cursor = Digits(0, MAX_ID)


def flat(messages: Any, path: str = "") -> Mapping[str, list[str]]:
    """marshmallow's nested messages as one list of sentences for each dotted field name, in the reader's language."""
    if isinstance(messages, Mapping):
        parts = (flat(inner, _join(path, name)) for name, inner in messages.items())
        return {name: sentences for part in parts for name, sentences in part.items()}
    sentences = messages if isinstance(messages, list) else [messages]
    return {path or "body": [gettext(str(sentence)) for sentence in sentences]}


def _join(path: str, name: object) -> str:
    if name in ("_schema", "value"):
        return path
    return f"{path}.{name}" if path else str(name)


def refuse(field: str, message: str) -> ValidationError:
    """The error of one field."""
    return ValidationError({field: [message]})
