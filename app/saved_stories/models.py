"""The saved stories of an account."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation import clock
from app.foundation.database import Model, UTCDateTime


class SavedStory(Model):
    """A story that a person saved. Only they see it."""

    __tablename__ = "saved_stories"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    story_id: Mapped[int] = mapped_column(sa.ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, index=True)
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
