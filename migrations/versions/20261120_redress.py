"""Add appeals, sanctions and staff notes, and notices about appeals, sanctions and answered reports.

Revision ID: 20261120_redress
Revises: 20261120_unlisted
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "20261120_redress"
down_revision = "20261120_unlisted"
branch_labels = None
depends_on = None

moment = sa.DateTime(timezone=True)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _foreign(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.add_column("people", sa.Column("suspended_until", moment, nullable=True))
    op.add_column("people", sa.Column("warned_at", moment, nullable=True))
    with op.batch_alter_table("queue_items") as batch_op:
        batch_op.drop_constraint(op.f("ck_queue_items_task"), type_="check")
        batch_op.create_check_constraint(op.f("ck_queue_items_task"), "task IN ('revision', 'report', 'appeal')")

    op.create_table(
        "sanctions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of("sanctionkind", "warning", "suspension", "ban"), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("moderator_id", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("until", moment, nullable=True),
        sa.Column("acknowledged_at", moment, nullable=True),
        sa.Column("lifted_at", moment, nullable=True),
        sa.Column("lifted_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(kind = 'suspension') = (until IS NOT NULL)", name=op.f("ck_sanctions_end")),
        *(_foreign("sanctions", column, "people") for column in ("person_id", "moderator_id", "lifted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sanctions")),
    )
    op.create_index("ix_sanctions_person", "sanctions", ["person_id", "id"])

    op.create_table(
        "appeals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=True),
        sa.Column("sanction_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("state", _one_of("appealstate", "open", "upheld", "overturned"), nullable=False),
        sa.Column("moderator_id", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", moment, nullable=True),
        sa.CheckConstraint("(decision_id IS NULL) <> (sanction_id IS NULL)", name=op.f("ck_appeals_one_subject")),
        _foreign("appeals", "decision_id", "decisions"),
        _foreign("appeals", "sanction_id", "sanctions"),
        _foreign("appeals", "person_id", "people"),
        _foreign("appeals", "item_id", "queue_items"),
        _foreign("appeals", "moderator_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_appeals_decision_id")),
        sa.UniqueConstraint("sanction_id", name=op.f("uq_appeals_sanction_id")),
    )
    op.create_index("ix_appeals_person_id", "appeals", ["person_id"])
    op.create_index("ix_appeals_item_id", "appeals", ["item_id"])
    op.create_index("ix_appeals_state", "appeals", ["state", "created_at", "id"])

    op.create_table(
        "staff_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        _foreign("staff_notes", "person_id", "people"),
        _foreign("staff_notes", "author_id", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notes")),
    )
    op.create_index("ix_staff_notes_person_id", "staff_notes", ["person_id"])
    op.create_index("ix_staff_notes_subject", "staff_notes", ["kind", "subject_id", "id"])

    with op.batch_alter_table("notices") as batch_op:
        batch_op.alter_column("decision_id", existing_type=sa.Integer(), nullable=True)
        for name in ("appeal", "sanction", "report"):
            batch_op.add_column(sa.Column(f"{name}_id", sa.Integer(), nullable=True))
            batch_op.create_foreign_key(op.f(f"fk_notices_{name}_id"), f"{name}s", [f"{name}_id"], ["id"])
            batch_op.create_unique_constraint(op.f(f"uq_notices_{name}_id"), [f"{name}_id"])


def downgrade() -> None:
    # The earlier schema has notices about decisions only.
    op.execute("DELETE FROM notices WHERE decision_id IS NULL")
    with op.batch_alter_table("notices") as batch_op:
        for name in ("appeal", "sanction", "report"):
            batch_op.drop_constraint(op.f(f"uq_notices_{name}_id"), type_="unique")
            batch_op.drop_constraint(op.f(f"fk_notices_{name}_id"), type_="foreignkey")
            batch_op.drop_column(f"{name}_id")
        batch_op.alter_column("decision_id", existing_type=sa.Integer(), nullable=False)
    op.drop_table("staff_notes")
    op.drop_table("appeals")
    op.drop_table("sanctions")
    op.execute("DELETE FROM queue_items WHERE task = 'appeal'")
    with op.batch_alter_table("queue_items") as batch_op:
        batch_op.drop_constraint(op.f("ck_queue_items_task"), type_="check")
        batch_op.create_check_constraint(op.f("ck_queue_items_task"), "task IN ('revision', 'report')")
    op.drop_column("people", "warned_at")
    op.drop_column("people", "suspended_until")
