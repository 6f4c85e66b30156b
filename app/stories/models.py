"""Stories, drafts of them, thanks for them, and names in them that nobody knows. `questions` has their versions."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.contributions.drafts import Draft
from app.foundation.contributions.models import Contribution
from app.foundation.database import Model, UTCDateTime, enum_column
from app.foundation.text.strings import slugify
from app.stories.questions import (
    ReasonStopped,
    SideEffect,
    StoryRevision,
    TreatmentTried,
    UsedTogether,
)
from app.topics.models import Topic, TopicKind

__all__ = [
    "ReasonStopped",
    "SideEffect",
    "Story",
    "StoryDraft",
    "StoryRevision",
    "Thanks",
    "TreatmentTried",
    "UnlistedName",
    "UsedTogether",
    "slug_of",
]

# Pages about a story that stand where its slug stands: a title must not take their place.
OWN_ADDRESSES = frozenset({"edit", "withdraw", "report", "follow-up", "thanks"})


def slug_of(title: str) -> str:
    """The words of the address of a story with this title."""
    slug = slugify(title)
    return f"{slug}-story" if slug in OWN_ADDRESSES else slug


class Story(Contribution, Model):
    """A person's story at its address. What the public reads is its live revision."""

    __tablename__ = "stories"
    __table_args__ = (
        sa.UniqueConstraint("author_id", "submission_key"),
        sa.UniqueConstraint("source", "source_key"),
        # From a version that meets a filter to its story.
        sa.Index("ix_stories_live_revision_id", "live_revision_id"),
        sa.Index("ix_stories_published", "state", "published_at"),
        sa.Index("ix_stories_helpful", "state", "helpful", "published_at"),
    )

    kind = "story"
    kinds = "stories"

    author_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    live_revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("story_revisions.id", use_alter=True))
    # Sent with the form, so that sending it twice makes one story.
    submission_key: Mapped[str | None] = mapped_column(sa.String(40))
    # Invented for a demonstration; says so wherever it appears.
    is_invented: Mapped[bool] = mapped_column(default=False)
    # The import it came from and its row there.
    source: Mapped[str | None] = mapped_column(sa.String(80))
    source_key: Mapped[str | None] = mapped_column(sa.String(120))
    # How many say that it helped them, as far as that is shown: see `thanking`.
    helpful: Mapped[int] = mapped_column(default=0, server_default="0")

    author: Mapped[Person] = relationship()
    live: Mapped[StoryRevision | None] = relationship(foreign_keys=[live_revision_id], post_update=True)
    revisions: Mapped[list[StoryRevision]] = relationship(
        foreign_keys="StoryRevision.story_id", order_by="StoryRevision.number", viewonly=True
    )

    @property
    def url(self) -> str:
        """The address of its page, with its live title."""
        return url_for("stories.show", story_id=self.id, slug=self.slug)

    @property
    def slug(self) -> str:
        """The words of the address: of the live title only, since the address is public."""
        return slug_of(self.live.title if self.live else "story")


class Thanks(Model):
    """That a story helped somebody. Who it was is shown to nobody."""

    __tablename__ = "thanks"

    story_id: Mapped[int] = mapped_column(sa.ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class UnlistedName(Model):
    """A name in a version that the vocabulary does not have, and what staff made of it. Never public itself."""

    __tablename__ = "unlisted_names"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("story_revisions.id", ondelete="CASCADE"), index=True)
    # Which treatment it names; none where it names the condition.
    position: Mapped[int | None]
    about: Mapped[TopicKind] = mapped_column(enum_column(TopicKind))
    name: Mapped[str] = mapped_column(sa.String(200))
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topics.id"), index=True)

    revision: Mapped[StoryRevision] = relationship(back_populates="unlisted")
    topic: Mapped[Topic | None] = relationship()


class StoryDraft(Draft, Model):
    """What is still being written: the fields of the form as they stand, finished or not. Only its author sees it."""

    __tablename__ = "story_drafts"
    __table_args__ = (
        sa.UniqueConstraint("author_id", "key"),
        # Of a published story there is one draft at a time, the next version.
        sa.UniqueConstraint("story_id"),
    )

    story_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stories.id", ondelete="CASCADE"))

    story: Mapped[Story | None] = relationship()

    @property
    def title(self) -> str:
        """What it goes by among its author's drafts, as far as it has a title."""
        return str((self.fields.get("title") or [""])[0])

    @property
    def url(self) -> str:
        """Where it is gone on with."""
        return url_for("stories.draft", draft_id=self.id)

    @property
    def discard_url(self) -> str:
        """Where it is thrown away."""
        return url_for("stories.discard", draft_id=self.id)

    @property
    def what(self) -> str:
        """What it will be, where that is not a new story."""
        return str(gettext("the next version of a story")) if self.story_id else ""
