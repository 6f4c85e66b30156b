"""The model of readers' reports."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.database import Model, UTCDateTime
from app.moderation.queue.models import QueueItem
from app.moderation.references import EXACTLY_ONE_CONTRIBUTION, ContributionReference


class Report(ContributionReference, Model):
    """A reader's report, with the revision that was live at the time."""

    __tablename__ = "reports"
    __table_args__ = (sa.CheckConstraint(EXACTLY_ONE_CONTRIBUTION, name="one_contribution"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("queue_items.id"), index=True)
    reporter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    category: Mapped[str] = mapped_column(sa.String(40))
    words: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    reporter: Mapped[Person | None] = relationship()
    item: Mapped[QueueItem] = relationship()
