"""Add saved stories: what people keep in their account to read again.

Revision ID: 20261122_saved
Revises: 20261122_evidence
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_saved"
down_revision = "20261122_evidence"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_stories",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_saved_stories_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_saved_stories_story_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "story_id", name=op.f("pk_saved_stories")),
    )
    op.create_index(op.f("ix_saved_stories_story_id"), "saved_stories", ["story_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_saved_stories_story_id"), "saved_stories")
    op.drop_table("saved_stories")
