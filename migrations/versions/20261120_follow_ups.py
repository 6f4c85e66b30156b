"""Add follow-ups to stories, moderated in the same way as stories.

Revision ID: 20261120_follow_ups
Revises: 20261120_desk
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "20261120_follow_ups"
down_revision = "20261120_desk"
branch_labels = None
depends_on = None

# The tables that refer to a contribution of any kind.
ON_CONTRIBUTION = ("queue_items", "decisions", "reports")
UNIQUE_ITEMS = {
    "uq_queue_items_follow_up_report": ("follow_up_id", "task = 'report' AND closed_at IS NULL"),
    "uq_queue_items_follow_up_revision": ("follow_up_revision_id", "task = 'revision'"),
}


def _one_of(*kinds: str) -> str:
    return " + ".join(f"(CASE WHEN {kind}_id IS NULL THEN 0 ELSE 1 END)" for kind in kinds) + " = 1"


def _answers(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    circle = [
        sa.ForeignKeyConstraint(
            ["live_revision_id"], ["follow_up_revisions.id"], name=op.f("fk_follow_ups_live_revision_id")
        )
    ]
    op.create_table(
        "follow_ups",
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("story_id", sa.Integer(), nullable=False),
        sa.Column("live_revision_id", sa.Integer(), nullable=True),
        sa.Column("submission_key", sa.String(length=40), nullable=True),
        sa.Column("is_invented", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            _answers("publicationstate", "unpublished", "published", "hidden", "withdrawn", "removed"),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_follow_ups_author_id")),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name=op.f("fk_follow_ups_story_id")),
        # PostgreSQL needs the second table before this foreign key.
        *(circle if sqlite else []),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_ups")),
        sa.UniqueConstraint("author_id", "submission_key", name=op.f("uq_follow_ups_author_id_submission_key")),
    )
    op.create_index(op.f("ix_follow_ups_story_id"), "follow_ups", ["story_id"])
    op.create_table(
        "follow_up_revisions",
        sa.Column("follow_up_id", sa.Integer(), nullable=False),
        sa.Column("body_source", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("back_again", _answers("backagain", "no", "a_little", "yes", "never_gone"), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            _answers(
                "revisionstate", "pending", "approved", "rejected", "changes_requested", "withdrawn", "superseded"
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("renderer_version", sa.Integer(), nullable=False),
        sa.Column("editor_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["editor_id"], ["people.id"], name=op.f("fk_follow_up_revisions_editor_id")),
        sa.ForeignKeyConstraint(["follow_up_id"], ["follow_ups.id"], name=op.f("fk_follow_up_revisions_follow_up_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up_revisions")),
        sa.UniqueConstraint("follow_up_id", "number", name=op.f("uq_follow_up_revisions_follow_up_id_number")),
    )
    op.create_index(op.f("ix_follow_up_revisions_follow_up_id"), "follow_up_revisions", ["follow_up_id"])
    pending = sa.text("state = 'pending'")
    op.create_index(
        "uq_follow_up_revisions_pending",
        "follow_up_revisions",
        ["follow_up_id"],
        unique=True,
        sqlite_where=pending,
        postgresql_where=pending,
    )
    if not sqlite:
        op.create_foreign_key(
            "fk_follow_ups_live_revision_id", "follow_ups", "follow_up_revisions", ["live_revision_id"], ["id"]
        )
    op.create_table(
        "treatments_now",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "effect",
            _answers("effect", "not_at_all", "slightly", "moderately", "very_well", "too_early"),
            nullable=True,
        ),
        sa.Column("still_using", _answers("stillusing", "yes", "no"), nullable=True),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["follow_up_revisions.id"],
            name=op.f("fk_treatments_now_revision_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["topic_id"], ["topics.id"], name=op.f("fk_treatments_now_topic_id")),
        sa.PrimaryKeyConstraint("revision_id", "topic_id", name=op.f("pk_treatments_now")),
    )
    op.create_index(op.f("ix_treatments_now_topic_id"), "treatments_now", ["topic_id"])

    for table in ON_CONTRIBUTION:
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("follow_up_id", sa.Integer(), nullable=True))
            batch_op.add_column(sa.Column("follow_up_revision_id", sa.Integer(), nullable=True))
            for column, target in (("follow_up_id", "follow_ups"), ("follow_up_revision_id", "follow_up_revisions")):
                batch_op.create_foreign_key(op.f(f"fk_{table}_{column}"), target, [column], ["id"])
            batch_op.drop_constraint(op.f(f"ck_{table}_one_contribution"), type_="check")
            batch_op.create_check_constraint(
                op.f(f"ck_{table}_one_contribution"), sa.text(_one_of("story", "comment", "follow_up"))
            )
            batch_op.create_index(op.f(f"ix_{table}_follow_up_id"), ["follow_up_id"])
    for name, (column, condition) in UNIQUE_ITEMS.items():
        where = sa.text(condition)
        op.create_index(name, "queue_items", [column], unique=True, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    # Rows about follow-ups have to go before their tables do.
    about = "(SELECT id FROM decisions WHERE follow_up_id IS NOT NULL)"
    for table in ("notices", "decision_notes"):
        op.execute(f"DELETE FROM {table} WHERE decision_id IN {about}")
    waited = "(SELECT id FROM queue_items WHERE follow_up_id IS NOT NULL)"
    op.execute(f"DELETE FROM presences WHERE item_id IN {waited}")
    for table in ("reports", "decisions", "queue_items"):
        op.execute(f"DELETE FROM {table} WHERE follow_up_id IS NOT NULL")
    for name in UNIQUE_ITEMS:
        op.drop_index(name, "queue_items")
    for table in ON_CONTRIBUTION:
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_index(op.f(f"ix_{table}_follow_up_id"))
            batch_op.drop_constraint(op.f(f"ck_{table}_one_contribution"), type_="check")
            batch_op.create_check_constraint(
                op.f(f"ck_{table}_one_contribution"), sa.text(_one_of("story", "comment"))
            )
            for column in ("follow_up_id", "follow_up_revision_id"):
                batch_op.drop_constraint(op.f(f"fk_{table}_{column}"), type_="foreignkey")
                batch_op.drop_column(column)
    op.drop_table("treatments_now")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint("fk_follow_ups_live_revision_id", "follow_ups", type_="foreignkey")
    op.drop_table("follow_up_revisions")
    op.drop_table("follow_ups")
