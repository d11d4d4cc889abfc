"""Writing the audit log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp import clock
from webapp.core.audit import rules
from webapp.core.audit.models import AuditEntry
from webapp.core.audit.queries import fields_of
from webapp.db import locked, session


def append(
    action: str, subject_type: str, subject_id: int, detail: dict[str, Any], *, actor_id: int | None = None
) -> AuditEntry:
    """Write down a decision, in the transaction that carries it out.

    Appending transactions go one after another, from here to their commit: append late.
    """

    def link() -> AuditEntry:
        entry = AuditEntry(action=action, subject_type=subject_type, subject_id=subject_id, actor_id=actor_id)
        entry.previous_hash, entry.at, entry.detail = _locked_end(), clock.now(), rules.plain(detail)
        entry.hash = rules.entry_hash(entry.previous_hash, fields_of(entry))
        with session.begin_nested():
            session.add(entry)
        return entry

    try:
        return link()
    except IntegrityError:
        # Two who write the very first entry have nothing to lock: the second comes after the first.
        return link()


def _locked_end() -> str:
    """The newest hash, with the chain locked by its first entry, which is always the same."""
    session.execute(locked(select(AuditEntry.id).order_by(AuditEntry.id).limit(1)))
    newest = select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    return session.scalar(newest) or rules.START
