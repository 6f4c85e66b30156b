"""Add an audit log whose entries the database itself protects from changes.

Revision ID: 20261120_audit_log
Revises: 20261120_follow_ups
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "20261120_audit_log"
down_revision = "20261120_follow_ups"
branch_labels = None
depends_on = None

REFUSED = "the audit log is append-only"

# Batch mode on SQLite copies a table without its triggers: a later migration of this table has to create them again.
ON_SQLITE = (
    f"CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    f"CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
    # INSERT OR REPLACE deletes rows without running the trigger above.
    "CREATE TRIGGER audit_log_no_replace BEFORE INSERT ON audit_log"
    " WHEN EXISTS (SELECT 1 FROM audit_log WHERE id = NEW.id)"
    f" BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END",
)
ON_POSTGRESQL = (
    "CREATE FUNCTION audit_log_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
    "CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log"
    " FOR EACH STATEMENT EXECUTE FUNCTION audit_log_refuse()",
)


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("revision_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_actor", "audit_log", ["actor_id", "id"])
    op.create_index("ix_audit_log_person", "audit_log", ["person_id", "id"])
    op.create_index("ix_audit_log_action", "audit_log", ["action", "id"])
    op.create_index("ix_audit_log_subject", "audit_log", ["kind", "subject_id", "id"])
    op.create_index("ix_audit_log_at", "audit_log", ["at"])
    # Earlier decisions become entries of the log.
    decided = (
        f"SELECT decisions.created_at, decisions.moderator_id, decisions.action, '{kind}', decisions.{kind}_id,"
        f" decisions.{kind}_revision_id, {table}.author_id, decisions.reason"
        f" FROM decisions JOIN {table} ON {table}.id = decisions.{kind}_id"
        for kind, table in (("story", "stories"), ("comment", "comments"), ("follow_up", "follow_ups"))
    )
    op.execute(
        "INSERT INTO audit_log (at, actor_id, action, kind, subject_id, revision_id, person_id, reason) "
        + " UNION ALL ".join(decided)
        + " ORDER BY 1"
    )
    for statement in ON_SQLITE if op.get_bind().dialect.name == "sqlite" else ON_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    # The triggers are dropped with the table; on PostgreSQL the function is not.
    op.drop_table("audit_log")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_log_refuse()")
