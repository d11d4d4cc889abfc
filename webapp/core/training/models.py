"""Runs of the writer and the checkpoints they led to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.library.models import Novel
from webapp.db import Base, Moment


class Checkpoint(Base):
    """The writer's weights and memory at one moment, kept in storage under `sha256`."""

    __tablename__ = "checkpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoint.id"), index=True)
    story_id: Mapped[int | None] = mapped_column(index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    measurements: Mapped[dict[str, Any]] = mapped_column(JSON)
    samples: Mapped[list[dict[str, Any]]] = mapped_column(JSON)

    readings: Mapped[list[Reading]] = relationship(back_populates="checkpoint")


class Reading(Base):
    """A novel that a checkpoint has read, itself or through a parent, and its share of the style mix."""

    __tablename__ = "reading"

    checkpoint_id: Mapped[int] = mapped_column(
        ForeignKey("checkpoint.id", ondelete="CASCADE"), primary_key=True
    )
    novel_id: Mapped[int] = mapped_column(ForeignKey("novel.id"), primary_key=True)
    share: Mapped[float]
    is_new: Mapped[bool]

    checkpoint: Mapped[Checkpoint] = relationship(back_populates="readings")
    novel: Mapped[Novel] = relationship()


class Run(Base):
    """One training: parent checkpoint in, new checkpoint out.

    `purpose` is `base`, `source` or `passage`. `lessons` lists what is learned: `{"novel_id", "share"}` or
    `{"text_sha256", "share"}`, with `"role"` `new` or `rehearsal`.
    """

    __tablename__ = "run"

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int | None] = mapped_column(index=True)
    turn_id: Mapped[int | None] = mapped_column(index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoint.id"))
    checkpoint_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoint.id"))
    lessons: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    seed: Mapped[int]
    seconds: Mapped[float]
    requested_at: Mapped[datetime] = mapped_column(Moment)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)

    points: Mapped[list[RunPoint]] = relationship(order_by="RunPoint.step", back_populates="run")


class RunPoint(Base):
    """One point of a run's loss curve: losses in nats per character, time in seconds since the run began."""

    __tablename__ = "run_point"

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    seconds: Mapped[float]
    loss: Mapped[float]
    validation_loss: Mapped[float | None]

    run: Mapped[Run] = relationship(back_populates="points")
