"""Add what new user names are compared with, so that none can pass for another.

Revision ID: 20261121_skeletons
Revises: 20261120_page_indexes
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.accounts.usernames import skeleton

revision = "20261121_skeletons"
down_revision = "20261120_page_indexes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("username_skeleton", sa.String(length=60), nullable=True))
    _fill()
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.create_unique_constraint(batch_op.f("uq_people_username_skeleton"), ["username_skeleton"])


def _fill() -> None:
    """Store the skeleton of every name. Of names that look alike already, the oldest has it; the others stay as they are."""
    people = sa.table("people", sa.column("id"), sa.column("username"), sa.column("username_skeleton"))
    rows = op.get_bind().execute(
        sa.select(people.c.id, people.c.username).where(people.c.username.is_not(None)).order_by(people.c.id)
    )
    first: dict[str, int] = {}
    for number, username in rows:
        first.setdefault(skeleton(username), number)
    if first:
        op.get_bind().execute(
            sa.update(people).where(people.c.id == sa.bindparam("number")).values(username_skeleton=sa.bindparam("alike")),
            [{"number": number, "alike": alike} for alike, number in first.items()],
        )


def downgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_people_username_skeleton"), type_="unique")
        batch_op.drop_column("username_skeleton")
