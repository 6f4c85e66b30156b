"""Add drafts of follow-ups.

Revision ID: 20261120_follow_up_drafts
Revises: 20261120_topic_requests
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261120_follow_up_drafts"
down_revision = "20261120_topic_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "follow_up_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("follow_up_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name=op.f("fk_follow_up_drafts_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_follow_up_drafts_story_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_ups.id"], name=op.f("fk_follow_up_drafts_follow_up_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_drafts")),
        sa.UniqueConstraint("follow_up_id", name=op.f("uq_follow_up_drafts_follow_up_id")),
    )
    op.create_index(op.f("ix_follow_up_drafts_story_id"), "follow_up_drafts", ["story_id"])
    op.create_index(op.f("ix_follow_up_drafts_author_id"), "follow_up_drafts", ["author_id"])
    op.create_index(
        "uq_follow_up_drafts_new",
        "follow_up_drafts",
        ["story_id"],
        unique=True,
        sqlite_where=sa.text("follow_up_id IS NULL"),
        postgresql_where=sa.text("follow_up_id IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("follow_up_drafts")
