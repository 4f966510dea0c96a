"""Guests, what happened to them since they were powered on, and the portraits of their births."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Make the tables of `store.lineages` and `store.portraits`."""
    op.create_table(
        "portraits",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "guests",
        sa.Column("name", sa.String(255), primary_key=True),
        sa.Column("uuid", sa.String(36), nullable=False),
    )
    op.create_index("guests_by_uuid", "guests", ["uuid"])
    op.create_table(
        "lineage_events",
        sa.Column("guest", sa.String(255), sa.ForeignKey("guests.name"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("event", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop them; what they held is lost."""
    op.drop_table("lineage_events")
    op.drop_index("guests_by_uuid", table_name="guests")
    op.drop_table("guests")
    op.drop_table("portraits")
