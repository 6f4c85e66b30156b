"""Moderators' decisions and the notes that go with them."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.contributions.models import PublicationState
from app.foundation.database import Model, UTCDateTime, enum_column
from app.moderation.queue.models import QueueItem
from app.moderation.references import EXACTLY_ONE_CONTRIBUTION, ContributionReference


class Action(enum.StrEnum):
    """What a moderator decided."""

    APPROVE = "approve"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"
    HIDE = "hide"
    RESTORE = "restore"
    REMOVE = "remove"
    # A passage that could identify somebody was replaced by neutral words. Stored as 'mask', which it was called at
    # first: decisions and the audit log are never changed.
    REDACT = "mask"
    # Open reports were read, and the contribution stays as it is.
    KEEP = "keep"
    # Another moderator is asked to decide.
    ESCALATE = "escalate"
    # The previous decision was undone.
    UNDO = "undo"


# The decisions of which the author is told. The others are between moderators, their notes included.
VISIBLE_TO_AUTHOR = frozenset(Action) - {Action.KEEP, Action.ESCALATE, Action.UNDO}


class Decision(ContributionReference, Model):
    """A moderator's decision. Never changed or deleted. It holds only ids; the note is a separate row."""

    __tablename__ = "decisions"
    __table_args__ = (
        sa.CheckConstraint(EXACTLY_ONE_CONTRIBUTION, name="one_contribution"),
        sa.Index("ix_decisions_moderator", "moderator_id", "id"),
        sa.Index("ix_decisions_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[Action] = mapped_column(enum_column(Action))
    reason: Mapped[str | None] = mapped_column(sa.String(40))
    moderator_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("queue_items.id"))
    # The decision that this one undoes. A decision can be undone once.
    undoes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("decisions.id"), unique=True)
    # What undo goes back to: the contribution's publication state and the id of its live revision before.
    state_before: Mapped[PublicationState | None] = mapped_column(enum_column(PublicationState))
    live_before: Mapped[int | None]

    moderator: Mapped[Person] = relationship()
    item: Mapped[QueueItem | None] = relationship()
    undone_by: Mapped[Decision | None] = relationship(
        foreign_keys=[undoes_id],
        remote_side=[undoes_id],
        primaryjoin="Decision.id == foreign(Decision.undoes_id)",
        viewonly=True,
        uselist=False,
    )
    note: Mapped[DecisionNote | None] = relationship(back_populates="decision")


class DecisionNote(Model):
    """What the moderator wrote to the author. Stored apart from the decision so that it can be erased with the text."""

    __tablename__ = "decision_notes"

    decision_id: Mapped[int] = mapped_column(sa.ForeignKey("decisions.id"), primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)

    decision: Mapped[Decision] = relationship(back_populates="note")
