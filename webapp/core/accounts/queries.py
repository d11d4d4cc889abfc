"""Reading accounts."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from webapp import clock
from webapp.core.accounts.models import AccessToken, Account
from webapp.core.accounts.rules import name_key
from webapp.db import session
from webapp.errors import N_, NotFound


def find(account_id: int) -> Account | None:
    """The account with this id."""
    account: Account | None = session.get(Account, account_id)
    return account


def by_name(name: str) -> Account | None:
    """The account of this name, however its case and its Hangul were typed."""
    return session.scalars(select(Account).where(Account.name_key == name_key(name))).first()


def get_by_name(name: str) -> Account:
    """The account of this name; raises NotFound."""
    account = by_name(name)
    if account is None:
        raise NotFound(
            "no-such-account",
            N_("‘%(name)s’이라는 이름을 쓰는 분이 없어요. 이름을 확인해 주세요."),
            name=name,
        )
    return account


def account_for_token(token: str) -> Account | None:
    """The account that a living bearer token belongs to."""
    query = (
        select(Account)
        .join(AccessToken)
        .where(AccessToken.token_hash == token_hash(token), AccessToken.expires_at > clock.now())
    )
    return session.scalars(query).first()


def token_hash(token: str) -> str:
    """What is kept of a token: its SHA-256 in hex. A token is random, so no slow hash is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def people(limit: int = 200) -> list[Account]:
    """The people of this site, newest first."""
    return list(session.scalars(select(Account).order_by(Account.id.desc()).limit(limit)))
