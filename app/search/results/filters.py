"""The filters of a search: reading them from an address or from field words, for an engine, and their choices."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import sqlalchemy as sa
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.foundation import kinds
from app.foundation.database import db
from app.foundation.text.strings import name_key, slugify
from app.search.index.documents import indexed_models
from app.search.index.engine import Counts, Facet, IndexFilters
from app.search.index.registry import COMMENTS, MAIN, Index
from app.search.query.parsing import Parsed, Part
from app.search.results.years import years_of
from app.stories.answers import Effect
from app.topics.models import Topic, TopicKind, TopicName

Values = dict[Facet, tuple[str, ...]]
"""Chosen values by facet, as they are written in addresses: slugs of topics, names of kinds, codes, years."""

# Facets that only stories have.
_STORY_FACETS = (Facet.OUTCOME, Facet.SIDE_EFFECT)
# Values of a facet that are read from an address.
MAX_VALUES = 50

TOPIC_FACETS: Mapping[Facet, TopicKind | None] = {
    Facet.CONDITION: TopicKind.CONDITION,
    Facet.TREATMENT: TopicKind.TREATMENT,
    Facet.SIDE_EFFECT: None,
}
"""The facets whose values are topics, with the kind of topic; None where any topic can be a value."""


@dataclass(frozen=True)
class SearchFilters:
    """The filters of a search.

    `values` are the values that exist, `unknown` those that do not, `topics` the topics among the values by their
    slugs. Comments have an index of their own, so they can only be searched by themselves: `left_out` are facets whose
    values were dropped, either because comments do not have them or, for the facet of kinds, because comments were
    asked for together with other kinds.
    """

    values: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    topics: Mapping[str, Topic] = field(default_factory=dict)
    unknown: Sequence[str] = ()
    left_out: Sequence[Facet] = ()

    @classmethod
    def read(cls, asked: Mapping[Facet, Collection[str]]) -> SearchFilters:
        """Read the values that an address asks for. One statement if they name topics."""
        slugs = {slug for facet in TOPIC_FACETS for slug in asked.get(facet, ())}
        rows = db.session.scalars(sa.select(Topic).where(Topic.slug.in_(slugs))) if slugs else ()
        topics = {topic.slug: topic for topic in rows}
        known: Values = {}
        unknown: list[str] = []
        for facet, values in asked.items():
            distinct = dict.fromkeys(list(values)[:MAX_VALUES])
            known[facet] = tuple(value for value in distinct if _exists(facet, value, topics))
            unknown += (value for value in distinct if value not in known[facet])
        kept, left_out = _for_one_index({facet: values for facet, values in known.items() if values})
        return cls(kept, topics, unknown, left_out)

    @property
    def index(self) -> Index:
        """The index to search."""
        return COMMENTS if self.values.get(Facet.KIND) == COMMENTS.kinds else MAIN

    @property
    def topic_names(self) -> list[str]:
        """The names of the conditions and treatments among the values."""
        slugs = [slug for facet in (Facet.CONDITION, Facet.TREATMENT) for slug in self.values.get(facet, ())]
        return [self.topics[slug].name for slug in slugs]

    @property
    def index_filters(self) -> IndexFilters:
        """The same filters for an engine."""
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


def _for_one_index(values: Values) -> tuple[Values, tuple[Facet, ...]]:
    """The values that one index can answer, and the facets of which values were dropped."""
    kinds = values.get(Facet.KIND, ())
    if kinds == COMMENTS.kinds:
        left_out = tuple(facet for facet in _STORY_FACETS if facet in values)
        return {facet: each for facet, each in values.items() if facet not in left_out}, left_out
    others = tuple(kind for kind in kinds if kind in MAIN.kinds)
    return ({**values, Facet.KIND: others}, (Facet.KIND,)) if others != kinds else (values, ())


def _exists(facet: Facet, value: str, topics: Mapping[str, Topic]) -> bool:
    if facet in TOPIC_FACETS:
        return value in topics and TOPIC_FACETS[facet] in (None, topics[value].about)
    if facet is Facet.YEAR:
        return len(years_of(value)) > 0
    return value in (indexed_models() if facet is Facet.KIND else set(Effect))


# --- Field words ------------------------------------------------------------------------------------------------

# Values of the field word 'outcome:' besides the codes of effects.
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


def read_field_words(parsed: Parsed) -> tuple[Parsed, Values]:
    """Separate the field words of a query ('condition:psoriasis') from its other words.

    Returns the rest of the query, and the values of the field words. Topics may be named by their slug or any of their
    names. A field word whose value does not exist stays in the query as ordinary words. One statement if topics are
    named.
    """
    topics = _topics_named([part for part in parsed.field_words if part.field in TOPIC_FACETS])
    values: Values = {}
    understood = []
    for part in parsed.field_words:
        assert part.field is not None, "a field word"
        of_part = _values_of(part, part.field, topics)
        if of_part:
            understood.append(part)
            values[part.field] = tuple(dict.fromkeys((*values.get(part.field, ()), *of_part)))
    return (parsed.without(understood), values) if parsed.field_words else (parsed, values)


def _values_of(part: Part, facet: Facet, topics: Sequence[tuple[str, str, TopicKind]]) -> tuple[str, ...]:
    key = name_key(part.text)
    if facet in TOPIC_FACETS:
        slugs = (slug for name, slug, about in topics if name == key and TOPIC_FACETS[facet] in (None, about))
        return tuple(dict.fromkeys(slugs))
    if facet is Facet.YEAR:
        value = part.text.strip(",;.") if ".." not in part.text else part.text.strip(",;")
        return (value,) if years_of(value) else ()
    if facet is Facet.OUTCOME:
        return _OUTCOMES.get(key, ())
    return tuple(kind for kind in indexed_models() if key in {kind, f"{kind}s", f"{kind.removesuffix('y')}ies"})


def _topics_named(parts: Sequence[Part]) -> list[tuple[str, str, TopicKind]]:
    """(key of a name or of the slug, slug, kind) of the topics that these parts name."""
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


# --- Choices ----------------------------------------------------------------------------------------------------

# Values of a facet that a search offers, the most frequent, and always those that are chosen; and those of a facet that
# a reader has opened.
MAX_OFFERED = 12
MAX_OPENED = 300
FACET_LABELS: Mapping[Facet, LazyString] = {
    Facet.KIND: _l("Type"),
    Facet.CONDITION: _l("Condition"),
    Facet.TREATMENT: _l("Treatment"),
    Facet.OUTCOME: _l("How well it worked"),
    Facet.SIDE_EFFECT: _l("Side effects"),
    Facet.YEAR: _l("Year"),
}


@dataclass(frozen=True)
class Choice:
    """A value of a filter: as it is written in an address, its words for readers, and how many results it would give,
    None where that is not counted.
    """

    value: str
    label: str | LazyString
    count: int | None
    is_selected: bool


@dataclass(frozen=True)
class FilterOptions:
    """A filter with its choices. `name` is its parameter in an address; `others` how many more values there are, and
    `counts` the number of results by the ids of these, where they can be shown as well.
    """

    name: str
    # Labels are lazy where they can be: a search whose choices nobody shows translates nothing.
    label: str | LazyString
    choices: Sequence[Choice]
    others: int = 0
    counts: Mapping[str | int, int] = field(default_factory=dict)

    @property
    def opened(self) -> FilterOptions:
        """The same filter with up to MAX_OPENED choices, by name. One statement.

        Only a reader who opens a filter needs it: most filters are offered with what they begin with.
        """
        frequent = sorted(self.counts, key=lambda topic: (-self.counts[topic], topic))[:MAX_OPENED]
        topics = db.session.execute(_topics_by_ids(), {"ids": frequent})
        known = {choice.value for choice in self.choices}
        more = [Choice(slug, name, self.counts[number], False) for number, slug, name in topics if slug not in known]
        choices = sorted((*self.choices, *more), key=lambda choice: name_key(str(choice.label)))
        return replace(self, choices=choices, others=max(0, len(self.counts) - len(frequent)), counts={})


def search_options(counts: Counts, filters: SearchFilters) -> list[FilterOptions]:
    """The facets of a search that have values to choose. One statement."""
    index_filters = filters.index_filters
    chosen: dict[Facet, Collection[str | int]] = {
        Facet.KIND: filters.values.get(Facet.KIND, ()),
        Facet.CONDITION: index_filters.conditions,
        Facet.TREATMENT: index_filters.treatments,
        Facet.OUTCOME: index_filters.outcomes,
        Facet.SIDE_EFFECT: index_filters.side_effects,
        Facet.YEAR: index_filters.years,
    }
    # The index of comments holds a single kind.
    facets = [facet for facet in Facet if not (facet is Facet.KIND and filters.index is COMMENTS)]
    offered = {facet: _offered_values(facet, counts[facet], chosen[facet]) for facet in facets}
    ids = {topic for facet in TOPIC_FACETS for topic in offered[facet]}
    topics: dict[str | int, tuple[str, str | LazyString]] = {
        number: (slug, name) for number, slug, name in db.session.execute(_topics_by_ids(), {"ids": list(ids)})
    }
    options = []
    for facet, values in offered.items():
        choices = []
        for value in values:
            is_topic = facet in TOPIC_FACETS
            named = topics.get(value) if is_topic else (str(value), _value_label(facet, value))
            # A topic may have been deleted since it was counted.
            if named is not None:
                slug_or_code, label = named
                choices.append(Choice(slug_or_code, label, counts[facet].get(value, 0), value in chosen[facet]))
        if choices:
            others = max(0, len(counts[facet]) - len(choices))
            more = counts[facet] if others and facet in TOPIC_FACETS else {}
            options.append(FilterOptions(facet, FACET_LABELS[facet], choices, others, more))
    return options


def _value_label(facet: Facet, value: str | int) -> str | LazyString:
    if facet is Facet.KIND:
        return kinds.title(str(value), plural=True)
    if facet is Facet.OUTCOME:
        return Effect(str(value)).words
    return str(value)


@cache
def _topics_by_ids() -> sa.Select[int, str, str]:
    return sa.select(Topic.id, Topic.slug, Topic.name).where(Topic.id.in_(sa.bindparam("ids", expanding=True)))


def _offered_values(
    facet: Facet, counts: Mapping[str | int, int], chosen: Collection[str | int]
) -> Sequence[str | int]:
    """The values to offer: kinds and outcomes in their own order, the latest years, the most frequent topics."""
    values = {*counts, *chosen}
    if facet is Facet.KIND:
        return [kind for kind in indexed_models() if kind in values]
    if facet is Facet.OUTCOME:
        return [effect.value for effect in Effect if effect.value in values]
    if facet is Facet.YEAR:
        return sorted(counts if len(chosen) > MAX_OFFERED else values, reverse=True)[: 2 * MAX_OFFERED]
    frequent = sorted(values, key=lambda topic: (topic not in chosen, -counts.get(topic, 0), topic))[:MAX_OFFERED]
    return sorted(frequent, key=lambda topic: (-counts.get(topic, 0), topic))
