"""Saved versions of the screening rules."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.database import Model, UTCDateTime


class RulesVersion(Model):
    """A saved version of the screening rules. The newest is in force; versions are never changed or deleted."""

    __tablename__ = "screening_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    editor_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    # One entry per line.
    blocked: Mapped[str] = mapped_column(sa.Text, default="")
    suspect: Mapped[str] = mapped_column(sa.Text, default="")
    most_links: Mapped[int]
    alike_percent: Mapped[int]
    rejected_percent: Mapped[int]
    # The thresholds of the fast lane; see `rules.Rules`.
    lane_approved: Mapped[int] = mapped_column(default=0, server_default="0")
    lane_percent: Mapped[int] = mapped_column(default=10, server_default="10")

    editor: Mapped[Person] = relationship()
