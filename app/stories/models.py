"""Stories, their revisions with the treatments tried, and drafts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.contributions.drafts import Draft
from app.foundation.contributions.models import Contribution
from app.foundation.contributions.revisions import Revision, one_pending_index
from app.foundation.database import Model, UTCDateTime, enum_column
from app.foundation.text.markup import RenderedHTML
from app.foundation.text.strings import slugify
from app.stories.answers import (
    About,
    Again,
    AgeBand,
    Companion,
    Duration,
    Effect,
    FirstEffect,
    Severity,
    Sex,
    Status,
    StopReason,
)
from app.topics.models import Topic, TopicKind

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


class StoryRevision(Revision, Model):
    """One version of a story, as its author sent it."""

    __tablename__ = "story_revisions"
    __table_args__ = (
        sa.UniqueConstraint("story_id", "number"),
        one_pending_index("story"),
    )

    kind = "story"

    story_id: Mapped[int] = mapped_column(sa.ForeignKey("stories.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    body_source: Mapped[str] = mapped_column(sa.Text)
    body_html: Mapped[str] = mapped_column(RenderedHTML)
    advice_source: Mapped[str] = mapped_column(sa.Text, default="")
    advice_html: Mapped[str] = mapped_column(RenderedHTML)
    condition_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"), index=True)
    about: Mapped[About] = mapped_column(enum_column(About), default=About.MYSELF)
    confirmed_by_clinician: Mapped[bool] = mapped_column(default=False)
    age_band: Mapped[AgeBand | None] = mapped_column(enum_column(AgeBand))
    sex: Mapped[Sex | None] = mapped_column(enum_column(Sex))
    body_place: Mapped[str] = mapped_column(sa.String(80), default="")
    # Each consent by the time it was given; none is none.
    publish_consent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    statistics_consent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    follow_up_consent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    story: Mapped[Story] = relationship(foreign_keys=[story_id])
    condition: Mapped[Topic] = relationship()
    treatments: Mapped[list[TreatmentTried]] = relationship(
        back_populates="revision", cascade="all, delete-orphan", order_by="TreatmentTried.position"
    )

    @property
    def contribution(self) -> Story:
        """The story this is a version of."""
        return self.story

    # Names that stood in no list when it was sent; see `unlisted`.
    unlisted: Mapped[list[UnlistedName]] = relationship(
        back_populates="revision", cascade="all, delete-orphan", order_by="UnlistedName.id"
    )

    @property
    def topics(self) -> list[Topic]:
        """Its condition and treatments, each once, as far as they are in the vocabulary."""
        named = [self.condition, *(tried.topic for tried in self.treatments)]
        return list(dict.fromkeys(topic for topic in named if topic.is_listed))

    @property
    def condition_name(self) -> str:
        """The name of its condition, in its author's words where it is not in the vocabulary."""
        return self.condition.name if self.condition.is_listed else self.named(None)

    def named(self, tried: TreatmentTried | None) -> str:
        """What the author called a treatment, or the condition, that is not in the vocabulary."""
        topic, position = (tried.topic, tried.position) if tried else (self.condition, None)
        return next((each.name for each in self.unlisted if each.position == position), topic.name)

    @property
    def obstacle(self) -> str | None:
        """A name that is in no list has to be settled first."""
        if self.condition.is_listed and all(tried.topic.is_listed for tried in self.treatments):
            return None
        return str(gettext("It names something that is not in the vocabulary. Please settle that name first."))


