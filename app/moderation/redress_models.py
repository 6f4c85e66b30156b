"""What is between a person and the staff: sanctions, appeals, and what the staff note for each other."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.database import Model, UTCDateTime, coded
from app.moderation.models import Decision, QueueItem


class SanctionKind(enum.StrEnum):
    """What can be imposed on a person."""

    # To be read before the person writes again.
    WARNING = "warning"
    # Nothing can be written until a day.
    SUSPENSION = "suspension"
    # Nothing can be written any more.
    BAN = "ban"


class Sanction(Model):
    """A measure against a person, not against a text. Kept for ever; lifting one notes when and by whom."""

    __tablename__ = "sanctions"
    __table_args__ = (
        sa.CheckConstraint("(kind = 'suspension') = (until IS NOT NULL)", name="end"),
        sa.Index("ix_sanctions_person", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    kind: Mapped[SanctionKind] = mapped_column(coded(SanctionKind))
    reason: Mapped[str] = mapped_column(sa.String(40))
    # What the person is told, as the moderator wrote it.
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
        """Is to be read, and keeps nobody from writing afterwards."""
        return self.kind is SanctionKind.WARNING

    @property
    def is_over(self) -> bool:
        """Lifted, run out or, for a warning, read."""
        return (
            self.lifted_at is not None
            or self.acknowledged_at is not None
            or (self.until is not None and self.until <= clock.now())
        )


class AppealState(enum.StrEnum):
    """Where an appeal stands: what became of the decision it is against."""

    OPEN = "open"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class Appeal(Model):
    """A person's objection to a decision on their text or to a sanction. One for each; its answer is final here."""

    __tablename__ = "appeals"
    __table_args__ = (
        sa.CheckConstraint("(decision_id IS NULL) <> (sanction_id IS NULL)", name="one_subject"),
        sa.UniqueConstraint("decision_id"),
        sa.UniqueConstraint("sanction_id"),
        sa.Index("ix_appeals_state", "state", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("decisions.id"))
    sanction_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sanctions.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    # Its place in the queue; an appeal against a sanction is about no text and stands among the appeals only.
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("queue_items.id"), index=True)
    words: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    state: Mapped[AppealState] = mapped_column(coded(AppealState), default=AppealState.OPEN)
    moderator_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    decision: Mapped[Decision | None] = relationship()
    sanction: Mapped[Sanction | None] = relationship()
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    moderator: Mapped[Person | None] = relationship(foreign_keys=[moderator_id])
    item: Mapped[QueueItem | None] = relationship()

    @property
    def against(self) -> Decision | Sanction:
        """The decision or sanction it objects to."""
        thing = self.decision if self.decision_id is not None else self.sanction
        assert thing is not None, "kept by a CHECK"
        return thing

    @property
    def is_open(self) -> bool:
        """Waits for an answer."""
        return self.state is AppealState.OPEN


class StaffNote(Model):
    """What one of the staff noted for the others, on a person or on something they wrote. Never for its author."""

    __tablename__ = "staff_notes"
    __table_args__ = (sa.Index("ix_staff_notes_subject", "kind", "subject_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # 'person', or the kind of a contribution, and its id.
    kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[int]
    # The person it is on, or who wrote what it is on.
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    author: Mapped[Person] = relationship(foreign_keys=[author_id])
