"""The filters of lists of stories: reading them from an address, and what each of them means.

The list itself is selected in SQL, its length and the counts of its choices come from a search engine. Both
translations are in this module, `select_stories` and `index_filters`, and have to agree.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlencode

import sqlalchemy as sa
from flask_babel import gettext as _

from app.foundation.database import db
from app.foundation.web import keyset
from app.foundation.web.forms import one_line
from app.questionnaires.declaration import Answer
from app.search.index.engine import IndexFilters
from app.stories.answers import Duration, Effect, Severity
from app.stories.models import SideEffect, Story, StoryRevision, TreatmentTried
from app.topics import vocabulary
from app.topics.models import Topic, TopicKind

NAMES = ("condition", "treatment", "effect", "side_effects", "duration", "year", "counted")
"""The filters, by the names of their parameters in an address."""

ENGINE_FILTERS = frozenset({"condition", "treatment", "effect", "year"})
"""The filters that a search engine knows. Lists with any other are counted by the database."""

LONG_LIST = 5_000
"""For lists of at least this length it is fastest to go through all stories, newest first, and test each; for shorter
ones, and where the length is unknown, to look up the stories that meet the filters and sort them."""

_YEARS = range(1900, 2100)


class Sort(enum.StrEnum):
    """The order of a list of stories."""

    NEWEST = "newest"
    HELPFUL = "helpful"

    @property
    def key(self) -> tuple[keyset.Column, ...]:
        """The columns to sort by, all of them descending."""
        newest = (Story.published_at, Story.id)
        return newest if self is Sort.NEWEST else (Story.helpful, *newest)


AnswerT = TypeVar("AnswerT", bound=Answer)


@dataclass(frozen=True)
class StoryFilters:
    """The filters and the order of a list of stories; None and False are no filter.

    Treatment, effect, side effects and duration have to be met by one and the same treatment of a story. `side_effects`
    is how bad they were. `counted` leaves the stories that count in the figures of `outcomes`. `unknown` are values in
    the address that do not exist; no story meets those.
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
    def labels(self) -> list[tuple[str, str]]:
        """(name in the address, words for readers) of each filter that is set."""
        words = {
            "condition": self.condition.name if self.condition else None,
            "treatment": self.treatment.name if self.treatment else None,
            "effect": _("how well it worked: %(how)s", how=self.effect.words) if self.effect else None,
            "side_effects": _("side effects: %(how)s", how=self.side_effects.words) if self.side_effects else None,
            "duration": _("used for: %(how_long)s", how_long=self.duration.words) if self.duration else None,
            "year": str(self.year) if self.year else None,
            "counted": _("counted in the figures") if self.counted else None,
        }
        return [(name, str(words[name])) for name in NAMES if words[name]]

    def query_without(self, name: str) -> str:
        """The query string of the list without one of the filters; empty, or with its question mark."""
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
        return bool(self.unknown or any(getattr(self, name) for name in NAMES))


def from_arguments(arguments: Mapping[str, str]) -> StoryFilters:
    """Read filters from the parameters of an address. At most one statement. Raises nothing: see `unknown`."""
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
    return StoryFilters(**answers, counted=counted, sort=sort, unknown=unknown)  # type: ignore[arg-type]  # by name


def _topics(slugs: set[str]) -> dict[str, Topic]:
    if not slugs:
        return {}
    return {topic.slug: topic for topic in db.session.scalars(sa.select(Topic).where(Topic.slug.in_(slugs)))}


def _answer(kind: type[AnswerT], value: str | None) -> AnswerT | None:
    return kind(value) if value in {member.value for member in kind} else None


def _year(value: str | None) -> int | None:
    year = int(value) if value and value.isascii() and value.isdecimal() and len(value) == 4 else 0
    return year if year in _YEARS else None


# --- For a search engine ----------------------------------------------------------------------------------------


def index_filters(filters: StoryFilters, topic: Topic | None = None) -> IndexFilters | None:
    """The same filters for a search engine, within all stories or within those about a topic.

    None where an engine cannot answer for this list, because it knows nothing of a filter or files stories in another
    way than the list does. At most one statement.
    """
    is_set = {name for name in NAMES if getattr(filters, name)}
    if filters.unknown or is_set - ENGINE_FILTERS:
        return None
    engine_filters = IndexFilters(
        kinds=(Story.kind,),
        conditions=(filters.condition.id,) if filters.condition else (),
        treatments=(filters.treatment.id,) if filters.treatment else (),
        outcomes=(filters.effect.value,) if filters.effect else (),
        years=(filters.year,) if filters.year else (),
    )
    return engine_filters if topic is None else _within_topic(topic, engine_filters)


def _within_topic(topic: Topic, engine_filters: IndexFilters) -> IndexFilters | None:
    """The filters within the stories about a topic; None where an engine cannot say that. At most one statement."""
    if topic.about is TopicKind.CONDITION:
        topic_ids = None if engine_filters.conditions else _indexed_topics(topic)
        return None if topic_ids is None else replace(engine_filters, conditions=topic_ids)
    if topic.about is TopicKind.TREATMENT:
        # The list asks for an effect of any treatment of these stories, the engine for one of this treatment.
        topic_ids = None if engine_filters.treatments or engine_filters.outcomes else _indexed_topics(topic)
        return None if topic_ids is None else replace(engine_filters, treatments=topic_ids)
    return None


