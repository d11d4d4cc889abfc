"""Who may do what, and what a name and a password have to be."""

from __future__ import annotations

import unicodedata

from webapp.errors import N_, Invalid, NotAllowed

ROLES = ("reader", "participant", "moderator", "administrator")
"""From the fewest rights to the most; each has the rights of those before it."""

LONGEST_NAME = 20
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 200

_NAME_MARKS = " ._-"
# Letters that show nothing: somebody could pass for somebody else with them.
_FILLERS = "\u3164\u115f\u1160\uffa0"


def known_role(role: str) -> str:
    """The role, if it is one of ROLES; raises Invalid."""
    if role not in ROLES:
        raise Invalid(
            "unknown-role",
            N_("그런 역할은 없어요. %(roles)s 가운데 골라 주세요."),
            field="role",
            roles=", ".join(ROLES),
        )
    return role


def check_role(role: str, needed: str) -> None:
    """Refuse a person of `role` what takes the role `needed`; raises NotAllowed."""
    if ROLES.index(role) < ROLES.index(needed):
        raise NotAllowed(
            "role-needed", N_("이 일은 운영자만 할 수 있어요. 필요하면 운영자에게 부탁해 주세요.")
        )


def check_name(name: str) -> str:
    """The name as it is kept: NFC, single spaces, 1 to 20 letters, digits and `. _ -`; raises Invalid."""
    cleaned = _one_line(name)
    if not cleaned:
        raise Invalid("blank-name", N_("이름을 적어 주세요."), field="name")
    if len(cleaned) > LONGEST_NAME:
        raise Invalid(
            "name-too-long",
            N_("이름이 너무 길어요. %(most)s자까지 쓸 수 있어요."),
            field="name",
            most=LONGEST_NAME,
        )
    if not all(map(_fits_a_name, cleaned)) or not any(map(str.isalnum, cleaned)):
        raise Invalid(
            "bad-name",
            N_("이름에는 글자와 숫자, 띄어쓰기, 마침표(.), 밑줄(_), 붙임표(-)만 쓸 수 있어요."),
            field="name",
        )
    return cleaned


def name_key(name: str) -> str:
    """What two names have in common that differ only in case, spacing or the way Hangul is put together."""
    visible = "".join(
        char for char in _one_line(name) if unicodedata.category(char) not in ("Cc", "Cf", "Cs")
    )
    return unicodedata.normalize("NFC", visible.casefold())


def check_password(password: str) -> str:
    """The password in NFC, so that it fits from every keyboard; 8 to 200 characters; raises Invalid."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(
            "bad-password-length",
            N_("비밀번호는 %(least)s자에서 %(most)s자 사이로 정해 주세요."),
            field="password",
            least=SHORTEST_PASSWORD,
            most=LONGEST_PASSWORD,
        )
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in password):
        raise Invalid(
            "bad-password",
            N_("비밀번호에 쓸 수 없는 글자가 있어요. 다른 글자로 정해 주세요."),
            field="password",
        )
    return plain_password(password)


def plain_password(password: str) -> str:
    """The form of a password that is hashed."""
    return unicodedata.normalize("NFC", password)


def _one_line(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())


def _fits_a_name(char: str) -> bool:
    letter = char.isalnum() or unicodedata.category(char) in ("Mn", "Mc")
    return (letter and char not in _FILLERS) or char in _NAME_MARKS
