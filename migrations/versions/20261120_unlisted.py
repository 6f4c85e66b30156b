"""Add unlisted names: names in a story that are not in the vocabulary.

Revision ID: 20261120_unlisted
Revises: 20261120_signals
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "20261120_unlisted"
down_revision = "20261120_signals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unlisted_names",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column(
            "about",
            sa.Enum(
                "condition",
                "treatment",
                "effect",
                "concept",
                name="topickind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["story_revisions.id"],
            name=op.f("fk_unlisted_names_revision_id_story_revisions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_unlisted_names_topic_id_topics")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unlisted_names")),
    )
    with op.batch_alter_table("unlisted_names", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unlisted_names_revision_id"), ["revision_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_unlisted_names_topic_id"), ["topic_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("unlisted_names", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unlisted_names_topic_id"))
        batch_op.drop_index(batch_op.f("ix_unlisted_names_revision_id"))
    op.drop_table("unlisted_names")
