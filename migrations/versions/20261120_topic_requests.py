"""Add requests for topics by readers.

Revision ID: 20261120_topic_requests
Revises: 20261120_redress
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261120_topic_requests"
down_revision = "20261120_redress"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "topic_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("words", sa.String(length=100), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_requests")),
        sa.UniqueConstraint("key", name=op.f("uq_topic_requests_key")),
    )
    with op.batch_alter_table("topic_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_topic_requests_first_asked_at"), ["first_asked_at"], unique=False)


def downgrade() -> None:
    op.drop_table("topic_requests")
