"""The chained log, on every database."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from tests.databases import every_database
from tests.people import at_once, person
from webapp.core.audit import queries, rules, service
from webapp.core.audit.models import AuditEntry
from webapp.db import session, transaction

pytestmark = every_database


def append(number: int, actor_id: int | None = None) -> int:
    """One entry, in a transaction of its own."""
    with transaction():
        detail = {"number": number, "reason": "까닭 🌙", "share": 1 / 3, "ids": [1, 2], 7: None}
        return service.append("approve", "novel", number, detail, actor_id=actor_id).id


def test_entries_form_a_chain_that_holds(app: Flask) -> None:
    actor_id = person("운영자", "moderator").id
    ids = [append(number, actor_id) for number in range(5)]
    entries = queries.newest()
    assert [entry.id for entry in entries] == ids[::-1]
    assert entries[-1].previous_hash == rules.START
    assert [entry.previous_hash for entry in entries[:-1]] == [entry.hash for entry in entries[1:]]
    assert queries.broken_links() == []


def test_a_changed_entry_is_found(app: Flask) -> None:
    ids = [append(number) for number in range(4)]
    with transaction():
        session.execute(update(AuditEntry).where(AuditEntry.id == ids[1]).values(detail={"number": 9}))
    assert queries.broken_links() == [ids[1]]


def test_a_missing_entry_is_found(app: Flask) -> None:
    ids = [append(number) for number in range(4)]
    with transaction():
        session.execute(delete(AuditEntry).where(AuditEntry.id == ids[1]))
    assert queries.broken_links() == [ids[2]]


def test_a_decision_that_is_rolled_back_is_not_in_the_log(app: Flask) -> None:
    append(1)
    with transaction():
        service.append("approve", "novel", 2, {})
        session.rollback()
    append(3)
    assert [entry.subject_id for entry in queries.newest()] == [3, 1]
    assert queries.broken_links() == []


def test_decisions_of_many_at_once_form_one_chain(app: Flask) -> None:
    append(0)
    outcomes = at_once(app, [lambda: [append(number) for number in range(5)] for _ in range(6)])
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(list(session.scalars(select(AuditEntry.id)))) == 31
    assert queries.broken_links() == []


def test_two_who_write_the_first_entry_at_once_both_get_in(app: Flask) -> None:
    outcomes = at_once(app, [lambda: append(1), lambda: append(2)])
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert queries.broken_links() == []


def test_the_chain_cannot_fork(app: Flask) -> None:
    append(1)
    first = queries.newest()[0]
    fork = AuditEntry(at=first.at, action="x", subject_type="x", subject_id=1, detail={}, hash="f" * 64)
    fork.previous_hash = first.previous_hash
    with pytest.raises(IntegrityError), transaction():
        session.add(fork)
