"""Find the stories that meet a filter by indexes alone.

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
    # The first column of the new one does the same.
    op.drop_index("ix_treatments_tried_topic_id", "treatments_tried")


def downgrade() -> None:
    op.create_index("ix_treatments_tried_topic_id", "treatments_tried", ["topic_id"])
    op.drop_index("ix_treatments_tried_topic_effect", "treatments_tried")
    op.drop_index("ix_stories_live_revision_id", "stories")
