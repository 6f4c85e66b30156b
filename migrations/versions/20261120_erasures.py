"""Add erasure requests by authors.

Revision ID: 20261120_erasures
Revises: 20261120_fast_lane
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261120_erasures"
down_revision = "20261120_fast_lane"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_erasures_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("kind", "contribution_id", name=op.f("uq_erasures_kind_contribution_id")),
    )
    op.create_index(op.f("ix_erasures_person_id"), "erasures", ["person_id"], unique=False)
    op.create_index("ix_erasures_due", "erasures", ["done_at", "due_at"], unique=False)


def downgrade() -> None:
    op.drop_table("erasures")
