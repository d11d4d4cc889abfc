"""Names, passwords and roles."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.accounts import rules
from webapp.errors import Invalid, NotAllowed


@pytest.mark.parametrize("name", ["가", "이음", "Min-ji_2", "ㅋㅋ", "홍 길동", "あお", "가" * 20])
def test_ordinary_names_are_taken_as_they_are(name: str) -> None:
    assert rules.check_name(name) == name


def test_spaces_around_and_within_a_name_are_tidied() -> None:
    assert rules.check_name("  홍 \t 길동\n") == "홍 길동"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "blank-name"),
        (" \t", "blank-name"),
        ("가" * 21, "name-too-long"),
        ("가\u200b나", "bad-name"),
        ("가\u202e나", "bad-name"),
        ("\u3164", "bad-name"),
        ("가\x00나", "bad-name"),
        ("\ud800", "bad-name"),
        ("<b>", "bad-name"),
        ("...", "bad-name"),
    ],
)
def test_names_that_cannot_be_told_apart_or_read_are_refused(name: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.check_name(name)
    assert refusal.value.code == code
    assert refusal.value.field == "name"


def test_a_name_in_nfd_that_fits_in_nfc_fits() -> None:
    assert rules.check_name(unicodedata.normalize("NFD", "각" * 20)) == "각" * 20


@given(st.text(max_size=30))
def test_the_key_of_a_name_does_not_depend_on_case_or_on_how_it_is_composed(name: str) -> None:
    key = rules.name_key(name)
    assert rules.name_key(unicodedata.normalize("NFD", name)) == key
    assert key.encode() is not None


@given(st.text(max_size=20))
def test_every_name_that_is_taken_has_a_key_that_fits_its_column(name: str) -> None:
    try:
        taken = rules.check_name(name)
    except Invalid:
        return
    assert 0 < len(rules.name_key(taken)) <= 80


def test_names_that_differ_in_case_share_a_key_and_different_ones_do_not() -> None:
    assert rules.name_key("MinJi") == rules.name_key("minji ")
    assert rules.name_key("각") != rules.name_key("간")


@pytest.mark.parametrize("password", ["1234567", "x" * 201, ""])
def test_passwords_of_a_wrong_length_are_refused(password: str) -> None:
    with pytest.raises(Invalid, match="8자에서 200자"):
        rules.check_password(password)


def test_a_password_may_be_korean_and_fits_from_every_keyboard() -> None:
    nfd = unicodedata.normalize("NFD", "비밀번호는비밀이야")
    assert rules.check_password(nfd) == "비밀번호는비밀이야"


def test_a_password_that_cannot_be_typed_is_refused() -> None:
    with pytest.raises(Invalid):
        rules.check_password("abcdefg\ud800")


@pytest.mark.parametrize(("role", "needed"), [("participant", "moderator"), ("reader", "participant")])
def test_a_lower_role_is_refused(role: str, needed: str) -> None:
    with pytest.raises(NotAllowed):
        rules.check_role(role, needed)


@pytest.mark.parametrize("role", rules.ROLES)
def test_a_role_may_do_what_every_lower_one_may(role: str) -> None:
    for needed in rules.ROLES[: rules.ROLES.index(role) + 1]:
        rules.check_role(role, needed)


def test_an_unknown_role_is_refused_and_the_known_ones_named() -> None:
    with pytest.raises(Invalid, match="moderator"):
        rules.known_role("king")
