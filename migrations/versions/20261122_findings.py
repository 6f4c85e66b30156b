"""Let a cell of a comparison have several findings, because studies disagree.

Revision ID: 20261122_findings
Revises: 20261121_about
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_findings"
down_revision = "20261121_about"
branch_labels = None
depends_on = None

CELL = ["condition_id", "option_id", "criterion_id"]
ONE = "uq_comparison_cells_condition_id_option_id_criterion_id"
SEVERAL = "uq_comparison_cells_position"


def upgrade() -> None:
    with op.batch_alter_table("comparison_cells", schema=None) as batch_op:
        batch_op.add_column(sa.Column("position", sa.Integer(), server_default="0", nullable=False))
        batch_op.drop_constraint(op.f(ONE), type_="unique")
        batch_op.create_unique_constraint(SEVERAL, [*CELL, "position"])


def downgrade() -> None:
    # Only the first finding of each cell has room.
    op.execute(
        "DELETE FROM comparison_cells WHERE EXISTS (SELECT 1 FROM comparison_cells AS other WHERE"
        " other.condition_id = comparison_cells.condition_id AND other.option_id = comparison_cells.option_id"
        " AND other.criterion_id = comparison_cells.criterion_id AND other.position < comparison_cells.position)"
    )
    with op.batch_alter_table("comparison_cells", schema=None) as batch_op:
        batch_op.drop_constraint(SEVERAL, type_="unique")
        batch_op.create_unique_constraint(op.f(ONE), CELL)
        batch_op.drop_column("position")
