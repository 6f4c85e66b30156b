"""Filters of the lists of stories: what an address asks for, and which stories meet it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import InstrumentedAttribute

from app.foundation.database import db
from app.foundation.web.forms import one_line
from app.stories.answers import Answer, Duration, Effect, Severity
from app.stories.models import SideEffect, Story, StoryRevision, TreatmentTried
from app.topics import vocabulary
from app.topics.models import Topic

NAMES = ("condition", "treatment", "effect", "side_effects", "duration", "year", "counted")
"""What the filters are called in an address."""

COMMON = 5_000
"""From so many stories on, those that meet some filters are found soonest by going through all, newest first; where
there are fewer, or nobody knows, by looking them up and sorting them."""

_YEARS = range(1900, 2100)


class Sort(enum.StrEnum):
    """In which order stories are listed."""

    NEWEST = "newest"
    HELPFUL = "helpful"

    @property
    def key(self) -> tuple[InstrumentedAttribute[Any], ...]:
        """What is sorted by, greatest first."""
        newest = (Story.published_at, Story.id)
        return newest if self is Sort.NEWEST else (Story.helpful, *newest)


SomeAnswer = TypeVar("SomeAnswer", bound=Answer)


@dataclass(frozen=True)
class StoryFilters:
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
    sort: Sort = Sort.NEWEST
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

    def query_without(self, name: str) -> str:
        """What stands behind the address of the list when one of the filters is taken away."""
        values = {
            "condition": self.condition.slug if self.condition else None,
            "treatment": self.treatment.slug if self.treatment else None,
            "effect": self.effect,
            "side_effects": self.side_effects,
            "duration": self.duration,
            "year": self.year,
            "counted": "yes" if self.counted else None,
            "sort": self.sort if self.sort is not Sort.NEWEST else None,
        }
        kept = {other: str(value) for other, value in values.items() if value and other != name}
        return f"?{urlencode(kept)}" if kept else ""

    def __bool__(self) -> bool:
        return bool(self.chosen or self.unknown)


def from_arguments(arguments: Mapping[str, str]) -> StoryFilters:
    """Read filters from the arguments of an address. At most one statement; nothing is an error."""
    values = {name: one_line(arguments.get(name)) for name in (*NAMES, "sort")}
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
    sort = Sort(values["sort"]) if values.get("sort") in set(Sort) else Sort.NEWEST
    counted = values.get("counted") == "yes"
    return StoryFilters(**answers, counted=counted, sort=sort, unknown=unknown)  # type: ignore[arg-type]


def select_stories(
    filters: StoryFilters, topic: Topic | None = None, *more: sa.ColumnElement[bool], total: int | None = None
) -> sa.Select[Story]:
    """The public stories that meet these filters, of all or of those told of a topic. `total` is how many there are, as
    far as anybody knows.
    """
    versions = _versions(filters)
    # Whoever says more has narrowed it already, and of very many nothing is looked up.
    if more or (versions is None and topic is None) or (total is not None and total >= COMMON):
        about = [_tells_of(topic)] if topic is not None else []
        return sa.select(Story).where(Story.public(), condition(filters), *about, *more)
    # As a CASE, so that SQLite does not go through the index of everything published: see `search.documents`.
    public = sa.case((Story.public(), sa.true()), else_=sa.false())
    found = [each for each in (versions, _versions_told_of(topic)) if each is not None]
    return sa.select(Story).where(public, *(Story.live_revision_id.in_(each) for each in found), *_when(filters))


def _versions(filters: StoryFilters) -> sa.Select[int] | None:
    """The ids of the versions that meet these filters, quick to look up where they are few; None where none is set that
    a version can meet.
    """
    tried = _tried(filters)
    if not tried:
        if filters.condition is None:
            return None
        return sa.select(StoryRevision.id).where(StoryRevision.condition_id == filters.condition.id)
    versions = sa.select(TreatmentTried.revision_id).where(*tried)
    if filters.condition is None:
        return versions
    # Joined and not looked up among all of the condition: its index says it of each version without reading that.
    told = versions.join(StoryRevision, StoryRevision.id == TreatmentTried.revision_id)
    return told.where(StoryRevision.condition_id == filters.condition.id)


def _versions_told_of(topic: Topic | None) -> sa.CompoundSelect[int] | None:
    """The ids of the versions told of a topic: what `reading.told_of` asks of the live one."""
    if topic is None:
        return None
    about = vocabulary.within(topic)
    tried = sa.select(TreatmentTried.revision_id)
    return sa.union(
        sa.select(StoryRevision.id).where(StoryRevision.condition_id.in_(about)),
        tried.where(TreatmentTried.topic_id.in_(about)),
        tried.join(SideEffect, SideEffect.tried_id == TreatmentTried.id).where(SideEffect.topic_id.in_(about)),
    )


def _tells_of(topic: Topic) -> sa.ColumnElement[bool]:
    """The same as a question to one story after the other, for topics of which every tenth tells."""
    about = vocabulary.within(topic)
    noticed = TreatmentTried.side_effects.any(SideEffect.topic_id.in_(about))
    tried = StoryRevision.treatments.any(sa.or_(TreatmentTried.topic_id.in_(about), noticed))
    return Story.live.has(sa.or_(StoryRevision.condition_id.in_(about), tried))


def condition(filters: StoryFilters) -> sa.ColumnElement[bool]:
    """The condition that a story meets these filters, in the version that is live (`counted` aside, see `outcomes`)."""
    if filters.unknown:
        return sa.false()
    met = []
    if filters.condition is not None:
        met.append(Story.live.has(StoryRevision.condition_id == filters.condition.id))
    tried = _tried(filters)
    if tried:
        met.append(Story.live.has(StoryRevision.treatments.any(sa.and_(*tried))))
    return sa.and_(sa.true(), *met, *_when(filters))


def _when(filters: StoryFilters) -> list[sa.ColumnElement[bool]]:
    """What is asked of the story itself, whatever its version says."""
    if filters.unknown:
        return [sa.false()]
    if filters.year is None:
        return []
    first, next_ = datetime(filters.year, 1, 1, tzinfo=UTC), datetime(filters.year + 1, 1, 1, tzinfo=UTC)
    return [Story.published_at >= first, Story.published_at < next_]


def _tried(filters: StoryFilters) -> list[sa.ColumnElement[bool]]:
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
