"""Add indexes with which lists of stories are filtered without reading the tables.

Revision ID: 20261120_list_indexes
Revises: 20261120_follow_up_drafts
"""

from __future__ import annotations

from alembic import op

revision = "20261120_list_indexes"
down_revision = "20261120_follow_up_drafts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_stories_live_revision_id", "stories", ["live_revision_id"])
    op.create_index("ix_treatments_tried_topic_effect", "treatments_tried", ["topic_id", "effect", "revision_id"])
    # The new index begins with the same column.
    op.drop_index("ix_treatments_tried_topic_id", "treatments_tried")


def downgrade() -> None:
    op.create_index("ix_treatments_tried_topic_id", "treatments_tried", ["topic_id"])
    op.drop_index("ix_treatments_tried_topic_effect", "treatments_tried")
    op.drop_index("ix_stories_live_revision_id", "stories")
