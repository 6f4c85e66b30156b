"""What waits, what was decided, what was reported, and what people are told of it."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.accounts.models import Person
from app.comments.models import Comment, CommentRevision
from app.foundation import clock
from app.foundation.database import Model, UTCDateTime, coded
from app.stories.models import Story, StoryRevision

# What is moderated: kind -> the contribution and its revisions.
KINDS: dict[str, type[Story | Comment]] = {"story": Story, "comment": Comment}
REVISIONS: dict[str, type[StoryRevision | CommentRevision]] = {
    "story": StoryRevision,
    "comment": CommentRevision,
}

ONE_CONTRIBUTION = (
    "(CASE WHEN story_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN comment_id IS NULL THEN 0 ELSE 1 END) = 1"
)


class Task(enum.StrEnum):
    """Why an item waits."""

    REVISION = "revision"
    REPORT = "report"


class Action(enum.StrEnum):
    """What a moderator decided."""

    APPROVE = "approve"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"
    HIDE = "hide"
    RESTORE = "restore"
    # A report was read and the contribution stays as it is.
    KEEP = "keep"


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
    def story_revision_id(cls) -> Mapped[int | None]:
        """The revision of the story that this is about."""
        return mapped_column(sa.ForeignKey("story_revisions.id"))

    @declared_attr
    def comment_revision_id(cls) -> Mapped[int | None]:
        """The revision of the comment that this is about."""
        return mapped_column(sa.ForeignKey("comment_revisions.id"))

    @declared_attr
    def story(cls) -> Mapped[Story | None]:
        """The story, if it is one."""
        return relationship(Story)

    @declared_attr
    def comment(cls) -> Mapped[Comment | None]:
        """The comment, if it is one."""
        return relationship(Comment)

    @declared_attr
    def story_revision(cls) -> Mapped[StoryRevision | None]:
        """The revision of the story."""
        return relationship(StoryRevision)

    @declared_attr
    def comment_revision(cls) -> Mapped[CommentRevision | None]:
        """The revision of the comment."""
        return relationship(CommentRevision)

    @property
    def kind(self) -> str:
        """'story' or 'comment'."""
        return "story" if self.story_id is not None else "comment"

    @property
    def contribution(self) -> Story | Comment:
        """What it is about."""
        thing = self.story if self.story_id is not None else self.comment
        assert thing is not None, "kept by a CHECK"
        return thing

    @property
    def revision(self) -> StoryRevision | CommentRevision | None:
        """The version of it that it is about, if it is about one."""
        return self.story_revision if self.story_id is not None else self.comment_revision


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
            for kind in ("story", "comment")
            for task, column, condition in (
                ("revision", f"{kind}_revision_id", "task = 'revision'"),
                ("report", f"{kind}_id", "task = 'report' AND closed_at IS NULL"),
            )
        ),
        sa.Index("ix_queue_items_waiting", "closed_at", "waiting_since", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[Task] = mapped_column(coded(Task))
    waiting_since: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Decision(OnContribution, Model):
    """A moderator's decision. Never changed and never deleted; holds ids only (its note is a row of its own)."""

    __tablename__ = "decisions"
    __table_args__ = (sa.CheckConstraint(ONE_CONTRIBUTION, name="one_contribution"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[Action] = mapped_column(coded(Action))
    reason: Mapped[str | None] = mapped_column(sa.String(40))
    moderator_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    moderator: Mapped[Person] = relationship()
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
