"""The place of an event, given once it has been committed, is what readers know it by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables to this version; readers that are there go on from where they were."""
    op.create_table(
        "end_of_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_end_of_line")),
    )
    with op.batch_alter_table("event") as batch_op:
        batch_op.add_column(sa.Column("place", sa.Integer(), nullable=True))
    op.execute("UPDATE event SET place = id")
    op.execute("INSERT INTO end_of_line (id, place) SELECT 1, max(id) FROM event HAVING max(id) IS NOT NULL")
    with op.batch_alter_table("event") as batch_op:
        batch_op.create_unique_constraint(batch_op.f("uq_event_place"), ["place"])
        batch_op.create_index("ix_event_story_id_place", ["story_id", "place"], unique=False)
        batch_op.drop_index("ix_event_story_id_id")


def downgrade() -> None:
    """Bring the tables back to the version before."""
    with op.batch_alter_table("event") as batch_op:
        batch_op.create_index("ix_event_story_id_id", ["story_id", "id"], unique=False)
        batch_op.drop_index("ix_event_story_id_place")
        batch_op.drop_constraint(batch_op.f("uq_event_place"), type_="unique")
        batch_op.drop_column("place")
    op.drop_table("end_of_line")
