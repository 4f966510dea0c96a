"""Runs of a matrix, and what each of their cells came to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Make the tables of `store.cells`."""
    op.create_table(
        "matrix_runs",
        sa.Column("run", sa.String(32), primary_key=True),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
    )
    op.create_index("ix_matrix_runs_question", "matrix_runs", ["question"])
    op.create_table(
        "matrix_cells",
        sa.Column("run", sa.String(32), sa.ForeignKey("matrix_runs.run"), primary_key=True),
        sa.Column("machine", sa.Text, primary_key=True),
        sa.Column("guest", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("cell", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop them; what they held is lost."""
    op.drop_table("matrix_cells")
    op.drop_index("ix_matrix_runs_question", table_name="matrix_runs")
    op.drop_table("matrix_runs")
