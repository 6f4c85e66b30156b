"""Models of follow-ups, their revisions, the answers about each treatment, and drafts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.foundation.contributions.drafts import Draft
from app.foundation.contributions.models import Contribution
from app.foundation.contributions.revisions import Revision, revision_constraints
from app.foundation.database import Model
from app.foundation.text.markup import RenderedHTML
from app.questionnaires.question_types import OneOf, Prose
from app.questionnaires.questions import ForEachTopic, question_column, question_relationship
from app.stories.answers import BackAgain, Effect, StillUsing
from app.stories.models import Story
from app.topics.models import Topic

# The longest text, in characters.
BODY_MAX_LENGTH = 5_000


class FollowUp(Contribution, Model):
    """A later report by the author of a story. Shown below the story, and public only while the story is."""

    __tablename__ = "follow_ups"
    __table_args__ = (sa.UniqueConstraint("author_id", "submission_key"),)

    kind = "follow_up"
    kinds = "follow-ups"

    author_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    story_id: Mapped[int] = mapped_column(sa.ForeignKey("stories.id"), index=True)
    live_revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("follow_up_revisions.id", use_alter=True))
    submission_key: Mapped[str | None] = mapped_column(sa.String(40))
    is_invented: Mapped[bool] = mapped_column(default=False)

    author: Mapped[Person] = relationship()
    story: Mapped[Story] = relationship()
    live: Mapped[FollowUpRevision | None] = relationship(foreign_keys=[live_revision_id], post_update=True)
    revisions: Mapped[list[FollowUpRevision]] = relationship(
        foreign_keys="FollowUpRevision.follow_up_id", order_by="FollowUpRevision.number", viewonly=True
    )

    @classmethod
    def public(cls) -> sa.ColumnElement[bool]:
        """The SQL condition for follow-ups that everybody may read: published, of a public story."""
        return sa.and_(cls.published(), Story.public_with_id(cls.story_id))

    @property
    def url(self) -> str:
        """The address of the follow-up, which redirects to its place on the page of the story."""
        return url_for("follow_ups.show", follow_up_id=self.id)

    @property
    def time_later(self) -> str:
        """The time from the publication of the story to the follow-up in words, such as '6 months later'."""
        return time_later(self.story.published_at or self.story.created_at, self.created_at)

    @property
    def heading(self) -> str:
        """The title of the follow-up away from its story, such as '6 months later: Half a year, week by week'."""
        live = self.story.live
        return (
            str(gettext("%(later)s: %(title)s", later=self.time_later, title=live.title)) if live else self.time_later
        )


class TreatmentNow(Model):
    """The answers about one treatment of the story in a follow-up. Unanswered questions are None."""

    __tablename__ = "treatments_now"

    revision_id: Mapped[int] = mapped_column(
        sa.ForeignKey("follow_up_revisions.id", ondelete="CASCADE"), primary_key=True
    )
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"), primary_key=True, index=True)
    position: Mapped[int]
    effect: Mapped[Effect | None] = question_column(
        OneOf(
            label=_("How well did it work, looking back?"),
            answers=Effect,
            is_phrased=True,
            is_exposed=True,
            is_counted=True,
        )
    )
    still_using: Mapped[StillUsing | None] = question_column(
        OneOf(label=_("Are you still using it?"), answers=StillUsing, is_phrased=True, is_exposed=True)
    )

    revision: Mapped[FollowUpRevision] = relationship(back_populates="treatments")
    topic: Mapped[Topic] = relationship()

    @property
    def effect_label(self) -> str | None:
        """How well it worked, such as 'very well'; None if not answered."""
        return self.effect.words if self.effect else None

    @property
    def still_using_label(self) -> str | None:
        """Whether it is still used, such as 'still using it'; None if not answered."""
        return self.still_using.words if self.still_using else None

    @property
    def phrases(self) -> list[str]:
        """The answers given, as phrases that pages join on one line."""
        return [str(label) for label in (self.effect_label, self.still_using_label) if label]


class FollowUpRevision(Revision, Model):
    """One revision of a follow-up, with the answers as its author submitted them."""

    __tablename__ = "follow_up_revisions"
    __table_args__ = revision_constraints("follow_up")

    kind = "follow_up"

    follow_up_id: Mapped[int] = mapped_column(sa.ForeignKey("follow_ups.id"), index=True)

    back_again: Mapped[BackAgain | None] = question_column(
        OneOf(label=_("Has it come back?"), answers=BackAgain, is_exposed=True)
    )

    treatments: Mapped[list[TreatmentNow]] = question_relationship(
        ForEachTopic(
            label=_("The treatments"),
            staff_label=_("%(topic)s now"),
            model=TreatmentNow,
            is_exposed=True,
        ),
        back_populates="revision",
        cascade="all, delete-orphan",
        order_by="TreatmentNow.position",
    )
    body_source: Mapped[str] = question_column(
        Prose(
            name="body",
            html="body_html",
            label=_("How is it now?"),
            hint=_("Optional. Leave out names, places and exact dates."),
            too_long=_("Shorten your follow-up. It can have up to %(most)s characters and yours has %(length)s."),
            refused=_("A follow-up can have up to %(most)s characters. Yours has %(length)s."),
            most=BODY_MAX_LENGTH,
            is_exposed=True,
            is_screened=True,
        )
    )
    body_html: Mapped[str] = mapped_column(RenderedHTML)

    follow_up: Mapped[FollowUp] = relationship(foreign_keys=[follow_up_id])


class FollowUpDraft(Draft, Model):
    """An unfinished follow-up, or the next revision of one. Only its author sees it."""

    __tablename__ = "follow_up_drafts"
    __table_args__ = (
        # At most one draft of a new follow-up for each story, and one of the next revision of each follow-up.
        sa.UniqueConstraint("follow_up_id"),
        sa.Index("ix_follow_up_drafts_author_id", "author_id"),
        sa.Index(
            "uq_follow_up_drafts_new",
            "story_id",
            unique=True,
            sqlite_where=sa.text("follow_up_id IS NULL"),
            postgresql_where=sa.text("follow_up_id IS NULL"),
        ),
    )

    story_id: Mapped[int] = mapped_column(sa.ForeignKey("stories.id", ondelete="CASCADE"), index=True)
    follow_up_id: Mapped[int | None] = mapped_column(sa.ForeignKey("follow_ups.id", ondelete="CASCADE"))

    story: Mapped[Story] = relationship()
    follow_up: Mapped[FollowUp | None] = relationship()

    @property
    def title(self) -> str:
        """The title by which the draft is listed for its author."""
        live = self.story.live
        return str(gettext("How it is now: %(title)s", title=live.title)) if live else str(gettext("How it is now"))

    @property
    def url(self) -> str:
        """The address at which its author continues the draft."""
        if self.follow_up_id is None:
            return url_for("follow_ups.new", story_id=self.story_id)
        return url_for("follow_ups.edit", follow_up_id=self.follow_up_id)

    @property
    def discard_url(self) -> str:
        """The address to which the form that deletes the draft is posted."""
        if self.follow_up_id is None:
            return url_for("follow_ups.discard_new_draft", story_id=self.story_id)
        return url_for("follow_ups.discard_edit_draft", follow_up_id=self.follow_up_id)

    @property
    def description(self) -> str:
        """What the draft is of, in words: a new follow-up, or the next revision of one."""
        return str(gettext("the next version of a follow-up") if self.follow_up_id else gettext("a follow-up"))


def months_between(first: datetime, then: datetime) -> int:
    """The whole months from `first` to `then`; 0 if `then` is earlier."""
    months = 12 * (then.year - first.year) + then.month - first.month
    return max(0, months - (then.day < first.day))


def time_later(first: datetime, then: datetime) -> str:
    """The time from `first` to `then` in words: in days, from one month on in months, from two years on in years."""
    months = months_between(first, then)
    if months >= 24:
        return str(ngettext("%(num)s year later", "%(num)s years later", months // 12))
    if months:
        return str(ngettext("%(num)s month later", "%(num)s months later", months))
    days = max(0, (then - first).days)
    return str(ngettext("%(num)s day later", "%(num)s days later", days)) if days else str(gettext("the same day"))
