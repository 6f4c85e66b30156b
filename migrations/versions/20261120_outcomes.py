"""Add the summaries of outcomes.

Revision ID: 20261120_outcomes
Revises: 20261120_begin
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "20261120_outcomes"
down_revision = "20261120_begin"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The worker counts the existing stories.
    op.create_table(
        "outcome_cells",
        sa.Column("condition_id", sa.Integer(), nullable=False),
        sa.Column("treatment_id", sa.Integer(), nullable=False),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.Column("tally", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["condition_id"], ["topics.id"], name=op.f("fk_outcome_cells_condition_id_topics")
        ),
        sa.ForeignKeyConstraint(
            ["treatment_id"], ["topics.id"], name=op.f("fk_outcome_cells_treatment_id_topics")
        ),
        sa.PrimaryKeyConstraint("condition_id", "treatment_id", name=op.f("pk_outcome_cells")),
    )
    with op.batch_alter_table("outcome_cells", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outcome_cells_treatment_id"), ["treatment_id"], unique=False)

    op.create_table(
        "counted_stories",
        sa.Column("condition_id", sa.Integer(), nullable=False),
        sa.Column("treatment_id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_counted_stories_author_id_people")),
        sa.ForeignKeyConstraint(["condition_id"], ["topics.id"], name=op.f("fk_counted_stories_condition_id_topics")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_counted_stories_story_id_stories")),
        sa.ForeignKeyConstraint(["treatment_id"], ["topics.id"], name=op.f("fk_counted_stories_treatment_id_topics")),
        sa.PrimaryKeyConstraint("condition_id", "treatment_id", "story_id", name=op.f("pk_counted_stories")),
        sa.UniqueConstraint(
            "condition_id", "treatment_id", "author_id", name=op.f("uq_counted_stories_condition_id_treatment_id_author_id")
        ),
    )
    with op.batch_alter_table("counted_stories", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_counted_stories_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_counted_stories_story_id"), ["story_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_counted_stories_treatment_id"), ["treatment_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("counted_stories", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_counted_stories_treatment_id"))
        batch_op.drop_index(batch_op.f("ix_counted_stories_story_id"))
        batch_op.drop_index(batch_op.f("ix_counted_stories_author_id"))
    op.drop_table("counted_stories")
    with op.batch_alter_table("outcome_cells", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outcome_cells_treatment_id"))
    op.drop_table("outcome_cells")
