"""What waits, what was decided, what was reported, and what people are told of it."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.accounts.models import Person
from app.comments.models import Comment, CommentRevision
from app.follow_ups.models import FollowUp, FollowUpRevision
from app.foundation import clock
from app.foundation.contributions import PublicationState
from app.foundation.database import Model, UTCDateTime, coded
from app.stories.models import Story, StoryRevision

# What is moderated: kind -> the contribution and its revisions.
AnyContribution = Story | Comment | FollowUp
AnyRevision = StoryRevision | CommentRevision | FollowUpRevision

KINDS: dict[str, type[AnyContribution]] = {"story": Story, "comment": Comment, "follow_up": FollowUp}
REVISIONS: dict[str, type[AnyRevision]] = {
    "story": StoryRevision,
    "comment": CommentRevision,
    "follow_up": FollowUpRevision,
}

ONE_CONTRIBUTION = " + ".join(f"(CASE WHEN {kind}_id IS NULL THEN 0 ELSE 1 END)" for kind in KINDS) + " = 1"


class Task(enum.StrEnum):
    """Why an item waits."""

    REVISION = "revision"
    REPORT = "report"
    APPEAL = "appeal"


class Priority(enum.IntEnum):
    """How an item stands in the queue: whoever may be in danger is read first, whatever else waits."""

    URGENT = 0
    USUAL = 1


class Action(enum.StrEnum):
    """What a moderator decided."""

    APPROVE = "approve"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"
    HIDE = "hide"
    RESTORE = "restore"
    REMOVE = "remove"
    # A passage that could identify somebody was replaced by neutral words.
    MASK = "mask"
    # A report was read and the contribution stays as it is.
    KEEP = "keep"
    # Somebody else is asked to decide.
    ESCALATE = "escalate"
    # The decision before was taken back within seconds.
    UNDO = "undo"


# What the author is told of. The rest is between moderators, its notes included.
TOLD = frozenset(Action) - {Action.KEEP, Action.ESCALATE, Action.UNDO}


class OnContribution:
    """Mixin: points at exactly one contribution, and at the revision of it that was read."""

    @declared_attr
    def story_id(cls) -> Mapped[int | None]:
        """The story, if it is one."""
        return mapped_column(sa.ForeignKey("stories.id"), index=True)

    @declared_attr
    def comment_id(cls) -> Mapped[int | None]:
        """The comment, if it is one."""
        return mapped_column(sa.ForeignKey("comments.id"), index=True)

    @declared_attr
    def follow_up_id(cls) -> Mapped[int | None]:
        """The follow-up, if it is one."""
        return mapped_column(sa.ForeignKey("follow_ups.id"), index=True)

    @declared_attr
    def story_revision_id(cls) -> Mapped[int | None]:
        """The revision of the story that this is about."""
        return mapped_column(sa.ForeignKey("story_revisions.id"))

    @declared_attr
    def comment_revision_id(cls) -> Mapped[int | None]:
        """The revision of the comment that this is about."""
        return mapped_column(sa.ForeignKey("comment_revisions.id"))

    @declared_attr
    def follow_up_revision_id(cls) -> Mapped[int | None]:
        """The revision of the follow-up that this is about."""
        return mapped_column(sa.ForeignKey("follow_up_revisions.id"))

    @declared_attr
    def story(cls) -> Mapped[Story | None]:
        """The story, if it is one."""
        return relationship(Story)

    @declared_attr
    def comment(cls) -> Mapped[Comment | None]:
        """The comment, if it is one."""
        return relationship(Comment)

    @declared_attr
    def follow_up(cls) -> Mapped[FollowUp | None]:
        """The follow-up, if it is one."""
        return relationship(FollowUp)

    @declared_attr
    def story_revision(cls) -> Mapped[StoryRevision | None]:
        """The revision of the story."""
        return relationship(StoryRevision)

    @declared_attr
    def comment_revision(cls) -> Mapped[CommentRevision | None]:
        """The revision of the comment."""
        return relationship(CommentRevision)

    @declared_attr
    def follow_up_revision(cls) -> Mapped[FollowUpRevision | None]:
        """The revision of the follow-up."""
        return relationship(FollowUpRevision)

    @property
    def kind(self) -> str:
        """'story', 'comment' or 'follow_up'."""
        return next(kind for kind in KINDS if getattr(self, f"{kind}_id") is not None)

    @property
    def contribution(self) -> AnyContribution:
        """What it is about."""
        thing: AnyContribution = getattr(self, self.kind)
        return thing

    @property
    def revision(self) -> AnyRevision | None:
        """The version of it that it is about, if it is about one."""
        version: AnyRevision | None = getattr(self, f"{self.kind}_revision")
        return version


class QueueItem(OnContribution, Model):
    """Something that waits for a moderator: a revision, or a contribution with open reports."""

    __tablename__ = "queue_items"
    __table_args__ = (
        sa.CheckConstraint(ONE_CONTRIBUTION, name="one_contribution"),
        # A revision is queued once; a contribution has one item for all its open reports.
        *(
            sa.Index(
                f"uq_queue_items_{kind}_{task}",
                column,
                unique=True,
                sqlite_where=sa.text(condition),
                postgresql_where=sa.text(condition),
            )
            for kind in KINDS
            for task, column, condition in (
                ("revision", f"{kind}_revision_id", "task = 'revision'"),
                ("report", f"{kind}_id", "task = 'report' AND closed_at IS NULL"),
            )
        ),
        sa.Index("ix_queue_items_waiting", "closed_at", "priority", "due_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[Task] = mapped_column(coded(Task))
    priority: Mapped[int] = mapped_column(sa.SmallInteger, default=Priority.USUAL, server_default="1")
    waiting_since: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    # By when it should be read; the queue is in this order.
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Who asked for a second reader: anybody else decides.
    escalated_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))

    escalated_by: Mapped[Person | None] = relationship()

    @property
    def is_overdue(self) -> bool:
        """Waits for longer than it should."""
        return self.closed_at is None and self.due_at < clock.now()

    @property
    def is_urgent(self) -> bool:
        """Stands before all others, whenever it came."""
        return self.priority == Priority.URGENT


class Decision(OnContribution, Model):
    """A moderator's decision. Never changed and never deleted; holds ids only (its note is a row of its own)."""

    __tablename__ = "decisions"
    __table_args__ = (
        sa.CheckConstraint(ONE_CONTRIBUTION, name="one_contribution"),
        sa.Index("ix_decisions_moderator", "moderator_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[Action] = mapped_column(coded(Action))
    reason: Mapped[str | None] = mapped_column(sa.String(40))
    moderator_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("queue_items.id"))
    # The decision that this one takes back. At most one does.
    undoes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("decisions.id"), unique=True)
    # What there was before, to go back to: the contribution's state, and the id of its live revision.
    state_before: Mapped[PublicationState | None] = mapped_column(coded(PublicationState))
    live_before: Mapped[int | None]

    moderator: Mapped[Person] = relationship()
    undone_by: Mapped[Decision | None] = relationship(
        foreign_keys=[undoes_id],
        remote_side=[undoes_id],
        primaryjoin="Decision.id == foreign(Decision.undoes_id)",
        viewonly=True,
        uselist=False,
    )
    note: Mapped[DecisionNote | None] = relationship(back_populates="decision")


