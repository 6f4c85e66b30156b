"""Notices: one row for each message to a person."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation import clock
from app.foundation.database import Model, UTCDateTime
from app.moderation.appeals.models import Appeal
from app.moderation.decisions.models import Decision
from app.moderation.reports.models import Report
from app.moderation.sanctions.models import Sanction


class Notice(Model):
    """A message to one person, and when they saw it: about a decision on what they wrote, the answer to their appeal,
    a sanction, or the outcome of their report.
    """

    __tablename__ = "notices"
    __table_args__ = (
        sa.Index("ix_notices_unseen", "person_id", "seen_at"),
        sa.UniqueConstraint("decision_id"),
        sa.UniqueConstraint("appeal_id"),
        sa.UniqueConstraint("sanction_id"),
        sa.UniqueConstraint("report_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"))
    decision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("decisions.id"))
    appeal_id: Mapped[int | None] = mapped_column(sa.ForeignKey("appeals.id"))
    sanction_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sanctions.id"))
    report_id: Mapped[int | None] = mapped_column(sa.ForeignKey("reports.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    decision: Mapped[Decision | None] = relationship()
    appeal: Mapped[Appeal | None] = relationship()
    sanction: Mapped[Sanction | None] = relationship()
    report: Mapped[Report | None] = relationship()
