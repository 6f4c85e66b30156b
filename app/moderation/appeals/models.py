"""Appeals against decisions and sanctions."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.database import Model, UTCDateTime, enum_column
from app.moderation.decisions.models import Decision
from app.moderation.queue.models import QueueItem
from app.moderation.sanctions.models import Sanction


class AppealState(enum.StrEnum):
    """Whether an appeal was answered, and how."""

    OPEN = "open"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class Appeal(Model):
    """An appeal against a decision on one's own text or against a sanction.

    There is one for each; its answer is final.
    """

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
    # Its item of the queue. An appeal against a sanction is about no text and has none.
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("queue_items.id"), index=True)
    words: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    state: Mapped[AppealState] = mapped_column(enum_column(AppealState), default=AppealState.OPEN)
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
        """The decision or sanction it is against."""
        thing = self.decision if self.decision_id is not None else self.sanction
        assert thing is not None, "kept by a CHECK"
        return thing

    @property
    def is_open(self) -> bool:
        """Whether it has no answer yet."""
        return self.state is AppealState.OPEN
