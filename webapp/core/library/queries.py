"""Reading the library."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from webapp import storage
from webapp.core.library.models import Novel
from webapp.core.library.rules import LIVING
from webapp.db import session
from webapp.errors import N_, NotFound


def get(novel_id: int) -> Novel:
    """The novel with this id; raises NotFound `no-such-novel`."""
    novel = session.get(Novel, novel_id)
    if novel is None:
        raise NotFound("no-such-novel", N_("그런 원작이 없어요."))
    return novel


def novels(status: str | None = None, *, after: int | None = None, limit: int = 50) -> list[Novel]:
    """Novels, the newest first, of one status or of all; `after` is the id of the last one already seen."""
    query = select(Novel).order_by(Novel.id.desc()).limit(limit)
    if status is not None:
        query = query.where(Novel.status == status)
    if after is not None:
        query = query.where(Novel.id < after)
    return list(session.scalars(query))


def count(status: str) -> int:
    """How many novels have this status."""
    return session.scalar(select(func.count()).select_from(Novel).where(Novel.status == status)) or 0


def unread(read: Collection[int], *, limit: int = 50) -> list[Novel]:
    """Approved novels that are not among those `read` (ids), the newest first."""
    query = select(Novel).where(Novel.status == "approved", Novel.id.not_in(read))
    return list(session.scalars(query.order_by(Novel.id.desc()).limit(limit)))


def starter_library() -> list[Novel]:
    """The approved novels that came with the site, in the order in which they came: nobody nominated them."""
    query = select(Novel).where(Novel.status == "approved", Novel.nominated_by.is_(None))
    return list(session.scalars(query.order_by(Novel.id)))


def nominated_by(account_id: int, *, limit: int = 50) -> list[Novel]:
    """What this person brought to the library, the newest first."""
    query = select(Novel).where(Novel.nominated_by == account_id)
    return list(session.scalars(query.order_by(Novel.id.desc()).limit(limit)))


def living_like(key: str) -> Novel | None:
    """The pending or approved novel with this `live_key`, if there is one."""
    return session.scalars(select(Novel).where(Novel.live_key == key)).first()


def with_text(sha256: str, *, living: bool) -> Novel | None:
    """The newest novel with this very text: of those pending or approved, or of all that ever were."""
    query = select(Novel).where(Novel.sha256 == sha256).order_by(Novel.id.desc())
    return session.scalars(query.where(Novel.status.in_(LIVING)) if living else query).first()


def text_of(novel: Novel) -> str:
    """The novel's text; raises Unavailable `text-lost`."""
    return storage.text(novel.sha256)
