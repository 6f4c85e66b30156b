"""Filters: the values of an address as an engine takes them, and its counts as choices for a reader."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa

from app.foundation import clock
from app.foundation.database import db
from app.foundation.text.strings import name_key, slugify
from app.search.index.documents import INDEXED_MODELS
from app.search.index.engine import Counts, Facet, IndexFilters
from app.search.index.registry import COMMENTS, MAIN, Index
from app.search.query.parsing import Parsed, Part
from app.stories.answers import Effect
from app.topics.models import Topic, TopicKind, TopicName

# What is only ever said of stories.
_OF_STORIES = (Facet.OUTCOME, Facet.SIDE_EFFECT)
# Choices of a facet that a page offers, the commonest; what is chosen is always among them.
MOST_CHOICES = 12
# Values of a facet that an address may name.
MOST_VALUES = 50
FIRST_YEAR = 1970

# A side effect is whatever was noted as one: any topic may be.
_TOPICS: Mapping[Facet, TopicKind | None] = {
    Facet.CONDITION: TopicKind.CONDITION,
    Facet.TREATMENT: TopicKind.TREATMENT,
    Facet.SIDE_EFFECT: None,
}
_YEARS = re.compile(r"(?P<first>\d{4})?(?P<range>\.\.)?(?P<last>(?<=\.\.)\d{4})?", re.ASCII)


@dataclass(frozen=True)
class ParsedFilters:
    """What a result is narrowed to. `values` are those of the address that mean something, `unknown` the others.

    Comments are looked for among themselves, and only if nothing else is: `left_out` are the facets of which then
    something was asked that comments do not have, or the facet of kinds if they were asked for with others.
    """

    values: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    topics: Mapping[str, Topic] = field(default_factory=dict)
    unknown: Sequence[str] = ()
    left_out: Sequence[Facet] = ()

    @classmethod
    def read(cls, asked: Mapping[Facet, Collection[str]]) -> ParsedFilters:
        """Read what an address asks for. One statement if it names topics."""
        slugs = {slug for facet in _TOPICS for slug in asked.get(facet, ())}
        found = db.session.scalars(sa.select(Topic).where(Topic.slug.in_(slugs))) if slugs else ()
        topics = {topic.slug: topic for topic in found}
        known: dict[Facet, tuple[str, ...]] = {}
        unknown: list[str] = []
        for facet, values in asked.items():
            asked_for = dict.fromkeys(list(values)[:MOST_VALUES])
            known[facet] = tuple(value for value in asked_for if _exists(facet, value, topics))
            unknown += (value for value in asked_for if value not in known[facet])
        kept, left_out = _of_one_index({facet: values for facet, values in known.items() if values})
        return cls(kept, topics, unknown, left_out)

    @property
    def index(self) -> Index:
        """The index that it is looked for in."""
        return COMMENTS if self.values.get(Facet.KIND) == COMMENTS.kinds else MAIN

    @property
    def named(self) -> list[str]:
        """The names of the conditions and treatments it is narrowed to."""
        slugs = [slug for facet in (Facet.CONDITION, Facet.TREATMENT) for slug in self.values.get(facet, ())]
        return [self.topics[slug].name for slug in slugs]

    @property
    def filters(self) -> IndexFilters:
        """As an engine takes it."""
        return IndexFilters(
            kinds=self.values.get(Facet.KIND) or self.index.kinds,
            conditions=self._ids(Facet.CONDITION),
            treatments=self._ids(Facet.TREATMENT),
            outcomes=self.values.get(Facet.OUTCOME, ()),
            side_effects=self._ids(Facet.SIDE_EFFECT),
            years=tuple({year for value in self.values.get(Facet.YEAR, ()) for year in years_of(value)}),
        )

    def _ids(self, facet: Facet) -> tuple[int, ...]:
        return tuple(self.topics[slug].id for slug in self.values.get(facet, ()))


Values = dict[Facet, tuple[str, ...]]


def _of_one_index(values: Values) -> tuple[Values, tuple[Facet, ...]]:
    """The values that can be asked for together, and the facets of which some cannot."""
    kinds = values.get(Facet.KIND, ())
    if kinds == COMMENTS.kinds:
        left_out = tuple(facet for facet in _OF_STORIES if facet in values)
        return {facet: each for facet, each in values.items() if facet not in left_out}, left_out
    others = tuple(kind for kind in kinds if kind in MAIN.kinds)
    return ({**values, Facet.KIND: others}, (Facet.KIND,)) if others != kinds else (values, ())


# Words for outcomes besides their own.
_OUTCOMES: Mapping[str, tuple[Effect, ...]] = {
    "worked": (Effect.MODERATELY, Effect.VERY_WELL),
    "helped": (Effect.MODERATELY, Effect.VERY_WELL),
    "well": (Effect.VERY_WELL,),
    "partly": (Effect.SLIGHTLY, Effect.MODERATELY),
    "failed": (Effect.NOT_AT_ALL,),
    "no": (Effect.NOT_AT_ALL,),
    "too early to tell": (Effect.TOO_EARLY,),
    **{name_key(effect.value): (effect,) for effect in Effect},
}


def read_field_words(parsed: Parsed) -> tuple[Parsed, dict[Facet, tuple[str, ...]]]:
    """Take the field words out of a query: what is left of it, and their values as an address has them.

    A topic goes by its slug or any of its names. A word whose value means nothing stays, as a word. One statement if
    there are any that name topics.
    """
    topics = _topics_named([part for part in parsed.field_words if part.field in _TOPICS])
    values: dict[Facet, tuple[str, ...]] = {}
    understood = []
    for part in parsed.field_words:
        assert part.field is not None, "a field word"
        found = _values_of(part, part.field, topics)
        if found:
            understood.append(part)
            values[part.field] = tuple(dict.fromkeys((*values.get(part.field, ()), *found)))
    return (parsed.without(understood), values) if parsed.field_words else (parsed, values)


def _values_of(part: Part, facet: Facet, topics: Sequence[tuple[str, str, TopicKind]]) -> tuple[str, ...]:
    key = name_key(part.text)
    if facet in _TOPICS:
        named = (slug for name, slug, about in topics if name == key and _TOPICS[facet] in (None, about))
        return tuple(dict.fromkeys(named))
    if facet is Facet.YEAR:
        value = part.text.strip(",;.") if ".." not in part.text else part.text.strip(",;")
        return (value,) if years_of(value) else ()
    if facet is Facet.OUTCOME:
        return _OUTCOMES.get(key, ())
    return tuple(kind for kind in INDEXED_MODELS if key in {kind, f"{kind}s", f"{kind.removesuffix('y')}ies"})


def _topics_named(parts: Sequence[Part]) -> list[tuple[str, str, TopicKind]]:
    """The topics that go by these names: (key of the name, slug, what it is about)."""
    keys = {name_key(part.text) for part in parts}
    if not keys:
        return []
    slugs = {slugify(part.text) for part in parts}
    rows = db.session.execute(
        sa.select(TopicName.key, Topic.slug, Topic.about)
        .join(Topic, Topic.id == TopicName.topic_id)
        .where(sa.or_(TopicName.key.in_(keys), Topic.slug.in_(slugs)))
        .order_by(Topic.id)
    ).all()
    return [
        *((key, slug, about) for key, slug, about in rows),
        *((name_key(slug), slug, about) for _key, slug, about in rows),
    ]


def years_of(value: str) -> range:
    """The years of '2019', '2019..', '..2020' or '2018..2020'; none if it is none of these."""
    match = _YEARS.fullmatch(value)
    if match is None or not (match["first"] or match["last"]):
        return range(0)
    this_year = clock.now().year
    if match["range"] is None:
        first = last = int(match["first"])
    else:
        first = int(match["first"] or FIRST_YEAR)
        last = int(match["last"] or this_year)
    return range(max(first, FIRST_YEAR), min(last, this_year + 1) + 1)


def _exists(facet: Facet, value: str, topics: Mapping[str, Topic]) -> bool:
    if facet in _TOPICS:
        return value in topics and _TOPICS[facet] in (None, topics[value].about)
    if facet is Facet.YEAR:
        return len(years_of(value)) > 0
    return value in (INDEXED_MODELS if facet is Facet.KIND else set(Effect))


# --- Choices ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FacetChoice:
    """A value of a facet: as it stands in an address, what it is called (None where its code says it), and how many
    results choosing it alone would give.
    """

    value: str
    name: str | None
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class FacetOptions:
    """A facet with its choices. `others` is how many more values there are."""

    facet: Facet
    choices: Sequence[FacetChoice]
    others: int = 0


def facet_options(counts: Counts, chosen: ParsedFilters) -> list[FacetOptions]:
    """What a result can be narrowed to; facets without any choice are left out. One statement."""
    filters = chosen.filters
    picked: dict[Facet, Collection[str | int]] = {
        Facet.KIND: chosen.values.get(Facet.KIND, ()),
        Facet.CONDITION: filters.conditions,
        Facet.TREATMENT: filters.treatments,
        Facet.OUTCOME: filters.outcomes,
        Facet.SIDE_EFFECT: filters.side_effects,
        Facet.YEAR: filters.years,
    }
    # Among comments there are no other kinds to choose.
    facets = [facet for facet in Facet if not (facet is Facet.KIND and chosen.index is COMMENTS)]
    shown = {facet: _shown(facet, counts[facet], picked[facet]) for facet in facets}
    ids = {topic for facet in _TOPICS for topic in shown[facet]}
    rows = db.session.execute(_named(), {"ids": list(ids)})
    topics = {row.id: (row.slug, row.name) for row in rows}
    found = []
    for facet, values in shown.items():
        choices = []
        for value in values:
            slug, name = topics.get(value, (None, None)) if facet in _TOPICS else (str(value), None)
            # A topic may have gone since it was counted.
            if slug is not None:
                choices.append(FacetChoice(slug, name, counts[facet].get(value, 0), value in picked[facet]))
        if choices:
            found.append(FacetOptions(facet, choices, max(0, len(counts[facet]) - len(choices))))
    return found


@cache
def _named() -> sa.Select[int, str, str]:
    return sa.select(Topic.id, Topic.slug, Topic.name).where(Topic.id.in_(sa.bindparam("ids", expanding=True)))


def _shown(facet: Facet, counted: Mapping[Any, int], picked: Collection[Any]) -> list[Any]:
    """The values that are offered: kinds and outcomes in their own order, the latest years, the commonest topics."""
    there = {*counted, *picked}
    if facet is Facet.KIND:
        return [kind for kind in INDEXED_MODELS if kind in there]
    if facet is Facet.OUTCOME:
        return [effect.value for effect in Effect if effect.value in there]
    if facet is Facet.YEAR:
        return sorted(counted if len(picked) > MOST_CHOICES else there, reverse=True)[: 2 * MOST_CHOICES]
    commonest = sorted(there, key=lambda topic: (topic not in picked, -counted.get(topic, 0), topic))[:MOST_CHOICES]
    return sorted(commonest, key=lambda topic: (-counted.get(topic, 0), topic))
