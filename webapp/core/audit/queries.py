"""Reading and checking the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from webapp.core.audit import rules
from webapp.core.audit.models import AuditEntry
from webapp.db import session

AT_ONCE = 500
"""Entries that are read at one time, where all of them are."""


def newest(limit: int = 100) -> list[AuditEntry]:
    """The last entries, newest first."""
    return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)))


def fields_of(entry: AuditEntry) -> dict[str, Any]:
    """What an entry's hash covers, beside the hash before it."""
    return {
        "at": entry.at.isoformat(),
        "actor_id": entry.actor_id,
        "action": entry.action,
        "subject_type": entry.subject_type,
        "subject_id": entry.subject_id,
        "detail": entry.detail,
    }


def broken_links() -> list[int]:
    """The ids of entries that were changed, or before which something was taken out or put in; oldest first.

    Entries cut off at the end leave no trace in what remains: keep the newest hash elsewhere to see that.
    """
    broken, before = [], rules.START
    for entry in _oldest_first():
        if entry.previous_hash != before or entry.hash != rules.entry_hash(before, fields_of(entry)):
            broken.append(entry.id)
        before = entry.hash
    return broken


def _oldest_first() -> Iterator[AuditEntry]:
    last = 0
    while entries := session.scalars(
        select(AuditEntry).where(AuditEntry.id > last).order_by(AuditEntry.id).limit(AT_ONCE)
    ).all():
        yield from entries
        last = entries[-1].id
