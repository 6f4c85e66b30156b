"""The model of warnings, suspensions and bans."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.database import Model, UTCDateTime, enum_column


class SanctionKind(enum.StrEnum):
    """The kinds of sanctions."""

    # The person must read it before they can write again.
    WARNING = "warning"
    # The person cannot write until a date.
    SUSPENSION = "suspension"
    # The person cannot write any more.
    BAN = "ban"


class Sanction(Model):
    """A sanction against a person, never deleted. If it is lifted, it records when and by whom."""

    __tablename__ = "sanctions"
    __table_args__ = (
        sa.CheckConstraint("(kind = 'suspension') = (until IS NOT NULL)", name="end"),
        sa.Index("ix_sanctions_person", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    kind: Mapped[SanctionKind] = mapped_column(enum_column(SanctionKind))
    reason: Mapped[str] = mapped_column(sa.String(40))
    # What the moderator wrote to the person.
    words: Mapped[str] = mapped_column(sa.Text)
    moderator_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lifted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    lifted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    moderator: Mapped[Person] = relationship(foreign_keys=[moderator_id])
    lifted_by: Mapped[Person | None] = relationship(foreign_keys=[lifted_by_id])

    @property
    def is_warning(self) -> bool:
        """Whether it is a warning, which ends when it is read."""
        return self.kind is SanctionKind.WARNING

    @property
    def is_over(self) -> bool:
        """Whether it was lifted, has expired or, for a warning, was read."""
        return (
            self.lifted_at is not None
            or self.acknowledged_at is not None
            or (self.until is not None and self.until <= clock.now())
        )
