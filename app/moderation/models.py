"""What waits, what was decided, what was reported, and what people are told of it."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, query_expression, relationship

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
    def contribution_id(self) -> int:
        """The id of what it is about, which need not be loaded for it."""
        return int(getattr(self, f"{self.kind}_id"))

    @classmethod
    def written_by(cls, person: Person) -> sa.ColumnElement[bool]:
        """Those about what this person wrote. Each kind by its own index: these tables grow for ever."""
        theirs = (
            getattr(cls, f"{kind}_id").in_(sa.select(model.id).where(model.author_id == person.id))
            for kind, model in KINDS.items()
        )
        return sa.or_(*theirs)

    def is_on(self, contribution: AnyContribution) -> bool:
        """Whether it is about this one."""
        return (self.kind, self.contribution_id) == (contribution.kind, contribution.id)

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

    # How many signals there are about its version, where the queue is read; see `choosing`.
    signals: Mapped[int | None] = query_expression()

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
        sa.Index("ix_decisions_created_at", "created_at"),
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
