"""Signing up, signing in, tokens and roles, on every database."""

from __future__ import annotations

import unicodedata

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select

from tests.conftest import MovableClock
from tests.databases import every_database
from tests.people import at_once, person
from webapp.core.accounts import queries, service
from webapp.core.accounts.models import AccessToken
from webapp.db import session, transaction
from webapp.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn

pytestmark = every_database

PASSWORD = "비밀번호는 비밀"


def test_who_signed_up_can_log_in_however_the_name_is_typed(app: Flask) -> None:
    account = service.sign_up("Min 각", PASSWORD)
    typed = unicodedata.normalize("NFD", "  mIN  각")
    assert service.log_in(typed, unicodedata.normalize("NFD", PASSWORD)).id == account.id
    assert account.role == "participant"


def test_the_password_itself_is_not_kept(app: Flask) -> None:
    assert PASSWORD not in service.sign_up("민지", PASSWORD).password_hash


@pytest.mark.parametrize("second", ["민지", " 민지 ", unicodedata.normalize("NFD", "민지")])
def test_a_name_is_given_once(app: Flask, second: str) -> None:
    service.sign_up("민지", PASSWORD)
    with pytest.raises(Conflict, match="민지") as refusal:
        service.sign_up(second, PASSWORD)
    assert (refusal.value.code, refusal.value.field) == ("name-taken", "name")
    assert len(queries.people()) == 1


@pytest.mark.parametrize(("one", "other"), [("각", "간"), ("가", "까"), ("e", "é"), ("ㄱ", "가"), ("ı", "i")])
def test_names_that_are_spelt_differently_are_two_names(app: Flask, one: str, other: str) -> None:
    service.sign_up(one, PASSWORD)
    service.sign_up(other, PASSWORD)
    assert queries.get_by_name(one).name == one
    assert queries.get_by_name(other).name == other


def test_of_many_who_want_one_name_at_once_one_gets_it(app: Flask) -> None:
    outcomes = at_once(app, [lambda: service.sign_up("민지", PASSWORD).name] * 5)
    assert sorted(map(str, (getattr(outcome, "code", outcome) for outcome in outcomes))) == [
        "name-taken"
    ] * 4 + ["민지"]


@pytest.mark.parametrize(
    ("name", "password"), [("민지", "틀린비밀번호"), ("영희", PASSWORD), ("\ud800\x00", "\ud800")]
)
def test_wrong_credentials_are_refused_without_telling_which_was_wrong(
    app: Flask, name: str, password: str
) -> None:
    service.sign_up("민지", PASSWORD)
    with pytest.raises(NotSignedIn) as refusal:
        service.log_in(name, password)
    assert refusal.value.code == "wrong-credentials"


def test_an_outdated_hash_is_renewed_at_the_next_log_in(app: Flask) -> None:
    account = service.sign_up("민지", PASSWORD)
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with transaction():
        account.password_hash = weak
    service.log_in("민지", PASSWORD)
    session.expire_all()
    assert account.password_hash != weak
    assert service.log_in("민지", PASSWORD).id == account.id


def test_a_token_opens_its_account_for_ninety_days(app: Flask, clock: MovableClock) -> None:
    account_id = person("민지").id
    token = service.issue_token(account_id)
    clock.move_on(90 * 86_400 - 60)
    found = queries.account_for_token(token)
    assert found is not None
    assert found.id == account_id
    clock.move_on(120)
    assert queries.account_for_token(token) is None


def test_a_revoked_token_opens_nothing_and_others_still_do(app: Flask) -> None:
    account_id = person("민지").id
    first, second = service.issue_token(account_id), service.issue_token(account_id)
    service.revoke_token(first)
    assert queries.account_for_token(first) is None
    assert queries.account_for_token(second) is not None


@pytest.mark.parametrize("token", ["", "x", "가" * 1000, "\ud800", "' OR 1=1 --"])
def test_a_made_up_token_opens_nothing(app: Flask, token: str) -> None:
    service.issue_token(person("민지").id)
    assert queries.account_for_token(token) is None


def test_only_the_hash_of_a_token_is_kept_and_old_ones_are_dropped(app: Flask, clock: MovableClock) -> None:
    account_id = person("민지").id
    token = service.issue_token(account_id)
    assert len(token) >= 43
    assert token not in session.scalars(select(AccessToken.token_hash)).one()
    clock.move_on(91 * 86_400)
    service.issue_token(account_id)
    assert len(list(session.scalars(select(AccessToken)))) == 1


def test_what_needs_a_role_is_refused_to_visitors_and_to_lower_roles(app: Flask) -> None:
    moderator = person("운영자", "moderator")
    assert service.require(moderator, "participant") is moderator
    with pytest.raises(NotSignedIn):
        service.require(None, "participant")
    with pytest.raises(NotAllowed):
        service.require(person("민지"), "moderator")


def test_a_role_can_be_given_by_name(app: Flask) -> None:
    service.sign_up("민지", PASSWORD)
    assert service.set_role("민지", "moderator").role == "moderator"
    with pytest.raises(Invalid):
        service.set_role("민지", "king")
    with pytest.raises(NotFound):
        service.set_role("영희", "moderator")
