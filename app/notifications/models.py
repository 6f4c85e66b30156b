"""Notices: one row for each thing a person is told."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation import clock
from app.foundation.database import Model, UTCDateTime
from app.moderation.models import Decision


class Notice(Model):
    """That a person was told of a decision on what they wrote, and when they saw it."""

    __tablename__ = "notices"
    __table_args__ = (sa.Index("ix_notices_unseen", "person_id", "seen_at"), sa.UniqueConstraint("decision_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"))
    decision_id: Mapped[int] = mapped_column(sa.ForeignKey("decisions.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    seen_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    decision: Mapped[Decision] = relationship()
