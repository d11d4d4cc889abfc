"""Stories, their turns, what people hand in for a turn, and the passages that were published."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.accounts.models import Account
from webapp.core.library.models import Novel
from webapp.db import Base, Moment


class Story(Base):
    """One shared relay novel. `checkpoint_id` is the writer's newest checkpoint here; `style_mix` the shares of the
    novels that the last source turn chose, by novel id."""

    __tablename__ = "story"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    premise: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), default="open")
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    style_mix: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)
    checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoint.id"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(Moment)


class Turn(Base):
    """One round of a story. `outcome` tells what came of it, for people: the results, the words and length that were
    chosen, and by which rule."""

    __tablename__ = "turn"
    __table_args__ = (UniqueConstraint("story_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    phase: Mapped[str] = mapped_column(String(10), index=True)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    closes_at: Mapped[datetime | None] = mapped_column(Moment)
    extended: Mapped[bool] = mapped_column(default=False)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    about_passage_id: Mapped[int | None]
    writings: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    story: Mapped[Story] = relationship()


class TurnPoll(Base):
    """Which poll of which kind belongs to a turn."""

    __tablename__ = "turn_poll"

    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id"), primary_key=True)
    turn_id: Mapped[int] = mapped_column(ForeignKey("turn.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))


class Nomination(Base):
    """A novel that somebody nominated in a source turn."""

    __tablename__ = "nomination"

    turn_id: Mapped[int] = mapped_column(ForeignKey("turn.id"), primary_key=True)
    novel_id: Mapped[int] = mapped_column(ForeignKey("novel.id"), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    nominated_at: Mapped[datetime] = mapped_column(Moment)

    novel: Mapped[Novel] = relationship()


class Draft(Base):
    """A text that may become the next passage. A person has one draft a turn, and may hand it in again.

    `status` is `offered`, `withdrawn` or `removed` (by a moderator). `details` holds what the writer measured and what
    is needed to write the text again: checkpoint, seed, keywords, settings.
    """

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("turn_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    turn_id: Mapped[int] = mapped_column(ForeignKey("turn.id"))
    author_type: Mapped[str] = mapped_column(String(5))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(10), default="offered")
    flags: Mapped[list[str]] = mapped_column(JSON, default=list)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Moment)

    account: Mapped[Account | None] = relationship()


class Passage(Base):
    """One published piece of a story. Append-only: hiding keeps its place, nothing is edited."""

    __tablename__ = "passage"
    __table_args__ = (UniqueConstraint("story_id", "seq"), UniqueConstraint("turn_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("story.id"))
    seq: Mapped[int]
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("turn.id"))
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"))
    author_type: Mapped[str] = mapped_column(String(5))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    text: Mapped[str] = mapped_column(Text)
    checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoint.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime] = mapped_column(Moment)
    hidden_at: Mapped[datetime | None] = mapped_column(Moment)
    hidden_reason: Mapped[str] = mapped_column(Text, default="")

    account: Mapped[Account | None] = relationship()
