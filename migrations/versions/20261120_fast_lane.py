"""Add the fast lane: members with a good record may publish comments at once.

Revision ID: 20261120_fast_lane
Revises: 20261120_list_indexes
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261120_fast_lane"
down_revision = "20261120_list_indexes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("screening_rules", sa.Column("lane_approved", sa.Integer(), server_default="0", nullable=False))
    op.add_column("screening_rules", sa.Column("lane_percent", sa.Integer(), server_default="10", nullable=False))
    op.create_table(
        "rule_publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("comment_revision_id", sa.Integer(), nullable=False),
        sa.Column("rules_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_rule_publications_comment_id_comments")
        ),
        sa.ForeignKeyConstraint(
            ["comment_revision_id"],
            ["comment_revisions.id"],
            name=op.f("fk_rule_publications_comment_revision_id_comment_revisions"),
        ),
        sa.ForeignKeyConstraint(["read_by_id"], ["people.id"], name=op.f("fk_rule_publications_read_by_id_people")),
        sa.ForeignKeyConstraint(
            ["rules_id"], ["screening_rules.id"], name=op.f("fk_rule_publications_rules_id_screening_rules")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_publications")),
        sa.UniqueConstraint("comment_id", name=op.f("uq_rule_publications_comment_id")),
    )
    op.create_index("ix_rule_publications_read_at", "rule_publications", ["read_at", "id"], unique=False)
    op.create_index("ix_decisions_created_at", "decisions", ["created_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_decisions_created_at", table_name="decisions")
    op.drop_table("rule_publications")
    op.drop_column("screening_rules", "lane_percent")
    op.drop_column("screening_rules", "lane_approved")