class TreatmentTried(Model):
    """One treatment in the order tried, and how it went. Unanswered questions are null."""

    __tablename__ = "treatments_tried"
    __table_args__ = (
        sa.UniqueConstraint("revision_id", "position"),
        # What lists are filtered by, without reading the rows: from topics to versions, and from a version to topics.
        sa.Index("ix_treatments_tried_topic_effect", "topic_id", "effect", "revision_id"),
        sa.Index("ix_treatments_tried_of_revision", "revision_id", "topic_id", "effect"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("story_revisions.id", ondelete="CASCADE"))
    position: Mapped[int]
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"))
    status: Mapped[Status | None] = mapped_column(enum_column(Status))
    duration: Mapped[Duration | None] = mapped_column(enum_column(Duration))
    effect: Mapped[Effect | None] = mapped_column(enum_column(Effect))
    first_effect: Mapped[FirstEffect | None] = mapped_column(enum_column(FirstEffect))
    side_effects_overall: Mapped[Severity | None] = mapped_column(enum_column(Severity))
    again: Mapped[Again | None] = mapped_column(enum_column(Again))

    revision: Mapped[StoryRevision] = relationship(back_populates="treatments")
    topic: Mapped[Topic] = relationship()
    side_effects: Mapped[list[SideEffect]] = relationship(cascade="all, delete-orphan", order_by="SideEffect.id")
    # In one order always: where versions are compared, another order would read as a change.
    stop_reasons: Mapped[list[ReasonStopped]] = relationship(
        cascade="all, delete-orphan", order_by="ReasonStopped.reason"
    )
    companions: Mapped[list[UsedTogether]] = relationship(
        cascade="all, delete-orphan", order_by="UsedTogether.companion"
    )

    @classmethod
    def is_last_word(cls) -> sa.ColumnElement[bool]:
        """What a story says last of a treatment, if it tells of it more than once."""
        later = aliased(cls)
        return ~sa.exists().where(
            later.revision_id == cls.revision_id, later.topic_id == cls.topic_id, later.position > cls.position
        )

    @property
    def name(self) -> str:
        """The name of the treatment, in the author's words where it is not in the vocabulary."""
        return self.topic.name if self.topic.is_listed else self.revision.named(self)

    @property
    def effect_label(self) -> str | None:
        """'very well', if they said."""
        return self.effect.words if self.effect else None

    @property
    def duration_label(self) -> str | None:
        """'3 to 6 months', if they said."""
        return self.duration.words if self.duration else None

    @property
    def status_label(self) -> str | None:
        """'finished the course', unless the reasons for stopping say it."""
        return self.status.words if self.status and not self.stop_reasons else None

    @property
    def side_effects_label(self) -> str | None:
        """'mild side effects: itch, blistering', as far as they said."""
        which = ", ".join(effect.topic.name.lower() for effect in self.side_effects)
        if self.side_effects_overall is Severity.NONE:
            return str(gettext("no side effects"))
        if self.side_effects_overall is None:
            return str(gettext("side effects: %(which)s", which=which)) if which else None
        how = gettext("%(severity)s side effects", severity=self.side_effects_overall.words)
        return f"{how}: {which}" if which else how

    @property
    def stopped_label(self) -> str | None:
        """'stopped early: side effects, cost', if they did."""
        if not self.stop_reasons:
            return None
        reasons = ", ".join(str(each.reason.words) for each in self.stop_reasons)
        return str(gettext("stopped early: %(reasons)s", reasons=reasons))

    @property
    def companions_label(self) -> str | None:
        """'together with moisturiser', if they said."""
        which = ", ".join(str(each.companion.words) for each in self.companions)
        return str(gettext("together with %(which)s", which=which)) if which else None

    @property
    def again_label(self) -> str | None:
        """'would choose it again', if they said."""
        words = {
            Again.YES: gettext("would choose it again"),
            Again.NO: gettext("would not choose it again"),
            Again.NOT_SURE: gettext("not sure about choosing it again"),
        }
        return words[self.again] if self.again else None


class SideEffect(Model):
    """A side effect that was noticed, and how bad it was."""

    __tablename__ = "side_effects"
    __table_args__ = (sa.UniqueConstraint("tried_id", "topic_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tried_id: Mapped[int] = mapped_column(sa.ForeignKey("treatments_tried.id", ondelete="CASCADE"))
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"), index=True)
    severity: Mapped[Severity] = mapped_column(enum_column(Severity))

    topic: Mapped[Topic] = relationship()


class ReasonStopped(Model):
    """One reason why a treatment was stopped early."""

    __tablename__ = "reasons_stopped"

    tried_id: Mapped[int] = mapped_column(sa.ForeignKey("treatments_tried.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[StopReason] = mapped_column(enum_column(StopReason), primary_key=True)


class UsedTogether(Model):
    """What a treatment was used together with."""

    __tablename__ = "used_together"

    tried_id: Mapped[int] = mapped_column(sa.ForeignKey("treatments_tried.id", ondelete="CASCADE"), primary_key=True)
    companion: Mapped[Companion] = mapped_column(enum_column(Companion), primary_key=True)


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
