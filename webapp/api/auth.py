"""Who is asking: by bearer token, or by the session cookie, which needs a CSRF token to change anything."""

from __future__ import annotations

import ipaddress

from flask import current_app, g, request

from webapp.core.accounts import queries, service
from webapp.core.accounts.models import Account
from webapp.errors import N_, NotSignedIn
from webapp.extensions import csrf
from webapp.people import bearer_token, current_account


def guard() -> None:
    """Before each API request: note who asks; raises NotSignedIn for a bad token, CSRFError for a cookie alone.

    A bearer token comes before a cookie: it cannot be sent by another site's page, so it needs no CSRF token.
    """
    g.caller, g.by_cookie = None, False
    if _brings_token():
        g.caller = queries.account_for_token(bearer_token() or "")
        if g.caller is None:
            raise NotSignedIn(
                "bad-token", N_("토큰이 맞지 않거나 기한이 지났어요. 다시 들어와서 새 토큰을 받아 주세요.")
            )
        return
    g.caller = current_account()
    if g.caller is not None:
        g.by_cookie = True
        csrf.protect()


def _brings_token() -> bool:
    return request.headers.get("Authorization", "").split(" ")[0].lower() == "bearer"


def caller() -> Account | None:
    """The account that asks; None for a visitor."""
    account: Account | None = g.caller
    return account


def is_moderator() -> bool:
    """Whether the caller may see what is hidden from readers."""
    account = caller()
    return account is not None and account.role in ("moderator", "administrator")


def require_legacy_caller() -> None:
    """Let in the addresses of LEGACY_API_ALLOW and people who may take part; raises NotSignedIn or NotAllowed.

    Such a call changes something even by GET, so a cookie alone does not open it there: another site's link brings
    the cookie along.
    """
    if _address_is_allowed():
        return
    by_mere_link = g.by_cookie and request.method == "GET"
    service.require(None if by_mere_link else caller(), "participant")


def _address_is_allowed() -> bool:
    settings = current_app.config["SETTINGS"]
    # Behind a proxy that we were not told of, everybody seems to call from this machine.
    unknown_proxy = not settings.trusted_proxies and {"X-Forwarded-For", "Forwarded"} & set(
        request.headers.keys()
    )
    if unknown_proxy or not request.remote_addr:
        return False
    return _plain(request.remote_addr) in map(_plain, settings.legacy_api_allow)


def _plain(address: str) -> str:
    """One spelling for each address: an IPv4 address stays one within IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
