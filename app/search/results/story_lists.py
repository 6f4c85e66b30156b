"""Lists of stories: a page of cards, with the number of stories that each choice of a filter would leave.

The stories are read from the database. The counts come from the search engine, which needs milliseconds where the
database would need seconds. They leave out at once what was hidden; what was just published is counted once the worker
has indexed it. Where the engine cannot answer (see `story_filters.index_filters`) or has no index, the database counts
the list, and its choices have no counts.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.comments import authoring
from app.foundation.database import db
from app.foundation.web import keyset
from app.foundation.web.pagination import Page
from app.search.index import visibility
from app.search.index.engine import Hits, IndexUnavailable, Query
from app.search.index.registry import engine
from app.search.results.choices import FilterOptions, story_list_options
from app.search.results.story_filters import StoryFilters, index_filters, select_stories
from app.stories import queries
from app.stories.models import Story
from app.topics.models import Topic

log = logging.getLogger(__name__)


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
    decided: str | None = None,
) -> StoryList:
    """The page that the request asks for of the stories that meet these filters, all or those about a topic.

    `more` are further conditions; the engine cannot count a list that has some. `decided` is a filter that is not
    offered, because the page has set it. Needs a request.
    """
    hits = None if more else count(filters, topic)
    total = hits.total if hits else None
    selected = select_stories(filters, topic, *more, total=total)
    if total is None and (filters or topic is not None):
        total = _count(selected)
    page = keyset.page(selected, filters.sort.key)
    stories = queries.by_ids(page.items)
    return StoryList(
        filters,
        page.of(queries.cards(stories, authoring.counts(stories)["story"])),
        total,
        story_list_options(filters, hits.counts if hits else None, decided),
    )


def newest(topic: Topic, limit: int) -> tuple[list[Story], int]:
    """The newest stories about a topic, loaded for cards, and how many there are."""
    filters = StoryFilters()
    hits = count(filters, topic)
    selected = select_stories(filters, topic, total=hits.total if hits else None)
    order = [column.desc() for column in filters.sort.key]
    ids = selected.with_only_columns(Story.id).order_by(*order).limit(limit)
    rows = sa.select(Story).options(*queries.FOR_CARDS).where(Story.id.in_(ids), Story.public()).order_by(*order)
    stories = list(db.session.scalars(rows).unique())
    return stories, _count(selected) if hits is None else hits.total


def count(filters: StoryFilters, topic: Topic | None = None) -> Hits | None:
    """The total and the facet counts of a list by the search engine; None where it cannot answer."""
    asked = index_filters(filters, topic)
    if asked is None:
        return None
    try:
        return engine().search(Query(), asked, visibility.masked(), limit=1)
    except IndexUnavailable as reason:
        log.warning("lists without counts: %s", reason)
        return None


def _count(selected: sa.Select[Story]) -> int:
    ids = selected.with_only_columns(Story.id).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(ids)) or 0
