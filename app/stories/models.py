"""Models of stories, drafts, thanks and unlisted names. The revisions of stories are in `questions`."""

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
from app.stories.questions import StoryRevision
from app.stories.treatment_questions import ReasonStopped, SideEffect, TreatmentTried, UsedTogether
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

# The last parts of the addresses of other pages about a story, so that no slug may be equal to them.
OWN_ADDRESSES = frozenset({"edit", "withdraw", "report", "follow-up", "thanks"})


def slug_of(title: str) -> str:
    """The slug in the address of a story with this title. Never one of OWN_ADDRESSES."""
    slug = slugify(title)
    return f"{slug}-story" if slug in OWN_ADDRESSES else slug


class Story(Contribution, Model):
    """A person's story. The public reads its live revision."""

    __tablename__ = "stories"
    __table_args__ = (
        sa.UniqueConstraint("author_id", "submission_key"),
        sa.UniqueConstraint("source", "source_key"),
        # Finds the story of a revision that matches a filter.
        sa.Index("ix_stories_live_revision_id", "live_revision_id"),
        sa.Index("ix_stories_published", "state", "published_at"),
        sa.Index("ix_stories_helpful", "state", "helpful", "published_at"),
    )

    kind = "story"
    kinds = "stories"

    author_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    live_revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("story_revisions.id", use_alter=True))
    # The key of the form, so that submitting it twice creates one story.
    submission_key: Mapped[str | None] = mapped_column(sa.String(40))
    # Whether it was invented for a demonstration, which every page that shows it says.
    is_invented: Mapped[bool] = mapped_column(default=False)
    # For imported stories: the name of the import, and the key of the row in it.
    source: Mapped[str | None] = mapped_column(sa.String(80))
    source_key: Mapped[str | None] = mapped_column(sa.String(120))
    # The number of thanks, or 0 while it is below `thanks.MIN_SHOWN`.
    helpful: Mapped[int] = mapped_column(default=0, server_default="0")

    author: Mapped[Person] = relationship()
    live: Mapped[StoryRevision | None] = relationship(foreign_keys=[live_revision_id], post_update=True)
    revisions: Mapped[list[StoryRevision]] = relationship(
        foreign_keys="StoryRevision.story_id", order_by="StoryRevision.number", viewonly=True
    )

    @property
    def url(self) -> str:
        """The address of the page of the story, with the slug of its live title."""
        return url_for("stories.show", story_id=self.id, slug=self.slug)

    @property
    def slug(self) -> str:
        """The slug of the live title, or 'story' if nothing is live: the address is public, a pending title is not."""
        return slug_of(self.live.title if self.live else "story")


class Thanks(Model):
    """A record that a story helped a person. Nobody is shown whose it is."""

    __tablename__ = "thanks"

    story_id: Mapped[int] = mapped_column(sa.ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class UnlistedName(Model):
    """A name in a revision that the vocabulary does not have, and the topic staff settled it as. Never public."""

    __tablename__ = "unlisted_names"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("story_revisions.id", ondelete="CASCADE"), index=True)
    # The position of the treatment that it names; None if it names the condition.
    position: Mapped[int | None]
    about: Mapped[TopicKind] = mapped_column(enum_column(TopicKind))
    name: Mapped[str] = mapped_column(sa.String(200))
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topics.id"), index=True)

    revision: Mapped[StoryRevision] = relationship(back_populates="unlisted")
    topic: Mapped[Topic | None] = relationship()


class StoryDraft(Draft, Model):
    """An unfinished story, or the next revision of one: the fields of the form as typed. Only its author sees it."""

    __tablename__ = "story_drafts"
    __table_args__ = (
        sa.UniqueConstraint("author_id", "key"),
        # A story that was submitted has at most one draft, of its next revision.
        sa.UniqueConstraint("story_id"),
    )

    story_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stories.id", ondelete="CASCADE"))

    story: Mapped[Story | None] = relationship()

    @property
    def title(self) -> str:
        """The title typed so far, by which the draft is listed for its author; empty if there is none."""
        return str((self.fields.get("title") or [""])[0])

    @property
    def url(self) -> str:
        """The address at which its author continues the draft."""
        return url_for("stories.draft", draft_id=self.id)

    @property
    def discard_url(self) -> str:
        """The address to which the form that deletes the draft is posted."""
        return url_for("stories.discard", draft_id=self.id)

    @property
    def description(self) -> str:
        """What the draft is of, in words, if it is not a new story; otherwise empty."""
        return str(gettext("the next version of a story")) if self.story_id else ""
