"""What moderators decide about people, passages and drafts, each written to the audit log."""

from __future__ import annotations

from webapp.core.accounts import queries as account_queries
from webapp.core.accounts import service as accounts
from webapp.core.accounts.models import Account
from webapp.core.audit import service as audit
from webapp.core.moderation.rules import check_reason
from webapp.core.stories import service as stories
from webapp.core.stories.models import Draft, Passage
from webapp.db import transaction
from webapp.jobs import Job


def promote(name: str, role: str, *, actor_id: int | None = None) -> Account:
    """Give the person of this name a role; for the command line. Raises NotFound and Invalid."""
    with transaction():
        account = account_queries.get_by_name(name)
        # The log comes first: whoever holds it may be waiting for this very account.
        detail = {"name": account.name, "from": account.role, "to": role}
        audit.append("promote", "account", account.id, detail, actor_id=actor_id)
        return accounts.set_role(name, role)


def hide_passage(passage_id: int, reason: str, actor: Account | None) -> Passage:
    """Hide a passage from readers; its place in the story stays."""
    actor_id = accounts.require(actor, "moderator").id
    reason = check_reason(reason)
    with transaction():
        passage = stories.hide_passage(passage_id, reason)
        audit.append("hide-passage", "passage", passage_id, {"reason": reason}, actor_id=actor_id)
        return passage


def show_passage(passage_id: int, reason: str, actor: Account | None) -> Passage:
    """Show a hidden passage again."""
    actor_id = accounts.require(actor, "moderator").id
    reason = check_reason(reason)
    with transaction():
        passage = stories.hide_passage(passage_id, None)
        audit.append("show-passage", "passage", passage_id, {"reason": reason}, actor_id=actor_id)
        return passage


def remove_draft(draft_id: int, reason: str, actor: Account | None) -> Draft:
    """Take a draft out of its turn; it can no longer win."""
    actor_id = accounts.require(actor, "moderator").id
    reason = check_reason(reason)
    with transaction():
        draft = stories.remove_draft(draft_id)
        audit.append("remove-draft", "draft", draft_id, {"reason": reason}, actor_id=actor_id)
        return draft


def cancel_job(job_id: int, reason: str, actor: Account | None) -> Job:
    """End a job of the writer's that waits or runs; whoever works on it stops within seconds."""
    actor_id = accounts.require(actor, "moderator").id
    reason = check_reason(reason)
    with transaction():
        job = stories.cancel_job(job_id)
        audit.append("cancel-job", "job", job_id, {"kind": job.kind, "reason": reason}, actor_id=actor_id)
        return job
