"""Lists of stories: a page of cards, with the number of stories that each choice of a filter would leave.

The stories are read from the database. The counts come from the search engine, which needs milliseconds where the
database would need seconds. They leave out at once what was hidden; what was just published is counted once the worker
has indexed it. Where the engine cannot answer (see `story_filters.index_filters`) or has no index, the database counts
the list, and its choices have no counts.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import gettext as _

from app.comments import authoring
from app.foundation.database import db
from app.foundation.web import keyset
from app.foundation.web.pagination import Page
from app.questionnaires.declaration import Answer
from app.search.index import visibility
from app.search.index.engine import Counts, Facet, Hits, IndexUnavailable, Query
from app.search.index.registry import engine
from app.search.query.topic_counts import stories_by_topic
from app.search.results.filters import Choice, FilterOptions
from app.search.results.story_filters import StoryFilters, index_filters, select_stories
from app.stories import queries
from app.stories.answers import Duration, Effect, Severity
from app.stories.models import Story
from app.topics.models import Topic, TopicKind

log = logging.getLogger(__name__)

# Offered by lists without counts: the topics that most stories tell of, or without an index the first by name.
MAX_UNCOUNTED = 100
# Conditions and treatments that a list with counts offers, the most frequent.
MAX_LISTED = 40


@dataclass(frozen=True)
class StoryList:
    """A page of a list of stories. `total` is its length, None for all stories if nothing counted them."""

    filters: StoryFilters
    page: Page[queries.Card]
    total: int | None
    options: Sequence[FilterOptions]


def story_list(
    filters: StoryFilters,
    topic: Topic | None = None,
    *more: sa.ColumnElement[bool],
    fixed_filter: str | None = None,
) -> StoryList:
    """The page that the request asks for of the stories that meet these filters, all or those about a topic.

    `more` are further conditions; the engine cannot count a list that has some. `fixed_filter` is a filter that is not
    offered, because the page has set it. Needs a request.
    """
    hits = None if more else count(filters, topic)
    total = hits.total if hits else None
    selected = select_stories(filters, topic, *more, total=total)
    if total is None and (filters or topic is not None):
        total = _count(selected)
    page = keyset.page(selected, filters.sort.key)
    stories = queries.public_by_ids(page.items)
    return StoryList(
        filters,
        page.of(queries.cards(stories, authoring.count_by_subject(stories)["story"])),
        total,
        story_list_options(filters, hits.counts if hits else None, fixed_filter),
    )


def newest(topic: Topic, limit: int) -> tuple[list[Story], int]:
    """The newest stories about a topic, loaded for cards, and how many there are."""
    filters = StoryFilters()
    hits = count(filters, topic)
    selected = select_stories(filters, topic, total=hits.total if hits else None)
    order = [column.desc() for column in filters.sort.key]
    ids = selected.with_only_columns(Story.id).order_by(*order).limit(limit)
    rows = sa.select(Story).options(*queries.CARD_LOADERS).where(Story.id.in_(ids), Story.public()).order_by(*order)
    stories = list(db.session.scalars(rows).unique())
    return stories, _count(selected) if hits is None else hits.total


def count(filters: StoryFilters, topic: Topic | None = None) -> Hits | None:
    """The total and the facet counts of a list by the search engine; None where it cannot answer."""
    asked = index_filters(filters, topic)
    if asked is None:
        return None
    try:
        return engine().search(Query(), asked, visibility.hidden_keys(), limit=1)
    except IndexUnavailable as reason:
        log.warning("lists without counts: %s", reason)
        return None


def _count(selected: sa.Select[Story]) -> int:
    ids = selected.with_only_columns(Story.id).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(ids)) or 0


# --- Choices ----------------------------------------------------------------------------------------------------


Counted = Mapping[str | int, int]


class _Topic(NamedTuple):
    id: int
    about: TopicKind
    slug: str
    name: str


def story_list_options(
    filters: StoryFilters, counts: Counts | None, fixed_filter: str | None = None
) -> list[FilterOptions]:
    """The filters of a list of stories that have choices, except `fixed_filter`, which the page has set.

    Without counts all answers are offered, MAX_UNCOUNTED topics, and no years but the chosen one. One statement, two
    without counts.
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
    return [each for each in options if each.choices and each.name != fixed_filter]


def _most_frequent(counts: Counted | None) -> Counted | None:
    if counts is None:
        return None
    return {each: counts[each] for each in sorted(counts, key=lambda each: -counts[each])[:MAX_LISTED]}


def _listed_topics(ids: Collection[int] | None) -> list[_Topic]:
    """These topics, or those that a list without counts offers, by name."""
    topics = sa.select(Topic.id, Topic.about, Topic.slug, Topic.name).order_by(Topic.name)
    if ids is not None:
        topics = topics.where(Topic.id.in_(ids))
    else:
        most = stories_by_topic(visibility.hidden_keys()).most(MAX_UNCOUNTED)
        of_kind = Topic.about.in_((TopicKind.CONDITION, TopicKind.TREATMENT))
        topics = topics.where(of_kind, Topic.id.in_(most) if most else Topic.reachable()).limit(MAX_UNCOUNTED)
    return [_Topic(*row) for row in db.session.execute(topics)]


def _topic_choices(
    topics: Sequence[_Topic], about: TopicKind, chosen: Topic | None, counts: Counted | None
) -> list[Choice]:
    shown = [topic for topic in topics if topic.about is about and (counts is None or topic.id in counts)]
    chosen_id = chosen.id if chosen is not None else None
    if chosen is not None and all(topic.id != chosen_id for topic in shown):
        shown.insert(0, _Topic(chosen.id, chosen.about, chosen.slug, chosen.name))
    return [
        Choice(topic.slug, topic.name, None if counts is None else counts.get(topic.id, 0), topic.id == chosen_id)
        for topic in shown
    ]


def _answer_choices(answers: type[Answer], chosen: Answer | None, counts: Counted | None) -> list[Choice]:
    return [
        Choice(each.value, str(each.words), None if counts is None else counts.get(each.value, 0), each is chosen)
        for each in answers
        if counts is None or each is chosen or each.value in counts
    ]


def _year_choices(chosen: int | None, counts: Counted) -> list[Choice]:
    years = sorted({*counts, *([chosen] if chosen else [])}, reverse=True)
    return [Choice(str(year), str(year), counts.get(year), year == chosen) for year in years]
