"""Allow a cell of a comparison to come from a review, a product label, a leaflet or a cost study.

Revision ID: 20261122_evidence
Revises: 20261122_findings
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_evidence"
down_revision = "20261122_findings"
branch_labels = None
depends_on = None

OLD = ("randomised_trial", "cohort_study", "case_series", "retrospective_comparison")
NEW = (*OLD, "systematic_review", "review_article", "product_label", "leaflet", "guidance", "cost_study", "model")

cells = sa.table("comparison_cells", sa.column("evidence"))


def upgrade() -> None:
    _allow(NEW)


def downgrade() -> None:
    # The earlier schema has no word for these kinds, and a cell may go without.
    op.execute(sa.update(cells).where(cells.c.evidence.not_in(OLD)).values(evidence=None))
    _allow(OLD)


def _allow(kinds: tuple[str, ...]) -> None:
    with op.batch_alter_table("comparison_cells", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_comparison_cells_evidence"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_comparison_cells_evidence"), f"evidence IN ({', '.join(map(repr, kinds))})"
        )
