"""The questions of a story: the columns of a revision. `treatment_questions` has those about each of its treatments.

A field is declared here only; its choices are in `answers`. The order of declaration is the order in the form and in
the list of its errors. `app.questionnaires.questions` explains how questions are declared.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation.contributions.revisions import Revision, RevisionState, revision_constraints
from app.foundation.database import Model
from app.foundation.text.markup import RenderedHTML
from app.questionnaires.question_types import Consent, NamedTopic, OneLine, OneOf, Prose, Tick
from app.questionnaires.questions import Group, exposed_answers, question_column, question_relationship
from app.stories.answers import About, AgeBand, Sex
from app.stories.treatment_questions import TreatmentTried
from app.topics.models import Topic, TopicKind

if TYPE_CHECKING:
    from app.stories.models import Story, UnlistedName

# Limits, in characters and in entries. All but BODY_MIN_LENGTH also apply to imports.
TITLE_MAX_LENGTH = 120
BODY_MIN_LENGTH = 50
BODY_MAX_LENGTH = 20_000
ADVICE_MAX_LENGTH = 2_000
PLACE_MAX_LENGTH = 60
TREATMENTS_MOST = 8


_UNREAD = sa.text("state = 'approved' AND decided_at IS NULL")


class StoryRevision(Revision, Model):
    """One revision of a story, with the answers as its author submitted them."""

    __tablename__ = "story_revisions"
    __table_args__ = (
        *revision_constraints("story"),
        # Finds what was published without a decision; see `queries.unread_exist`.
        sa.Index("ix_story_revisions_unread", "story_id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
    )

    kind = "story"

    story_id: Mapped[int] = mapped_column(sa.ForeignKey("stories.id"), index=True)
    condition_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"), index=True)

    title: Mapped[str] = question_column(
        OneLine(
            label=_("Title"),
            hint=_(
                "What somebody looking for it would want to know. Up to %(most)d characters.", most=TITLE_MAX_LENGTH
            ),
            step="words",
            missing=_("Please give your story a title."),
            refused="A title has 1 to {most} characters.",
            most=TITLE_MAX_LENGTH,
            column_length=200,
            is_exposed=True,
            is_screened=True,
        )
    )
    body_source: Mapped[str] = question_column(
        Prose(
            name="body",
            html="body_html",
            label=_("Your story"),
            hint=_(
                "Between %(least)d and %(most)s characters. A blank line begins a new paragraph. Leave out names,"
                " places and exact dates: yours and other people's.",
                least=BODY_MIN_LENGTH,
                most=f"{BODY_MAX_LENGTH:,}",
            ),
            step="words",
            missing=_("Please tell your story in your own words."),
            too_short=_("Please write a little more: a story has at least %(least)d characters, yours has %(length)d."),
            too_long=_("Please shorten your story: it may have %(most)d characters, yours has %(length)d."),
            refused="A story has {least} to {most:,} characters.",
            wordless="Please tell your story in words.",
            least=BODY_MIN_LENGTH,
            most=BODY_MAX_LENGTH,
            is_exposed=True,
            is_screened=True,
        )
    )
    body_html: Mapped[str] = mapped_column(RenderedHTML)
    condition: Mapped[Topic] = question_relationship(
        NamedTopic(
            label=_("Condition"),
            about=TopicKind.CONDITION,
            hint=_("Any of its names; suggestions appear as you type."),
            step="what",
            missing=_("Which condition is your story about?"),
            unlisted="condition_unlisted",
            unlisted_label=_("The condition is not listed: send it under this name"),
            shown_name="condition_name",
            is_exposed=True,
            list_filter="condition",
        )
    )
    # None where an import does not say. Everybody who writes here answers.
    about: Mapped[About | None] = question_column(
        OneOf(
            label=_("Whom is it about?"),
            staff_label=_("Whom it is about"),
            step="what",
            answers=About,
            preset=About.MYSELF,
            is_radio=True,
            is_exposed=True,
        )
    )
    confirmed_by_clinician: Mapped[bool] = question_column(
        Tick(
            label=_("A clinician confirmed the condition"),
            staff_label=_("Confirmed by a clinician"),
            step="what",
            is_exposed=True,
        )
    )
    age_band: Mapped[AgeBand | None] = question_column(
        OneOf(label=_("Age"), step="what", answers=AgeBand, is_exposed=True)
    )
    sex: Mapped[Sex | None] = question_column(OneOf(label=_("Sex"), step="what", answers=Sex, is_exposed=True))
    body_place: Mapped[str] = question_column(
        OneLine(
            label=_("Place on the body"),
            step="what",
            refused="The place on the body has at most {most} characters.",
            most=PLACE_MAX_LENGTH,
            column_length=80,
            is_exposed=True,
        ),
        default="",
    )
    treatments: Mapped[list[TreatmentTried]] = question_relationship(
        Group(
            label=_("Treatments"),
            staff_label=_("Treatment %(number)d"),
            step="treatments",
            model=TreatmentTried,
            least=1,
            most=TREATMENTS_MOST,
            refused="A story tells of {least} to {most} treatments.",
            is_exposed=True,
        ),
        back_populates="revision",
        cascade="all, delete-orphan",
        order_by="TreatmentTried.position",
    )
    advice_source: Mapped[str] = question_column(
        Prose(
            name="advice",
            html="advice_html",
            label=_("Advice to someone starting out"),
            hint=_("If you like. What you wish somebody had told you."),
            step="to-others",
            refused="The advice has at most {most:,} characters.",
            most=ADVICE_MAX_LENGTH,
            is_exposed=True,
            is_screened=True,
        ),
        default="",
    )
    advice_html: Mapped[str] = mapped_column(RenderedHTML)
    publish_consent_at: Mapped[datetime | None] = question_column(
        Consent(
            name="publish",
            label=_("Publish my story"),
            staff_label=_("Consent to publish"),
            hint=_("After a moderator has read it, under your user name. You can withdraw it at any time."),
            step="sending",
            missing=_("To send your story we need your consent to publish it. You can keep it as a draft without."),
            refused="Please agree to publication: without it the story can only be kept as a draft.",
        )
    )
    statistics_consent_at: Mapped[datetime | None] = question_column(
        Consent(
            name="statistics",
            label=_("Count my answers in what the stories add up to"),
            staff_label=_("Consent to be counted"),
            hint=_("As numbers only, never with your name."),
            step="sending",
        )
    )
    follow_up_consent_at: Mapped[datetime | None] = question_column(
        Consent(
            name="follow_up",
            label=_("Ask me later how it went on"),
            staff_label=_("Consent to be asked later"),
            hint=_("After 3 and 12 months, under ‘Your contributions’. An answer or two is enough."),
            step="sending",
        )
    )

    story: Mapped[Story] = relationship(foreign_keys=[story_id])

    # The names that were not in the vocabulary when it was submitted; see `unlisted_names`.
    unlisted: Mapped[list[UnlistedName]] = relationship(
        back_populates="revision", cascade="all, delete-orphan", order_by="UnlistedName.id"
    )

    @property
    def topics(self) -> list[Topic]:
        """The condition and the treatments that are in the vocabulary, without duplicates."""
        named = [self.condition, *(tried.topic for tried in self.treatments)]
        return list(dict.fromkeys(topic for topic in named if topic.is_listed))

    @property
    def is_unread(self) -> bool:
        """Whether it was imported as public: no moderator has read it."""
        return self.state is RevisionState.APPROVED and self.decided_at is None

    @property
    def condition_name(self) -> str:
        """The name of the condition; if it is not in the vocabulary, as the author wrote it."""
        return self.condition.name if self.condition.is_listed else self.named(None)

    def named(self, tried: TreatmentTried | None) -> str:
        """The name as the author wrote it of an unlisted treatment, or of the unlisted condition if `tried` is None."""
        topic, position = (tried.topic, tried.position) if tried else (self.condition, None)
        return next((each.name for each in self.unlisted if each.position == position), topic.name)

    @property
    def obstacle(self) -> str | None:
        """Why the revision cannot be published yet: it has an unlisted name that staff must settle. None if it can."""
        if self.condition.is_listed and all(tried.topic.is_listed for tried in self.treatments):
            return None
        return str(gettext("It names something that is not in the vocabulary. Please settle that name first."))

    @property
    def other_answers(self) -> list[tuple[str, str]]:
        """The public answers as (label, words), without those that the template draws itself."""
        return exposed_answers(self, but=DRAWN)


# The names of the questions whose answers `stories/_reading.html` draws itself.
DRAWN = frozenset(
    {
        "title",
        "body",
        "condition",
        "about",
        "confirmed_by_clinician",
        "age_band",
        "sex",
        "body_place",
        "treatments",
        "advice",
    }
)
