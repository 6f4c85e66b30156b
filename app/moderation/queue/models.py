"""Models of the queue: its items, and which moderators have one open."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from app.accounts.models import Person
from app.foundation import clock, kinds
from app.foundation.database import Model, UTCDateTime, enum_column
from app.moderation.references import EXACTLY_ONE_CONTRIBUTION, ContributionReference


class Task(enum.StrEnum):
    """What a moderator has to do with an item: read a revision, handle reports, or answer an appeal."""

    REVISION = "revision"
    REPORT = "report"
    APPEAL = "appeal"


class Priority(enum.IntEnum):
    """The priority of an item; lower comes first. URGENT is for texts that suggest somebody is in danger."""

    URGENT = 0
    USUAL = 1


class QueueItem(ContributionReference, Model):
    """An item of the queue: a pending revision, a contribution with open reports, or an appeal against a decision."""

    __tablename__ = "queue_items"
    __table_args__ = (
        sa.CheckConstraint(EXACTLY_ONE_CONTRIBUTION, name="one_contribution"),
        # One item for each revision, and one for all open reports on a contribution.
        *(
            sa.Index(
                f"uq_queue_items_{kind.name}_{task}",
                column,
                unique=True,
                sqlite_where=sa.text(condition),
                postgresql_where=sa.text(condition),
            )
            for kind in kinds.all_kinds()
            for task, column, condition in (
                ("revision", kind.revision_id_column, "task = 'revision'"),
                ("report", kind.id_column, "task = 'report' AND closed_at IS NULL"),
            )
        ),
        sa.Index("ix_queue_items_waiting", "closed_at", "priority", "due_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[Task] = mapped_column(enum_column(Task))
    priority: Mapped[int] = mapped_column(sa.SmallInteger, default=Priority.USUAL, server_default="1")
    waiting_since: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    # When it is due. The queue is sorted by priority, then by this.
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # The moderator who asked for a second opinion, and so may not decide on it.
    escalated_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))

    # The number of signals about its revision, if loaded with `queue.SIGNAL_COUNT_LOADER`.
    signals: Mapped[int | None] = query_expression()

    escalated_by: Mapped[Person | None] = relationship()

    @property
    def is_overdue(self) -> bool:
        """Whether the item is open and was due before now."""
        return self.closed_at is None and self.due_at < clock.now()

    @property
    def is_urgent(self) -> bool:
        """Whether the item comes before all items that are not urgent."""
        return self.priority == Priority.URGENT


class Presence(Model):
    """A record that a moderator has an item open, with the time of the page's last report."""

    __tablename__ = "presences"

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("queue_items.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    person: Mapped[Person] = relationship()
