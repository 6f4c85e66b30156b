"""Let stories not say whom they are about, and know which ones no moderator has read.

Revision ID: 20261121_about
Revises: 20261121_skeletons
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261121_about"
down_revision = "20261121_skeletons"
branch_labels = None
depends_on = None

ABOUT = sa.Enum("myself", "someone_i_care_for", name="about", native_enum=False, create_constraint=True, length=32)
UNREAD = sa.text("state = 'approved' AND decided_at IS NULL")
IMPORTED = "story_id IN (SELECT id FROM stories WHERE source IS NOT NULL)"


def upgrade() -> None:
    with op.batch_alter_table("story_revisions", schema=None) as batch_op:
        batch_op.alter_column("about", existing_type=ABOUT, existing_nullable=False, nullable=True)
    # Until now an import stored 'myself' where its file said nothing. What was said cannot be told from what was not.
    op.execute(f"UPDATE story_revisions SET about = NULL WHERE about = 'myself' AND {IMPORTED}")
    # What was imported as public was decided on, as it were, when it was written.
    op.execute(
        "UPDATE story_revisions SET decided_at = NULL"
        f" WHERE state = 'approved' AND number = 1 AND decided_at = created_at AND {IMPORTED}"
    )
    op.create_index(
        "ix_story_revisions_unread", "story_revisions", ["story_id"], sqlite_where=UNREAD, postgresql_where=UNREAD
    )


def downgrade() -> None:
    op.drop_index("ix_story_revisions_unread", table_name="story_revisions")
    op.execute("UPDATE story_revisions SET decided_at = created_at WHERE state = 'approved' AND decided_at IS NULL")
    op.execute("UPDATE story_revisions SET about = 'myself' WHERE about IS NULL")
    with op.batch_alter_table("story_revisions", schema=None) as batch_op:
        batch_op.alter_column("about", existing_type=ABOUT, existing_nullable=True, nullable=False)
