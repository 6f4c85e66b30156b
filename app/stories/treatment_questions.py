"""The questions about each treatment of a story, and about its side effects: the columns of their rows.

A field is declared here only; its choices are in `answers`. The order of declaration is the order in the form and in
the list of its errors. `questions` has the questions about the story itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from app.foundation.database import Model, enum_column
from app.questionnaires.question_types import NamedTopic, OneOf, SeveralOf
from app.questionnaires.questions import Group, question_column, question_relationship
from app.stories.answers import Again, Companion, Duration, Effect, FirstEffect, Severity, Status, StopReason
from app.topics.models import Topic, TopicKind

if TYPE_CHECKING:
    from app.stories.questions import StoryRevision

# The limit of side effects of a treatment; it also applies to imports.
SIDE_EFFECTS_MOST = 10


class SideEffect(Model):
    """A side effect of a treatment, and how bad it was."""

    __tablename__ = "side_effects"
    __table_args__ = (sa.UniqueConstraint("tried_id", "topic_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    tried_id: Mapped[int] = mapped_column(sa.ForeignKey("treatments_tried.id", ondelete="CASCADE"))
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"), index=True)

    topic: Mapped[Topic] = question_relationship(
        NamedTopic(
            name="effect",
            label=_("Side effect"),
            about=TopicKind.EFFECT,
            is_exposed=True,
        )
    )
    severity: Mapped[Severity] = question_column(
        OneOf(
            label=_("How bad was it?"),
            staff_label=_("How bad"),
            answers=Severity,
            without=(Severity.NONE,),
            needed_with="effect",
            missing=_("Choose how bad it was"),
            is_exposed=True,
        )
    )


class ReasonStopped(Model):
    """One reason why a treatment was stopped early."""

    __tablename__ = "reasons_stopped"

    tried_id: Mapped[int] = mapped_column(sa.ForeignKey("treatments_tried.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[StopReason] = mapped_column(enum_column(StopReason), primary_key=True)


class UsedTogether(Model):
    """One thing that a treatment was used together with."""

    __tablename__ = "used_together"

    tried_id: Mapped[int] = mapped_column(sa.ForeignKey("treatments_tried.id", ondelete="CASCADE"), primary_key=True)
    companion: Mapped[Companion] = mapped_column(enum_column(Companion), primary_key=True)


class TreatmentTried(Model):
    """One treatment of a story, at its position in the order tried. Unanswered questions are None."""

    __tablename__ = "treatments_tried"
    __table_args__ = (
        sa.UniqueConstraint("revision_id", "position"),
        # Cover the filters of lists, so that no rows are read: from topics to revisions, and from a revision to topics.
        sa.Index("ix_treatments_tried_topic_effect", "topic_id", "effect", "revision_id"),
        sa.Index("ix_treatments_tried_of_revision", "revision_id", "topic_id", "effect"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("story_revisions.id", ondelete="CASCADE"))
    position: Mapped[int]
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"))

    topic: Mapped[Topic] = question_relationship(
        NamedTopic(
            name="treatment",
            label=_("Treatment"),
            hint=_("Brand names work too."),
            step="which",
            missing=_("Enter a treatment"),
            about=TopicKind.TREATMENT,
            unlisted="unlisted",
            unlisted_label=_("My treatment isn’t listed. Use this name"),
            shown_name="name",
            is_phrased=True,
            is_exposed=True,
            list_filter="treatment",
        )
    )
    effect: Mapped[Effect | None] = question_column(
        OneOf(
            label=_("How well did it work?"),
            step="which",
            answers=Effect,
            is_phrased=True,
            is_exposed=True,
            is_counted=True,
            list_filter="effect",
        )
    )
    duration: Mapped[Duration | None] = question_column(
        OneOf(
            label=_("How long did you use it?"),
            staff_label=_("Used for"),
            step="use",
            answers=Duration,
            is_phrased=True,
            is_exposed=True,
            list_filter="duration",
        )
    )
    status: Mapped[Status | None] = question_column(
        OneOf(
            label=_("Are you still using it?"),
            step="use",
            answers=Status,
            is_phrased=True,
            is_exposed=True,
        )
    )
    # Always in the same order: in a comparison of revisions, another order would look like a change.
    stop_reasons: Mapped[list[ReasonStopped]] = question_relationship(
        SeveralOf(
            label=_("Why did you stop early?"),
            step="use",
            answers=StopReason,
            model=ReasonStopped,
            column="reason",
            only_if=("status", Status.STOPPED),
            is_phrased=True,
            is_exposed=True,
            is_counted=True,
        ),
        cascade="all, delete-orphan",
        order_by="ReasonStopped.reason",
    )
    side_effects_overall: Mapped[Severity | None] = question_column(
        OneOf(
            label=_("How bad were the side effects?"),
            staff_label=_("Side effects overall"),
            step="side-effects",
            answers=Severity,
            is_phrased=True,
            is_exposed=True,
            is_counted=True,
            list_filter="side_effects",
        )
    )
    side_effects: Mapped[list[SideEffect]] = question_relationship(
        Group(
            label=_("Side effects"),
            step="side-effects",
            model=SideEffect,
            most=SIDE_EFFECTS_MOST,
            blank=2,
            distinct="effect",
            twice=_("You’ve added the same side effect twice. Remove one of them."),
            refused=_("A treatment can have up to %(most)s side effects."),
            unless=("side_effects_overall", Severity.NONE),
            is_phrased=True,
            is_exposed=True,
            is_counted=True,
        ),
        cascade="all, delete-orphan",
        order_by="SideEffect.id",
    )
    # Questions without a step are folded up below the others: 'Add more detail'.
    first_effect: Mapped[FirstEffect | None] = question_column(
        OneOf(
            label=_("When did you first notice a change?"),
            staff_label=_("First noticed an effect"),
            answers=FirstEffect,
            unless=("effect", Effect.TOO_EARLY),
            is_phrased=True,
            is_counted=True,
        )
    )
    again: Mapped[Again | None] = question_column(
        OneOf(label=_("Would you choose it again?"), answers=Again, is_phrased=True, is_exposed=True, is_counted=True)
    )
    companions: Mapped[list[UsedTogether]] = question_relationship(
        SeveralOf(
            label=_("Did you use anything with it?"),
            staff_label=_("Used together with"),
            answers=Companion,
            model=UsedTogether,
            column="companion",
            is_phrased=True,
            is_exposed=True,
        ),
        cascade="all, delete-orphan",
        order_by="UsedTogether.companion",
    )

    revision: Mapped[StoryRevision] = relationship(back_populates="treatments")

    @classmethod
    def is_last_for_topic(cls) -> sa.ColumnElement[bool]:
        """The SQL condition for the last entry about its topic in a revision: one that no later entry repeats."""
        later = aliased(cls)
        return ~sa.exists().where(
            later.revision_id == cls.revision_id, later.topic_id == cls.topic_id, later.position > cls.position
        )

    @property
    def name(self) -> str:
        """The name of the treatment; if it is not in the vocabulary, as the author wrote it."""
        return self.topic.name if self.topic.is_listed else self.revision.named(self)

    @property
    def effect_label(self) -> str | None:
        """How well it worked, such as 'very well'; None if not answered."""
        return self.effect.words if self.effect else None

    @property
    def duration_label(self) -> str | None:
        """How long it was used, such as '3 to 6 months'; None if not answered."""
        return self.duration.words if self.duration else None

    @property
    def status_label(self) -> str | None:
        """The status, such as 'finished the course'; None if not answered, or if `stopped_label` says it already."""
        return self.status.words if self.status and not self.stop_reasons else None

    @property
    def side_effects_label(self) -> str | None:
        """The side effects, such as 'mild side effects: itch, blistering'; None if none of it was answered."""
        which = ", ".join(effect.topic.name.lower() for effect in self.side_effects)
        if self.side_effects_overall is Severity.NONE:
            return str(gettext("no side effects"))
        if self.side_effects_overall is None:
            return str(gettext("side effects: %(which)s", which=which)) if which else None
        how = gettext("%(severity)s side effects", severity=self.side_effects_overall.words)
        return f"{how}: {which}" if which else how

    @property
    def stopped_label(self) -> str | None:
        """Why it was stopped, such as 'stopped early: side effects, cost'; None if no reason was given."""
        if not self.stop_reasons:
            return None
        reasons = ", ".join(str(each.reason.words) for each in self.stop_reasons)
        return str(gettext("stopped early: %(reasons)s", reasons=reasons))

    @property
    def companions_label(self) -> str | None:
        """What it was used with, such as 'together with moisturiser'; None if not answered."""
        which = ", ".join(str(each.companion.words) for each in self.companions)
        return str(gettext("together with %(which)s", which=which)) if which else None

    @property
    def again_label(self) -> str | None:
        """Whether the author would choose it again, such as 'would choose it again'; None if not answered."""
        words = {
            Again.YES: gettext("would choose it again"),
            Again.NO: gettext("would not choose it again"),
            Again.NOT_SURE: gettext("not sure about choosing it again"),
        }
        return words[self.again] if self.again else None

    @property
    def phrases(self) -> list[str]:
        """The name and every answer given, as phrases that staff pages join on one line."""
        first = self.first_effect
        phrases = (
            self.name,
            self.effect_label,
            self.duration_label,
            self.status_label,
            gettext("first effect: %(when)s", when=first.words) if first else None,
            self.side_effects_label,
            self.stopped_label,
            self.companions_label,
            self.again_label,
        )
        return [str(phrase) for phrase in phrases if phrase]
