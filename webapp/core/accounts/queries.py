"""Reading accounts."""

from __future__ import annotations

from webapp.core.accounts.models import Account
from webapp.db import session


def find(account_id: int) -> Account | None:
    """The account with this id."""
    return session.get(Account, account_id)


def account_for_token(token: str) -> Account | None:
    """The account that a living bearer token belongs to."""
    raise NotImplementedError
