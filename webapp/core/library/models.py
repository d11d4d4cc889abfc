"""Source novels that people nominated, with their rights."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Moment, exact_string


class Novel(Base):
    """A text for the writer to read. The text itself lies in storage under `sha256`.

    `live_key` holds title and author while the novel is pending or approved, and nothing afterwards, so that one work
    stands in the library once, whichever way its title was typed.
    """

    __tablename__ = "novel"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    author: Mapped[str] = mapped_column(String(80))
    live_key: Mapped[str | None] = mapped_column(exact_string(240), unique=True)
    rights: Mapped[str] = mapped_column(String(20))
    author_died: Mapped[int | None]
    licence: Mapped[str | None] = mapped_column(String(120))
    status: Mapped[str] = mapped_column(String(10), default="pending", index=True)
    characters: Mapped[int]
    sentences: Mapped[int]
    encoding: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    notes: Mapped[list[str]] = mapped_column(JSON)
    nominated_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    nominated_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
