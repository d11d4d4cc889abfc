"""Who has a job, since when, and whether a moderator ended it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.db import Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version."""
    with op.batch_alter_table("job") as batch_op:
        batch_op.add_column(sa.Column("holder", sa.String(length=160), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("started_at", Moment(), nullable=True))
        batch_op.add_column(sa.Column("cancelled", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("job") as batch_op:
        # The defaults were for the rows that were there; from here on the program says it.
        batch_op.alter_column("holder", existing_type=sa.String(length=160), server_default=None)
        batch_op.alter_column("cancelled", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    """Bring the tables back to the version before."""
    with op.batch_alter_table("job") as batch_op:
        batch_op.drop_column("cancelled")
        batch_op.drop_column("started_at")
        batch_op.drop_column("holder")
