"""The choices of filters, with the number of results each would give: for lists of stories and for searches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.foundation import kinds
from app.foundation.database import db
from app.questionnaires.questions import Answer
from app.search.index.documents import indexed_models
from app.search.index.engine import Counts, Facet
from app.search.index.registry import COMMENTS
from app.search.results.filters import TOPIC_FACETS, SearchFilters
from app.search.results.story_filters import StoryFilters
from app.stories.answers import Duration, Effect, Severity
from app.topics.models import Topic, TopicKind

# Offered by lists without counts: the first topics by name that have a page.
MAX_UNCOUNTED = 100
# Conditions and treatments that a list with counts offers, the most frequent.
MAX_LISTED = 40
# Values of a facet that a search offers, the most frequent, and always those that are chosen.
MAX_OFFERED = 12

FACET_LABELS: Mapping[Facet, LazyString] = {
    Facet.KIND: _l("Kind"),
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
    words: str
    count: int | None
    is_chosen: bool


@dataclass(frozen=True)
class FilterOptions:
    """A filter with its choices. `name` is its parameter in an address; `others` how many more values there are."""

    name: str
    label: str
    choices: Sequence[Choice]
    others: int = 0


class _Topic(NamedTuple):
    id: int
    about: TopicKind
    slug: str
    name: str


# --- Lists of stories -------------------------------------------------------------------------------------------


def story_list_options(filters: StoryFilters, counts: Counts | None, decided: str | None = None) -> list[FilterOptions]:
    """The filters of a list of stories that have choices, except `decided`, which the page has set. One statement.

    Without counts all answers are offered, the first topics by name, and no years but the chosen one.
    """
    counted = counts or {}
    conditions = _most_frequent(counted.get(Facet.CONDITION))
    treatments = _most_frequent(counted.get(Facet.TREATMENT))
    topics = _listed_topics(None if counts is None else {*(conditions or ()), *(treatments or ())})
    options = [
        FilterOptions(
            "condition",
            _("Condition"),
            _topic_choices(topics, TopicKind.CONDITION, filters.condition, conditions),
        ),
        FilterOptions(
            "treatment",
            _("Treatment"),
            _topic_choices(topics, TopicKind.TREATMENT, filters.treatment, treatments),
        ),
        FilterOptions(
            "effect", _("How well it worked"), _answer_choices(Effect, filters.effect, counted.get(Facet.OUTCOME))
        ),
        FilterOptions("side_effects", _("Side effects"), _answer_choices(Severity, filters.side_effects, None)),
        FilterOptions("duration", _("Used for"), _answer_choices(Duration, filters.duration, None)),
        FilterOptions("year", _("Year"), _year_choices(filters.year, counted.get(Facet.YEAR, {}))),
    ]
    return [each for each in options if each.choices and each.name != decided]


def _most_frequent(counts: Mapping[Any, int] | None) -> Mapping[Any, int] | None:
    if counts is None:
        return None
    return {each: counts[each] for each in sorted(counts, key=lambda each: -counts[each])[:MAX_LISTED]}


def _listed_topics(ids: Collection[int] | None) -> list[_Topic]:
    """These topics, or the first with a page, by name."""
    topics = sa.select(Topic.id, Topic.about, Topic.slug, Topic.name).order_by(Topic.name)
    if ids is None:
        kinds = (TopicKind.CONDITION, TopicKind.TREATMENT)
        statement = topics.where(Topic.public(), Topic.about.in_(kinds)).limit(MAX_UNCOUNTED)
    else:
        statement = topics.where(Topic.id.in_(ids))
    return [_Topic(*row) for row in db.session.execute(statement)]


def _topic_choices(
    topics: Sequence[_Topic], about: TopicKind, chosen: Topic | None, counts: Mapping[Any, int] | None
) -> list[Choice]:
    shown = [topic for topic in topics if topic.about is about and (counts is None or topic.id in counts)]
    chosen_id = chosen.id if chosen is not None else None
    if chosen is not None and all(topic.id != chosen_id for topic in shown):
        shown.insert(0, _Topic(chosen.id, chosen.about, chosen.slug, chosen.name))
    return [
        Choice(topic.slug, topic.name, None if counts is None else counts.get(topic.id, 0), topic.id == chosen_id)
        for topic in shown
    ]


def _answer_choices(answers: type[Answer], chosen: Answer | None, counts: Mapping[Any, int] | None) -> list[Choice]:
    return [
        Choice(each.value, str(each.words), None if counts is None else counts.get(each.value, 0), each is chosen)
        for each in answers
        if counts is None or each is chosen or each.value in counts
    ]


def _year_choices(chosen: int | None, counts: Mapping[Any, int]) -> list[Choice]:
    years = sorted({*counts, *([chosen] if chosen else [])}, reverse=True)
    return [Choice(str(year), str(year), counts.get(year), year == chosen) for year in years]


# --- Searches ---------------------------------------------------------------------------------------------------


def search_options(counts: Counts, filters: SearchFilters) -> list[FilterOptions]:
    """The facets of a search that have values to choose. One statement."""
    asked = filters.index_filters
    chosen: dict[Facet, Collection[str | int]] = {
        Facet.KIND: filters.values.get(Facet.KIND, ()),
        Facet.CONDITION: asked.conditions,
        Facet.TREATMENT: asked.treatments,
        Facet.OUTCOME: asked.outcomes,
        Facet.SIDE_EFFECT: asked.side_effects,
        Facet.YEAR: asked.years,
    }
    # The index of comments holds a single kind.
    facets = [facet for facet in Facet if not (facet is Facet.KIND and filters.index is COMMENTS)]
    offered = {facet: _offered(facet, counts[facet], chosen[facet]) for facet in facets}
    ids = {topic for facet in TOPIC_FACETS for topic in offered[facet]}
    topics = {number: (slug, name) for number, slug, name in db.session.execute(_topics_by_ids(), {"ids": list(ids)})}
    options = []
    for facet, values in offered.items():
        choices = []
        for value in values:
            is_topic = facet in TOPIC_FACETS
            named: tuple[str, str] | None = topics.get(value) if is_topic else (str(value), _words(facet, value))
            # A topic may have been deleted since it was counted.
            if named is not None:
                slug_or_code, words = named
                choices.append(Choice(slug_or_code, words, counts[facet].get(value, 0), value in chosen[facet]))
        if choices:
            others = max(0, len(counts[facet]) - len(choices))
            options.append(FilterOptions(facet, str(FACET_LABELS[facet]), choices, others))
    return options


def _words(facet: Facet, value: str | int) -> str:
    if facet is Facet.KIND:
        return str(kinds.title(str(value), plural=True))
    if facet is Facet.OUTCOME:
        return str(Effect(str(value)).words)
    return str(value)


@cache
def _topics_by_ids() -> sa.Select[int, str, str]:
    return sa.select(Topic.id, Topic.slug, Topic.name).where(Topic.id.in_(sa.bindparam("ids", expanding=True)))


def _offered(facet: Facet, counts: Mapping[Any, int], chosen: Collection[Any]) -> list[Any]:
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
