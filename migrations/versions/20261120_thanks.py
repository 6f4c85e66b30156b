"""Add thanks: a member says that a story helped them.

Revision ID: 20261120_thanks
Revises: 20261120_audit_log
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "20261120_thanks"
down_revision = "20261120_audit_log"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "thanks",
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_thanks_story_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_thanks_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("story_id", "person_id", name=op.f("pk_thanks")),
    )
    op.create_index(op.f("ix_thanks_person_id"), "thanks", ["person_id"])
    # Not in batch mode, because SQLite can add a column without copying the table.
    op.add_column("stories", sa.Column("helpful", sa.Integer(), server_default="0", nullable=False))
    op.create_index("ix_stories_helpful", "stories", ["state", "helpful", "published_at"])


def downgrade() -> None:
    op.drop_index("ix_stories_helpful", "stories")
    op.drop_column("stories", "helpful")
    op.drop_index(op.f("ix_thanks_person_id"), "thanks")
    op.drop_table("thanks")
