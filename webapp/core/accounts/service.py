"""Signing up, signing in, tokens and roles."""

from __future__ import annotations

import secrets
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from webapp import clock
from webapp.core.accounts import passwords, queries, rules
from webapp.core.accounts.models import AccessToken, Account
from webapp.db import session, transaction
from webapp.errors import N_, Conflict, NotSignedIn

TOKEN_LIFE = timedelta(days=90)


def sign_up(name: str, password: str, *, role: str = "participant") -> Account:
    """A new account; raises Invalid, and Conflict `name-taken`."""
    name, role = rules.check_name(name), rules.known_role(role)
    password_hash = passwords.hash_password(rules.check_password(password))
    with transaction():
        account = Account(name=name, name_key=rules.name_key(name), password_hash=password_hash, role=role)
        account.created_at = clock.now()
        try:
            with session.begin_nested():
                session.add(account)
        except IntegrityError as error:
            message = N_("다른 분이 쓰고 있는 이름이에요: %(name)s. 다른 이름을 골라 주세요.")
            raise Conflict("name-taken", message, field="name", name=name) from error
    return account


def log_in(name: str, password: str) -> Account:
    """The account of this name, if the password fits; raises NotSignedIn `wrong-credentials`."""
    account = queries.by_name(name)
    password = rules.plain_password(password[: rules.LONGEST_PASSWORD])
    if not passwords.is_right(password, account.password_hash if account else None) or account is None:
        raise NotSignedIn("wrong-credentials", N_("이름이나 비밀번호가 맞지 않아요. 다시 확인해 주세요."))
    if passwords.is_outdated(account.password_hash):
        password_hash = passwords.hash_password(password)
        with transaction():
            account.password_hash = password_hash
    return account


def issue_token(account_id: int) -> str:
    """A new bearer token for programs, good for 90 days. Only its SHA-256 is kept, so it is shown this once."""
    token = secrets.token_urlsafe(32)
    with transaction():
        moment = clock.now()
        session.execute(
            delete(AccessToken).where(AccessToken.account_id == account_id, AccessToken.expires_at <= moment)
        )
        session.add(
            AccessToken(
                account_id=account_id,
                token_hash=queries.token_hash(token),
                created_at=moment,
                expires_at=moment + TOKEN_LIFE,
            )
        )
    return token


def revoke_token(token: str) -> None:
    """The token opens nothing any more."""
    with transaction():
        session.execute(delete(AccessToken).where(AccessToken.token_hash == queries.token_hash(token)))


def require(actor: Account | None, role: str) -> Account:
    """The person, if signed in and of this role or a higher one; raises NotSignedIn or NotAllowed."""
    if actor is None:
        raise NotSignedIn("sign-in-needed", N_("먼저 들어와 주세요. 이름과 비밀번호만 있으면 돼요."))
    rules.check_role(actor.role, role)
    return actor


def set_role(name: str, role: str) -> Account:
    """Give the person of this name a role; `moderation.service.promote` does it with an entry in the audit log.

    Raises NotFound and Invalid.
    """
    with transaction():
        account = queries.get_by_name(name)
        account.role = rules.known_role(role)
    return account
