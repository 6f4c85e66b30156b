"""Browsing: the lists of stories, with how many there are for each choice of a filter. A search without words.

The list is read from the database. The numbers come from the arrays of the index, in milliseconds where the database
would need seconds: what was hidden is left out at once, what was published a moment ago is counted once the worker has
been there. The index knows nothing of how long a treatment was used or how bad side effects were. Where a list is
narrowed by these, and where there is no index, the database counts the list alone and the choices go without numbers.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.comments import authoring
from app.foundation.database import db
from app.foundation.web import keyset
from app.foundation.web.pagination import Page
from app.search.index import visibility
from app.search.index.engine import Facet, IndexFilters, IndexUnavailable, Query
from app.search.index.registry import engine
from app.stories import filter_choices, queries
from app.stories import filters as story_filters
from app.stories.models import SideEffect, Story, StoryRevision, TreatmentTried
from app.topics import vocabulary
from app.topics.models import Topic, TopicKind

log = logging.getLogger(__name__)

MOST_TOPICS = 40
"""Conditions and treatments offered, the commonest."""


@dataclass(frozen=True)
class FacetedCount:
    """How many stories a list has, and how many there would be for each choice of each filter."""

    total: int
    counts: Mapping[Facet, Mapping[str | int, int]]

    @property
    def by_filter(self) -> dict[str, Mapping[Any, int]]:
        """The counts under the names of the filters; of topics the commonest."""
        return {
            "condition": self._commonest(Facet.CONDITION),
            "treatment": self._commonest(Facet.TREATMENT),
            "effect": self.counts[Facet.OUTCOME],
            "year": self.counts[Facet.YEAR],
        }

    def _commonest(self, facet: Facet) -> dict[Any, int]:
        counted = self.counts[facet]
        return {each: counted[each] for each in sorted(counted, key=lambda each: -counted[each])[:MOST_TOPICS]}


@dataclass(frozen=True)
class StoryList:
    """A page of a list of stories. `total` is None where everything is listed and nobody counts."""

    filters: story_filters.StoryFilters
    page: Page[queries.Card]
    total: int | None
    offered: Sequence[filter_choices.FilterOptions]


def story_list(
    filters: story_filters.StoryFilters,
    topic: Topic | None = None,
    *more: sa.ColumnElement[bool],
    fixed: str | None = None,
) -> StoryList:
    """The page of the stories meeting these filters that the address asks for, of all or of those told of a topic.

    `fixed` is a filter that is not offered because the page has decided it.
    """
    counted = None if more else count(filters, topic)
    total = counted.total if counted else None
    chosen = story_filters.select_stories(filters, topic, *more, total=total)
    if total is None and (filters or topic is not None):
        number = sa.select(sa.func.count()).select_from(chosen.with_only_columns(Story.id).subquery())
        total = db.session.scalar(number) or 0
    page = keyset.page(chosen, filters.sort.key)
    stories = queries.by_ids(page.items)
    return StoryList(
        filters,
        page.of(queries.cards(stories, authoring.counts(stories)["story"])),
        total,
        filter_choices.filter_options(filters, counted.by_filter if counted else None, fixed),
    )


def newest(topic: Topic, most: int) -> tuple[list[Story], int]:
    """The newest stories told of a topic, and how many there are."""
    filters = story_filters.StoryFilters()
    counted = count(filters, topic)
    chosen = story_filters.select_stories(filters, topic, total=counted.total if counted else None)
    order = [column.desc() for column in filters.sort.key]
    ids = chosen.with_only_columns(Story.id).order_by(*order).limit(most)
    rows = sa.select(Story).options(*queries.FOR_CARDS).where(Story.id.in_(ids), Story.public()).order_by(*order)
    stories = list(db.session.scalars(rows).unique())
    if counted is not None:
        return stories, counted.total
    number = sa.select(sa.func.count()).select_from(chosen.with_only_columns(Story.id).subquery())
    return stories, db.session.scalar(number) or 0


def count(filters: story_filters.StoryFilters, topic: Topic | None = None) -> FacetedCount | None:
    """Count the stories that meet these filters, of all or of those told of a topic; None where that cannot be said."""
    asked = _as_engines_ask(filters, topic)
    if asked is None:
        return None
    try:
        hits = engine().search(Query(), asked, visibility.masked(), limit=1)
    except IndexUnavailable as reason:
        log.warning("lists without counts: %s", reason)
        return None
    return FacetedCount(hits.total, hits.counts)


def _as_engines_ask(filters: story_filters.StoryFilters, topic: Topic | None) -> IndexFilters | None:
    """The same in the words of an engine, or None where those do not say the same."""
    if filters.unknown or filters.counted or filters.side_effects or filters.duration:
        return None
    conditions: tuple[int, ...] = (filters.condition.id,) if filters.condition else ()
    treatments: tuple[int, ...] = (filters.treatment.id,) if filters.treatment else ()
    if topic is not None:
        decided = conditions if topic.about is TopicKind.CONDITION else treatments
        # With a treatment's own list any treatment of a story may have gone like this; an engine asks for this one.
        differs = filters.effect and topic.about is TopicKind.TREATMENT
        within = None if decided or differs else _filed_under(topic)
        if within is None:
            return None
        conditions = within if topic.about is TopicKind.CONDITION else conditions
        treatments = within if topic.about is TopicKind.TREATMENT else treatments
    return IndexFilters(
        kinds=("story",),
        conditions=conditions,
        treatments=treatments,
        outcomes=(filters.effect.value,) if filters.effect else (),
        years=(filters.year,) if filters.year else (),
    )


def _filed_under(topic: Topic) -> tuple[int, ...] | None:
    """The topics under which the index files what is told of a topic; None where it files otherwise than the list asks:
    a side effect is what was noted as one. One statement.
    """
    if topic.about not in (TopicKind.CONDITION, TopicKind.TREATMENT):
        return None
    within = vocabulary.within(topic).subquery()
    told_otherwise = (
        sa.select(TreatmentTried.id).where(TreatmentTried.topic_id == within.c.id)
        if topic.about is TopicKind.CONDITION
        else sa.select(StoryRevision.id).where(StoryRevision.condition_id == within.c.id)
    )
    noticed = sa.select(SideEffect.id).where(SideEffect.topic_id == within.c.id)
    rows = db.session.execute(sa.select(within.c.id, sa.or_(told_otherwise.exists(), noticed.exists()))).all()
    return None if any(row[1] for row in rows) else tuple(row[0] for row in rows)
