"""What a version of a story says: from the form's answers to a revision, and back to the form's fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.foundation import clock
from app.foundation.errors import Refused
from app.foundation.text import markup
from app.foundation.text.markup import RENDERER_VERSION
from app.foundation.text.rendered_text import RenderedText
from app.foundation.text.strings import has_words
from app.stories import limits
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
from app.stories.models import ReasonStopped, SideEffect, StoryRevision, TreatmentTried, UsedTogether
from app.topics.models import Topic


@dataclass(frozen=True)
class TreatmentAnswers:
    """What the person says about one treatment; None where they did not say."""

    topic: Topic
    status: Status | None = None
    duration: Duration | None = None
    effect: Effect | None = None
    first_effect: FirstEffect | None = None
    side_effects_overall: Severity | None = None
    side_effects: Mapping[Topic, Severity] = field(default_factory=dict)
    stop_reasons: frozenset[StopReason] = frozenset()
    companions: frozenset[Companion] = frozenset()
    again: Again | None = None


@dataclass(frozen=True)
class StoryContent:
    """Everything a version of a story says, ready to be kept: texts rendered, names resolved to topics."""

    title: str
    body: RenderedText
    condition: Topic
    treatments: tuple[TreatmentAnswers, ...]
    publish: bool
    advice: RenderedText = RenderedText.EMPTY
    about: About = About.MYSELF
    confirmed_by_clinician: bool = False
    age_band: AgeBand | None = None
    sex: Sex | None = None
    body_place: str = ""
    statistics: bool = False
    follow_up: bool = False

    def check(self, shortest: int = limits.BODY_SHORTEST) -> None:
        """Raise Refused for the first limit that is broken. Imports may set a lower `shortest`."""
        if not (has_words(self.title) and len(self.title) <= limits.TITLE_LONGEST):
            raise Refused(f"A title has 1 to {limits.TITLE_LONGEST} characters.", "title")
        if not shortest <= len(self.body.source) <= limits.BODY_LONGEST:
            raise Refused(f"A story has {shortest} to {limits.BODY_LONGEST:,} characters.", "body")
        if shortest and not has_words(markup.plain(self.body.html)):
            raise Refused("Please tell your story in words.", "body")
        if len(self.advice.source) > limits.ADVICE_LONGEST:
            raise Refused(f"The advice has at most {limits.ADVICE_LONGEST:,} characters.", "advice")
        if len(self.body_place) > limits.PLACE_LONGEST:
            raise Refused(f"The place on the body has at most {limits.PLACE_LONGEST} characters.", "body_place")
        if not 1 <= len(self.treatments) <= limits.TREATMENTS_MOST:
            raise Refused(f"A story tells of 1 to {limits.TREATMENTS_MOST} treatments.", "treatments")
        if not self.publish:
            raise Refused("Please agree to publication: without it the story can only be kept as a draft.", "publish")


def revision_of(content: StoryContent) -> StoryRevision:
    """A version made of this content, not yet part of a story."""
    now = clock.now()
    return StoryRevision(
        renderer_version=RENDERER_VERSION,
        title=content.title,
        body_source=content.body.source,
        body_html=content.body.html,
        advice_source=content.advice.source,
        advice_html=content.advice.html,
        condition=content.condition,
        about=content.about,
        confirmed_by_clinician=content.confirmed_by_clinician,
        age_band=content.age_band,
        sex=content.sex,
        body_place=content.body_place,
        publish_consent_at=now if content.publish else None,
        statistics_consent_at=now if content.statistics else None,
        follow_up_consent_at=now if content.follow_up else None,
        treatments=[_tried(answers, position) for position, answers in enumerate(content.treatments)],
    )


def _tried(answers: TreatmentAnswers, position: int) -> TreatmentTried:
    return TreatmentTried(
        position=position,
        topic=answers.topic,
        status=answers.status,
        duration=answers.duration,
        effect=answers.effect,
        first_effect=answers.first_effect,
        side_effects_overall=answers.side_effects_overall,
        again=answers.again,
        side_effects=[SideEffect(topic=topic, severity=severity) for topic, severity in answers.side_effects.items()],
        stop_reasons=[ReasonStopped(reason=reason) for reason in sorted(answers.stop_reasons)],
        companions=[UsedTogether(companion=companion) for companion in sorted(answers.companions)],
    )


def fields_of(revision: StoryRevision) -> dict[str, list[Any]]:
    """The form's fields filled from a version, the inverse of what the form reads; for editing and for drafts."""
    fields: dict[str, list[Any]] = {
        "title": [revision.title],
        "body": [revision.body_source],
        "advice": [revision.advice_source],
        "condition": [revision.condition_name],
        "about": [revision.about.value],
        "age_band": [revision.age_band or ""],
        "sex": [revision.sex or ""],
        "body_place": [revision.body_place],
    }
    for name, given in (
        ("condition_unlisted", not revision.condition.is_listed),
        ("confirmed_by_clinician", revision.confirmed_by_clinician),
        ("publish", revision.publish_consent_at),
        ("statistics", revision.statistics_consent_at),
        ("follow_up", revision.follow_up_consent_at),
    ):
        if given:
            fields[name] = ["y"]
    for tried in revision.treatments:
        at = f"treatments-{tried.position}-"
        fields[at + "treatment"] = [tried.name]
        if not tried.topic.is_listed:
            fields[at + "unlisted"] = ["y"]
        for name in ("status", "duration", "effect", "first_effect", "side_effects_overall", "again"):
            fields[at + name] = [getattr(tried, name) or ""]
        fields[at + "stop_reasons"] = [reason.reason.value for reason in tried.stop_reasons]
        fields[at + "companions"] = [companion.companion.value for companion in tried.companions]
        for number, effect in enumerate(tried.side_effects):
            fields[f"{at}side_effects-{number}-effect"] = [effect.topic.name]
            fields[f"{at}side_effects-{number}-severity"] = [effect.severity.value]
    return fields