class DecisionNote(Model):
    """What the moderator wrote to the author, apart from the decision, so that it can be erased with the text."""

    __tablename__ = "decision_notes"

    decision_id: Mapped[int] = mapped_column(sa.ForeignKey("decisions.id"), primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)

    decision: Mapped[Decision] = relationship(back_populates="note")


class Report(OnContribution, Model):
    """A reader's word that something should be looked at; keeps the id of the revision they read."""

    __tablename__ = "reports"
    __table_args__ = (sa.CheckConstraint(ONE_CONTRIBUTION, name="one_contribution"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("queue_items.id"), index=True)
    reporter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))
    category: Mapped[str] = mapped_column(sa.String(40))
    words: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    reporter: Mapped[Person | None] = relationship()
    item: Mapped[QueueItem] = relationship()


class Presence(Model):
    """That a moderator has an item open, and when their page last said so."""

    __tablename__ = "presences"

    item_id: Mapped[int] = mapped_column(sa.ForeignKey("queue_items.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    person: Mapped[Person] = relationship()


class SignalKind(enum.StrEnum):
    """What a moderator should look at in a text, or about it. None of them decides anything."""

    CRISIS = "crisis"
    IDENTIFYING = "identifying"
    LINK = "link"
    BLOCKED = "blocked"
    SUSPECT = "suspect"
    INSTRUCTION = "instruction"
    ADVERTISING = "advertising"
    NEAR_DUPLICATE = "near_duplicate"
    SHOUTING = "shouting"
    AUTHOR = "author"


class SignalRow(Model):
    """A signal about one revision. Positions, a code and numbers: never a copy of what somebody wrote.

    Revisions are named by kind and id, without a key of their own for each kind: nothing is ever looked up from here,
    and a revision is never deleted.
    """

    __tablename__ = "signals"
    __table_args__ = (sa.Index("ix_signals_revision", "of_kind", "revision_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    of_kind: Mapped[str] = mapped_column(sa.String(20))
    revision_id: Mapped[int]
    kind: Mapped[SignalKind] = mapped_column(coded(SignalKind))
    # Which explanation, see `signals.WHY`.
    code: Mapped[str] = mapped_column(sa.String(40))
    # title, body or advice; '' for what is about the whole.
    field: Mapped[str] = mapped_column(sa.String(10), default="")
    start: Mapped[int] = mapped_column(default=0)
    end: Mapped[int] = mapped_column(default=0)
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


class TextBand(Model):
    """One of the numbers by which texts nearly the same are found, see `screening.likeness`. Kept for 90 days."""

    __tablename__ = "text_bands"
    __table_args__ = (
        sa.Index("ix_text_bands_band", "band"),
        sa.Index("ix_text_bands_created_at", "created_at"),
        sa.Index("ix_text_bands_revision", "of_kind", "revision_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    band: Mapped[int] = mapped_column(sa.BigInteger)
    of_kind: Mapped[str] = mapped_column(sa.String(20))
    contribution_id: Mapped[int]
    revision_id: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class RulesVersion(Model):
    """The rules of screening as somebody saved them. The newest is in force; none is ever changed or deleted."""

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

    editor: Mapped[Person] = relationship()


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
