"""The model of staff notes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.database import Model, UTCDateTime


class StaffNote(Model):
    """A staff note on a person or a contribution. Never shown to the person concerned."""

    __tablename__ = "staff_notes"
    __table_args__ = (sa.Index("ix_staff_notes_subject", "kind", "subject_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # The subject: 'person' or the kind of a contribution, and its id.
    kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[int]
    # The person concerned: the subject, or the author of the contribution.
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    author: Mapped[Person] = relationship(foreign_keys=[author_id])
