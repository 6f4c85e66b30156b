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
            step="words",
            missing=_("Enter a title"),
            too_long=_("Shorten the title. It can have up to %(most)s characters and yours has %(length)s."),
            refused=_("A title can have up to %(most)s characters."),
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
            hint=_("Leave out names, places and exact dates."),
            step="words",
            missing=_("Write your story"),
            too_short=_("Write a little more. A story needs at least %(least)s characters and yours has %(length)s."),
            too_long=_("Shorten your story. It can have up to %(most)s characters and yours has %(length)s."),
            refused=_("A story can have %(least)s to %(most)s characters."),
            wordless=_("Write your story in words."),
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
            hint=_("Start typing, then choose from the list."),
            step="what",
            missing=_("Enter a condition"),
            unlisted="condition_unlisted",
            unlisted_label=_("My condition isn’t listed. Use this name"),
            shown_name="condition_name",
            is_exposed=True,
            list_filter="condition",
        )
    )
    # None where an import does not say. Everyone who writes here answers.
    about: Mapped[About | None] = question_column(
        OneOf(
            label=_("Who is this story about?"),
            staff_label=_("Who it is about"),
            step="what",
            answers=About,
            preset=About.MYSELF,
            is_exposed=True,
        )
    )
    confirmed_by_clinician: Mapped[bool] = question_column(
        Tick(
            label=_("A doctor or nurse confirmed the condition"),
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
            too_long=_("Shorten the place on the body. It can have up to %(most)s characters."),
            refused=_("The place on the body can have up to %(most)s characters."),
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
            refused=_("A story can have %(least)s to %(most)s treatments."),
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
            hint=_("What you wish someone had told you."),
            step="sending",
            too_long=_("Shorten your advice. It can have up to %(most)s characters and yours has %(length)s."),
            refused=_("The advice can have up to %(most)s characters."),
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
            hint=_("Under your user name. You can withdraw it at any time."),
            step="sending",
            missing=_("Tick ‘Publish my story’ to send it. You can also save it as a draft."),
            refused=_("Tick ‘Publish my story’ to send it. You can also save it as a draft."),
        )
    )
    statistics_consent_at: Mapped[datetime | None] = question_column(
        Consent(
            name="statistics",
            label=_("Count my answers in the totals"),
            staff_label=_("Consent to be counted"),
            hint=_("As numbers, never with your name."),
            step="sending",
        )
    )
    follow_up_consent_at: Mapped[datetime | None] = question_column(
        Consent(
            name="follow_up",
            label=_("Ask me later how it’s going"),
            staff_label=_("Consent to be asked later"),
            hint=_("After 3 and 12 months."),
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
        return str(gettext("This story uses a name that isn’t in our list. Settle that name first."))

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
