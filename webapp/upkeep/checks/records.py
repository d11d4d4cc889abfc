"""The audit log and the outbox."""

from __future__ import annotations

from sqlalchemy import func, select

from webapp.core.audit import queries as audit
from webapp.core.audit.models import AuditEntry
from webapp.db import session
from webapp.events import Event
from webapp.upkeep.checks.finding import Finding


def audit_unbroken() -> Finding:
    """No entry of the audit log was changed, put in or taken out."""
    count = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    wrong = [f"기록 {entry_id} (entry): 사슬이 끊겼어요. (broken link)" for entry_id in audit.broken_links()]
    return Finding("운영 기록의 사슬이 이어져 있어요 (audit chain)", count, wrong)


def events_in_line() -> Finding:
    """No event is missing in the line of those that are still told to readers who come back."""
    places = select(func.count(Event.place), func.min(Event.place), func.max(Event.place))
    count, first, last = session.execute(places).one()
    missing = (last or 0) - (first or 0) + 1 - count if count else 0
    wrong = [f"소식 {missing}개가 빠졌어요. ({missing} events are missing)"] if missing else []
    return Finding("알릴 소식이 빠짐없이 줄 서 있어요 (events in line)", count, wrong)
