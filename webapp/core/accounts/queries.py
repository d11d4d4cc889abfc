"""Reading accounts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from webapp import clock
from webapp.clock import DatabaseTime
from webapp.core.accounts.models import AccessToken, Account
from webapp.core.accounts.rules import name_key
from webapp.db import session, table_of
from webapp.errors import N_, NotFound
from webapp.together import Together


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
    """The account that a living bearer token belongs to, as it is just now: to look at, not to change."""
    found = _TOKENS.ask(None, token_hash(token))
    return None if found is None else Account(**found)


def _accounts_for(_about: object, hashes: Sequence[str]) -> list[Mapping[str, Any] | None]:
    """What is known of those to whom these tokens belong; None where there is nobody, or no longer."""
    found = {
        row.pop("token_hash"): row
        for row in map(dict, session.execute(_OF_TOKENS, {"hashes": hashes}).mappings())
        if clock.seen(row.pop("moment")) < row.pop("expires_at")
    }
    return [found.get(each) for each in hashes]


_TOKEN = table_of(AccessToken).columns
_OF_TOKENS = (
    select(*table_of(Account).columns, _TOKEN.token_hash, _TOKEN.expires_at, DatabaseTime().label("moment"))
    .join(table_of(AccessToken))
    .where(_TOKEN.token_hash.in_(bindparam("hashes", expanding=True)))
)
_TOKENS = Together(_accounts_for)


def token_hash(token: str) -> str:
    """What is kept of a token: its SHA-256 in hex. A token is random, so no slow hash is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def people(limit: int = 200) -> list[Account]:
    """The people of this site, newest first."""
    return list(session.scalars(select(Account).order_by(Account.id.desc()).limit(limit)))
