"""Filters of the lists of stories: what an address asks for, and which stories meet it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import sqlalchemy as sa
from flask_babel import gettext as _

from app.foundation.database import db
from app.stories.experience import Answer, Duration, Effect, Severity
from app.stories.models import Story, StoryRevision, TreatmentTried
from app.topics.models import Topic

NAMES = ("condition", "treatment", "effect", "side_effects", "duration", "year", "counted")
"""What the filters are called in an address."""

_YEARS = range(1900, 2100)
SomeAnswer = TypeVar("SomeAnswer", bound=Answer)


@dataclass(frozen=True)
class Filters:
    """What stories are asked for. Several answers about a treatment are about the same one.

    `counted` asks for the stories that count in what they add up to. `unknown` are values that nothing can meet.
    """

    condition: Topic | None = None
    treatment: Topic | None = None
    effect: Effect | None = None
    side_effects: Severity | None = None
    duration: Duration | None = None
    year: int | None = None
    counted: bool = False
    unknown: tuple[str, ...] = ()

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """Each filter that is set: its name in the address, and the words for it."""
        words = {
            "condition": self.condition.name if self.condition else None,
            "treatment": self.treatment.name if self.treatment else None,
            "effect": _("worked: %(how)s", how=self.effect.words) if self.effect else None,
            "side_effects": _("side effects: %(how)s", how=self.side_effects.words) if self.side_effects else None,
            "duration": _("used: %(how_long)s", how_long=self.duration.words) if self.duration else None,
            "year": str(self.year) if self.year else None,
            "counted": _("counted in the figures") if self.counted else None,
        }
        return [(name, str(words[name])) for name in NAMES if words[name]]

    def __bool__(self) -> bool:
        return bool(self.chosen or self.unknown)


def asked(values: Mapping[str, str]) -> Filters:
    """Read filters from the arguments of an address. At most one statement; nothing is an error."""
    slugs = {name: values[name] for name in ("condition", "treatment") if values.get(name)}
    topics = _topics(set(slugs.values()))
    answers = {
        "effect": _answer(Effect, values.get("effect")),
        "side_effects": _answer(Severity, values.get("side_effects")),
        "duration": _answer(Duration, values.get("duration")),
        "year": _year(values.get("year")),
        **{name: topics.get(slug) for name, slug in slugs.items()},
    }
    unknown = tuple(values[name][:100] for name, answer in answers.items() if values.get(name) and answer is None)
    return Filters(**answers, counted=values.get("counted") == "yes", unknown=unknown)  # type: ignore[arg-type]


def meeting(filters: Filters) -> sa.ColumnElement[bool]:
    """The condition that a story meets these filters, in the version that is live (`counted` aside, see `outcomes`)."""
    if filters.unknown:
        return sa.false()
    met = []
    if filters.condition is not None:
        met.append(Story.live.has(StoryRevision.condition_id == filters.condition.id))
    tried = _tried(filters)
    if tried:
        met.append(Story.live.has(StoryRevision.treatments.any(sa.and_(*tried))))
    if filters.year is not None:
        first, next_ = datetime(filters.year, 1, 1, tzinfo=UTC), datetime(filters.year + 1, 1, 1, tzinfo=UTC)
        met.append(sa.and_(Story.published_at >= first, Story.published_at < next_))
    return sa.and_(sa.true(), *met)


def _tried(filters: Filters) -> list[sa.ColumnElement[bool]]:
    answers = (
        (TreatmentTried.topic_id, filters.treatment.id if filters.treatment else None),
        # What counts may be what a follow-up says: `outcomes` looks at that.
        (TreatmentTried.effect, None if filters.counted else filters.effect),
        (TreatmentTried.side_effects_overall, filters.side_effects),
        (TreatmentTried.duration, filters.duration),
    )
    asked_for = [column == value for column, value in answers if value is not None]
    return [*asked_for, TreatmentTried.is_last_word()] if asked_for else []


def _topics(slugs: set[str]) -> dict[str, Topic]:
    if not slugs:
        return {}
    return {topic.slug: topic for topic in db.session.scalars(sa.select(Topic).where(Topic.slug.in_(slugs)))}


def _answer(kind: type[SomeAnswer], value: str | None) -> SomeAnswer | None:
    return kind(value) if value in {member.value for member in kind} else None


def _year(value: str | None) -> int | None:
    year = int(value) if value and value.isascii() and value.isdecimal() and len(value) == 4 else 0
    return year if year in _YEARS else None
