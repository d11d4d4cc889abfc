"""Giving people roles, on every database."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.databases import every_database
from tests.people import person
from webapp.core.accounts.models import Account
from webapp.core.audit import queries as audit
from webapp.core.moderation import service
from webapp.db import session
from webapp.errors import Invalid, NotFound

pytestmark = every_database


def test_a_promotion_is_in_the_audit_log(app: Flask) -> None:
    account_id = person("민지").id
    service.promote("민지", "moderator")
    entry = audit.newest()[0]
    assert session.get_one(Account, account_id).role == "moderator"
    assert (entry.action, entry.subject_id) == ("promote", account_id)
    assert entry.detail == {"name": "민지", "from": "participant", "to": "moderator"}


def test_a_promotion_that_cannot_be_leaves_no_trace(app: Flask) -> None:
    person("민지")
    with pytest.raises(Invalid):
        service.promote("민지", "king")
    with pytest.raises(NotFound):
        service.promote("영희", "moderator")
    assert audit.newest() == []
