"""What people do with the library: nominate novels, decide about them, and the novels that come with the site."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp import clock, storage
from webapp.core.accounts import service as accounts
from webapp.core.accounts.models import Account
from webapp.core.audit import service as audit
from webapp.core.library import queries, rules
from webapp.core.library.models import Novel
from webapp.core.library.rules import Manuscript
from webapp.db import locked, session, transaction
from webapp.errors import N_, Conflict

__all__ = ["Manuscript", "StarterNovel", "add_starter_library", "decide", "nominate"]


@dataclass(frozen=True)
class StarterNovel:
    """A novel that comes with the site; `summary` tells in a sentence what it is about, `year` when it was written."""

    manuscript: Manuscript
    title: str
    author: str
    licence: str
    summary: str
    year: int


def nominate(
    manuscript: Manuscript,
    *,
    title: str,
    author: str,
    rights: str,
    author_died: int | None,
    licence: str | None,
    actor: Account | None,
) -> Novel:
    """Bring a novel to the library, where it waits for a moderator.

    What the file says of title and author stands where the person left them empty; one's own text bears one's own name.
    Raises NotSignedIn or NotAllowed, Invalid (see `rules`), Unavailable, and Conflict `novel-exists`.
    """
    account = accounts.require(actor, "participant")
    own_name = account.name if rights == "own" else ""
    novel = Novel(
        title=rules.check_title(title.strip() or manuscript.title),
        author=rules.check_author(author.strip() or manuscript.author or own_name),
        rights=rights,
        nominated_by=account.id,
    )
    year = clock.now().year
    novel.author_died, novel.licence = rules.check_rights(
        rights, author_died=author_died, licence=licence, year=year
    )
    rules.check_text(manuscript.text)
    _take_text(novel, manuscript)
    with transaction():
        return _add(novel)


def _take_text(novel: Novel, manuscript: Manuscript) -> None:
    """Keep the text, so that it lies in storage before a row speaks of it, and note its measures."""
    novel.sha256 = storage.keep_text(manuscript.text)
    novel.characters, novel.sentences = len(manuscript.text), manuscript.sentences
    novel.encoding, novel.notes = manuscript.encoding, list(manuscript.notes)
    novel.live_key = rules.live_key(novel.title, novel.author)


def _add(novel: Novel) -> Novel:
    """Write the row; where two bring the same work at the same moment the unique key lets one through."""
    key = str(novel.live_key)
    existing = queries.living_like(key)
    if existing is not None:
        raise _exists(existing)
    if queries.with_text(novel.sha256, living=True) is not None:
        novel.notes = [*novel.notes, rules.SAME_TEXT]
    novel.nominated_at = clock.now()
    try:
        with session.begin_nested():
            session.add(novel)
    except IntegrityError as error:
        winner = queries.living_like(key)
        if winner is None:
            raise
        raise _exists(winner) from error
    return novel


def _exists(novel: Novel) -> Conflict:
    return Conflict(
        "novel-exists",
        N_("%(author)s의 ‘%(title)s’ 글이 이미 서재에 있어요. 다시 올리지 않아도 그대로 추천할 수 있어요."),
        field="title",
        title=novel.title,
        author=novel.author,
        novel_id=novel.id,
    )


def decide(novel_id: int, decision: str, reason: str, actor: Account | None) -> Novel:
    """Approve, reject or withdraw a novel, in the audit log too.

    Moderators decide; who nominated a novel may withdraw it while it is pending. A rejection needs a reason. Raises
    NotFound, NotSignedIn, NotAllowed, Invalid and Conflict `novel-decided`.
    """
    actor_id = accounts.require(actor, "participant").id
    with transaction():
        session.scalars(locked(select(Novel).where(Novel.id == novel_id))).first()
        novel = queries.get(novel_id)
        own = decision == "withdraw" and novel.nominated_by == actor_id and novel.status != "approved"
        accounts.require(actor, "participant" if own else "moderator")
        status = rules.next_status(novel.status, decision)
        reason = rules.check_reason(decision, reason)
        _settle(novel, status, reason, actor_id)
        detail = {"title": novel.title, "author": novel.author, "sha256": novel.sha256, "reason": reason}
        audit.append(f"{decision}-novel", "novel", novel.id, detail, actor_id=actor_id)
    return novel


def _settle(novel: Novel, status: str, reason: str, actor_id: int | None) -> None:
    novel.status, novel.reason = status, reason
    novel.decided_by, novel.decided_at = actor_id, clock.now()
    if status not in rules.LIVING:
        novel.live_key = None


def add_starter_library(entries: Iterable[StarterNovel]) -> list[Novel]:
    """Add the novels that come with the site, approved; what is or ever was in the library stays as it is."""
    with transaction():
        return [_add_starter(entry) for entry in entries]


def _add_starter(entry: StarterNovel) -> Novel:
    novel = Novel(
        title=rules.check_title(entry.title),
        author=rules.check_author(entry.author),
        rights="licence",
        licence=rules.check_licence(entry.licence),
        details={"summary": entry.summary, "year": entry.year},
    )
    rules.check_text(entry.manuscript.text)
    _take_text(novel, entry.manuscript)
    known = queries.living_like(str(novel.live_key)) or queries.with_text(novel.sha256, living=False)
    if known is not None:
        return known
    _settle(novel, "approved", "", None)
    _add(novel)
    detail = {"title": novel.title, "author": novel.author, "sha256": novel.sha256, "licence": novel.licence}
    audit.append("add-starter-novel", "novel", novel.id, detail)
    return novel
