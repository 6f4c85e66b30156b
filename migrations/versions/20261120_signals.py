"""Add signals, fingerprints for finding near duplicates, and the screening rules.

Revision ID: 20261120_signals
Revises: 20261120_thanks
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "20261120_signals"
down_revision = "20261120_thanks"
branch_labels = None
depends_on = None

KINDS = (
    "crisis",
    "identifying",
    "link",
    "blocked",
    "suspect",
    "instruction",
    "advertising",
    "near_duplicate",
    "shouting",
    "author",
)


def upgrade() -> None:
    op.create_table(
        "signals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("of_kind", sa.String(length=20), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(*KINDS, name="signalkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("field", sa.String(length=10), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
    )
    op.create_index("ix_signals_revision", "signals", ["of_kind", "revision_id"])
    op.create_table(
        "text_bands",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("of_kind", sa.String(length=20), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_bands")),
    )
    op.create_index("ix_text_bands_band", "text_bands", ["band"])
    op.create_index("ix_text_bands_created_at", "text_bands", ["created_at"])
    op.create_index("ix_text_bands_revision", "text_bands", ["of_kind", "revision_id"])
    op.create_table(
        "screening_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("editor_id", sa.Integer(), nullable=False),
        sa.Column("blocked", sa.Text(), nullable=False),
        sa.Column("suspect", sa.Text(), nullable=False),
        sa.Column("most_links", sa.Integer(), nullable=False),
        sa.Column("alike_percent", sa.Integer(), nullable=False),
        sa.Column("rejected_percent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["editor_id"], ["people.id"], name=op.f("fk_screening_rules_editor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening_rules")),
    )


def downgrade() -> None:
    op.drop_table("screening_rules")
    op.drop_table("text_bands")
    op.drop_table("signals")
