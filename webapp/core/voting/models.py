"""Polls, their options and people's standing ballots."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Moment, exact_string


class Poll(Base):
    """A question with a closing time.

    `secret` is never shown: the voters' pseudonyms come from it, and so does the seed that breaks ties (see
    `rules.seed_of`). The seed's hash is public from the start, the seed itself once the poll is closed, in `result`.
    Fewer ballots than `quorum` decide nothing.
    """

    __tablename__ = "poll"

    id: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[int] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(10))
    method: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10), default="open")
    winners: Mapped[int] = mapped_column(default=1)
    quorum: Mapped[int] = mapped_column(default=1)
    opens_at: Mapped[datetime] = mapped_column(Moment)
    closes_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    secret: Mapped[str] = mapped_column(String(64))
    seed_hash: Mapped[str] = mapped_column(String(64))
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    result_hash: Mapped[str | None] = mapped_column(String(64))

    options: Mapped[list[Option]] = relationship(order_by="Option.position", back_populates="poll")


class Option(Base):
    """What can be chosen. `subject_id` is the novel or draft it stands for; `value` the number of a length option.

    A struck option was taken out by a moderator: it keeps its place and cannot win.
    """

    __tablename__ = "option"
    __table_args__ = (
        UniqueConstraint("poll_id", "id", name="uq_option_poll_id_id"),
        UniqueConstraint("poll_id", "label_key", name="uq_option_poll_id_label_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id", ondelete="CASCADE"))
    position: Mapped[int]
    label: Mapped[str] = mapped_column(String(200))
    label_key: Mapped[str] = mapped_column(exact_string(600))
    subject_id: Mapped[int | None]
    value: Mapped[int | None]
    is_none: Mapped[bool] = mapped_column(default=False)
    struck: Mapped[bool] = mapped_column(default=False)
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(Moment)

    poll: Mapped[Poll] = relationship(back_populates="options")


class Ballot(Base):
    """One person's standing answer to one poll; casting again replaces it."""

    __tablename__ = "ballot"

    poll_id: Mapped[int] = mapped_column(ForeignKey("poll.id", ondelete="CASCADE"), primary_key=True)
    voter_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    cast_at: Mapped[datetime] = mapped_column(Moment)


class BallotChoice(Base):
    """One option that a ballot chooses; the second foreign key makes an option of another poll impossible.

    `rank` is its place in a ranked poll, 1 for the best; elsewhere there is none.
    """

    __tablename__ = "ballot_choice"
    __table_args__ = (
        ForeignKeyConstraint(
            ["poll_id", "voter_id"],
            ["ballot.poll_id", "ballot.voter_id"],
            name="fk_ballot_choice_ballot",
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["poll_id", "option_id"], ["option.poll_id", "option.id"], name="fk_ballot_choice_option"
        ),
    )

    poll_id: Mapped[int] = mapped_column(primary_key=True)
    voter_id: Mapped[int] = mapped_column(primary_key=True)
    option_id: Mapped[int] = mapped_column(primary_key=True)
    rank: Mapped[int | None]