def _indexed_topics(topic: Topic) -> tuple[int, ...] | None:
    """The ids of the condition or treatment and of the topics below it. One statement.

    None if a story names one of these in another role, a condition as a treatment or either as a side effect: it
    belongs to the list, but the index does not file it under the topic.
    """
    within = vocabulary.with_narrower(topic).subquery()
    in_other_role = (
        sa.select(TreatmentTried.id).where(TreatmentTried.topic_id == within.c.id)
        if topic.about is TopicKind.CONDITION
        else sa.select(StoryRevision.id).where(StoryRevision.condition_id == within.c.id)
    )
    as_side_effect = sa.select(SideEffect.id).where(SideEffect.topic_id == within.c.id)
    rows = db.session.execute(sa.select(within.c.id, sa.or_(in_other_role.exists(), as_side_effect.exists()))).all()
    return None if any(row[1] for row in rows) else tuple(row[0] for row in rows)


# --- For the database -------------------------------------------------------------------------------------------


def select_stories(
    filters: StoryFilters, topic: Topic | None = None, *more: sa.ColumnElement[bool], total: int | None = None
) -> sa.Select[Story]:
    """Select the public stories that meet these filters and the conditions `more`, all or those about a topic.

    `counted` has no meaning of its own here: pass `outcomes.counting.counted_stories` as one of `more`. `total` is the
    length of the list, if it is known; it decides how the database is asked, never what is selected.
    """
    revisions = _select_revisions(filters)
    # Conditions of the caller have narrowed the list already, and of a long list nothing is looked up.
    if more or (revisions is None and topic is None) or (total is not None and total >= LONG_LIST):
        about = [_is_about(topic)] if topic is not None else []
        return sa.select(Story).where(Story.public(), condition(filters), *about, *more)
    # As a CASE, so that SQLite does not use the index of everything published, see `documents.public_by_ids`.
    public = sa.case((Story.public(), sa.true()), else_=sa.false())
    narrowed = [each for each in (revisions, _select_revisions_about(topic)) if each is not None]
    return sa.select(Story).where(
        public, *(Story.live_revision_id.in_(each) for each in narrowed), *_story_conditions(filters)
    )


def condition(filters: StoryFilters) -> sa.ColumnElement[bool]:
    """The condition that the live revision of a story meets these filters; `counted` is left out."""
    conditions = []
    if filters.condition is not None:
        conditions.append(Story.live.has(StoryRevision.condition_id == filters.condition.id))
    tried = _treatment_conditions(filters)
    if tried:
        conditions.append(Story.live.has(StoryRevision.treatments.any(sa.and_(*tried))))
    return sa.and_(sa.true(), *conditions, *_story_conditions(filters))


def _story_conditions(filters: StoryFilters) -> list[sa.ColumnElement[bool]]:
    """The conditions on the story itself."""
    if filters.unknown:
        return [sa.false()]
    if filters.year is None:
        return []
    first, next_ = datetime(filters.year, 1, 1, tzinfo=UTC), datetime(filters.year + 1, 1, 1, tzinfo=UTC)
    return [Story.published_at >= first, Story.published_at < next_]


def _treatment_conditions(filters: StoryFilters) -> Sequence[sa.ColumnElement[bool]]:
    """The conditions on one treatment of a revision; none if no filter asks for a treatment."""
    answers = (
        (TreatmentTried.topic_id, filters.treatment.id if filters.treatment else None),
        # A counted story may count with the effect of a follow-up: `counted_stories` compares that one.
        (TreatmentTried.effect, None if filters.counted else filters.effect),
        (TreatmentTried.side_effects_overall, filters.side_effects),
        (TreatmentTried.duration, filters.duration),
    )
    conditions = [column == value for column, value in answers if value is not None]
    return [*conditions, TreatmentTried.is_last_for_topic()] if conditions else []


def _select_revisions(filters: StoryFilters) -> sa.Select[int] | None:
    """The ids of the revisions that meet these filters, fast where there are few; None if no filter is about them."""
    tried = _treatment_conditions(filters)
    if not tried:
        if filters.condition is None:
            return None
        return sa.select(StoryRevision.id).where(StoryRevision.condition_id == filters.condition.id)
    revisions = sa.select(TreatmentTried.revision_id).where(*tried)
    if filters.condition is None:
        return revisions
    # A join, not a second IN: the index answers for each revision without reading all of the condition's.
    joined = revisions.join(StoryRevision, StoryRevision.id == TreatmentTried.revision_id)
    return joined.where(StoryRevision.condition_id == filters.condition.id)


def _select_revisions_about(topic: Topic | None) -> sa.CompoundSelect[int] | None:
    """The ids of the revisions about a topic: the same stories as `_is_about`, fast where there are few."""
    if topic is None:
        return None
    within = vocabulary.with_narrower(topic)
    tried = sa.select(TreatmentTried.revision_id)
    return sa.union(
        sa.select(StoryRevision.id).where(StoryRevision.condition_id.in_(within)),
        tried.where(TreatmentTried.topic_id.in_(within)),
        tried.join(SideEffect, SideEffect.tried_id == TreatmentTried.id).where(SideEffect.topic_id.in_(within)),
    )


def _is_about(topic: Topic) -> sa.ColumnElement[bool]:
    """The condition that a story is about a topic, tested story by story: fast where many are."""
    within = vocabulary.with_narrower(topic)
    with_side_effect = TreatmentTried.side_effects.any(SideEffect.topic_id.in_(within))
    tried = StoryRevision.treatments.any(sa.or_(TreatmentTried.topic_id.in_(within), with_side_effect))
    return Story.live.has(sa.or_(StoryRevision.condition_id.in_(within), tried))
