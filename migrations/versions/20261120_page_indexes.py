"""Add partial indexes for the comments on a subject, and an index for stories about the same treatment.

Revision ID: 20261120_page_indexes
Revises: 20261120_erasures
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261120_page_indexes"
down_revision = "20261120_erasures"
branch_labels = None
depends_on = None

SUBJECTS = ("article_id", "topic_id", "story_id")


def upgrade() -> None:
    for column in SUBJECTS:
        here = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_comments_under_{column.removesuffix('_id')}",
            "comments",
            [column, "parent_id", "published_at", "id"],
            sqlite_where=here,
            postgresql_where=here,
        )
        op.drop_index(f"ix_comments_{column}", "comments")
    op.create_index("ix_treatments_tried_of_revision", "treatments_tried", ["revision_id", "topic_id", "effect"])


def downgrade() -> None:
    op.drop_index("ix_treatments_tried_of_revision", "treatments_tried")
    for column in SUBJECTS:
        op.create_index(f"ix_comments_{column}", "comments", [column])
        op.drop_index(f"ix_comments_under_{column.removesuffix('_id')}", "comments")
