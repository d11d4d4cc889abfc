"""Ranked ballots, a quorum, and room for the names of more methods."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    with op.batch_alter_table("ballot_choice") as batch_op:
        batch_op.add_column(sa.Column("rank", sa.Integer(), nullable=True))
    with op.batch_alter_table("poll") as batch_op:
        batch_op.alter_column(
            "method", existing_type=sa.String(length=10), type_=sa.String(length=20), existing_nullable=False
        )
        batch_op.add_column(sa.Column("quorum", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("poll") as batch_op:
        # The default was for the rows that were there; from here on the program says it.
        batch_op.alter_column("quorum", existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    """Bring the tables back to the version before."""
    with op.batch_alter_table("poll") as batch_op:
        batch_op.drop_column("quorum")
        batch_op.alter_column(
            "method", existing_type=sa.String(length=20), type_=sa.String(length=10), existing_nullable=False
        )
    with op.batch_alter_table("ballot_choice") as batch_op:
        batch_op.drop_column("rank")
