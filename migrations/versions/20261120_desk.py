"""Order the queue by due date; add undo, escalation and redaction, presence on items, and closed threads.

Revision ID: 20261120_desk
Revises: 20261120_outcomes
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import op


revision = "20261120_desk"
down_revision = "20261120_outcomes"
branch_labels = None
depends_on = None

OLD_ACTIONS = ("approve", "request_changes", "reject", "hide", "restore", "keep")
NEW_ACTIONS = (*OLD_ACTIONS[:5], "remove", "mask", "keep", "escalate", "undo")
STATES = ("unpublished", "published", "hidden", "withdrawn", "removed")
ONE_SUBJECT = (
    "(CASE WHEN article_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN topic_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN story_id IS NULL THEN 0 ELSE 1 END) = 1"
)
DUE_AFTER = {"revision": timedelta(hours=24), "report": timedelta(hours=12)}

moment = sa.DateTime(timezone=True)
decisions = sa.table("decisions", sa.column("id"), sa.column("action"))
decision_notes = sa.table("decision_notes", sa.column("decision_id"))
notices = sa.table("notices", sa.column("decision_id"))
queue_items = sa.table(
    "queue_items",
    sa.column("id"),
    sa.column("task"),
    sa.column("waiting_since", moment),
    sa.column("due_at", moment),
)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


def upgrade() -> None:
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_decisions_action"), type_="check")
        batch_op.create_check_constraint(op.f("ck_decisions_action"), _one_of("action", NEW_ACTIONS))
        batch_op.add_column(sa.Column("item_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("undoes_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("state_before", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("live_before", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_decisions_publicationstate"), _one_of("state_before", STATES)
        )
        batch_op.create_foreign_key(op.f("fk_decisions_item_id"), "queue_items", ["item_id"], ["id"])
        batch_op.create_foreign_key(op.f("fk_decisions_undoes_id"), "decisions", ["undoes_id"], ["id"])
        batch_op.create_unique_constraint(op.f("uq_decisions_undoes_id"), ["undoes_id"])
        batch_op.create_index("ix_decisions_moderator", ["moderator_id", "id"], unique=False)

    with op.batch_alter_table("queue_items", schema=None) as batch_op:
        batch_op.add_column(sa.Column("priority", sa.SmallInteger(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("due_at", moment, nullable=True))
        batch_op.add_column(sa.Column("escalated_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_queue_items_escalated_by_id"), "people", ["escalated_by_id"], ["id"])
    _make_due()
    with op.batch_alter_table("queue_items", schema=None) as batch_op:
        batch_op.alter_column("due_at", existing_type=moment, nullable=False)
        batch_op.drop_index("ix_queue_items_waiting")
        batch_op.create_index("ix_queue_items_waiting", ["closed_at", "priority", "due_at", "id"], unique=False)

    op.create_table(
        "presences",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["queue_items.id"], name=op.f("fk_presences_item_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_presences_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("item_id", "person_id", name=op.f("pk_presences")),
    )
    op.create_table(
        "closed_threads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("story_id", sa.Integer(), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", moment, nullable=False),
        sa.CheckConstraint(ONE_SUBJECT, name=op.f("ck_closed_threads_one_subject")),
        *(
            sa.ForeignKeyConstraint([f"{kind}_id"], [f"{table}.id"], name=op.f(f"fk_closed_threads_{kind}_id"))
            for kind, table in (
                ("article", "articles"), ("topic", "topics"), ("story", "stories"), ("closed_by", "people"),
            )
        ),
        *(
            sa.UniqueConstraint(f"{kind}_id", name=op.f(f"uq_closed_threads_{kind}_id"))
            for kind in ("article", "topic", "story")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_threads")),
    )


def _make_due() -> None:
    """Give items that are waiting already the due date they would have been given by the new code."""
    connection = op.get_bind()
    rows = connection.execute(sa.select(queue_items.c.id, queue_items.c.task, queue_items.c.waiting_since)).all()
    if rows:
        connection.execute(
            sa.update(queue_items).where(queue_items.c.id == sa.bindparam("of")).values(due_at=sa.bindparam("due")),
            [{"of": row.id, "due": row.waiting_since + DUE_AFTER[row.task]} for row in rows],
        )


def downgrade() -> None:
    op.drop_table("closed_threads")
    op.drop_table("presences")

    with op.batch_alter_table("queue_items", schema=None) as batch_op:
        batch_op.drop_index("ix_queue_items_waiting")
        batch_op.create_index("ix_queue_items_waiting", ["closed_at", "waiting_since", "id"], unique=False)
        batch_op.drop_constraint(op.f("fk_queue_items_escalated_by_id"), type_="foreignkey")
        batch_op.drop_column("escalated_by_id")
        batch_op.drop_column("due_at")
        batch_op.drop_column("priority")

    # The earlier schema does not allow these decisions.
    newer = sa.select(decisions.c.id).where(decisions.c.action.in_(["remove", "mask", "escalate", "undo"]))
    op.execute(sa.delete(notices).where(notices.c.decision_id.in_(newer)))
    op.execute(sa.delete(decision_notes).where(decision_notes.c.decision_id.in_(newer)))
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_index("ix_decisions_moderator")
        batch_op.drop_constraint(op.f("uq_decisions_undoes_id"), type_="unique")
        batch_op.drop_constraint(op.f("fk_decisions_undoes_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("fk_decisions_item_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_decisions_publicationstate"), type_="check")
        for name in ("live_before", "state_before", "undoes_id", "item_id"):
            batch_op.drop_column(name)
    op.execute(sa.delete(decisions).where(decisions.c.action.in_(["remove", "mask", "escalate", "undo"])))
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_decisions_action"), type_="check")
        batch_op.create_check_constraint(op.f("ck_decisions_action"), _one_of("action", OLD_ACTIONS))
