"""How many stories tell of each topic, for the order of suggestions and the list of topics."""

from __future__ import annotations

from collections.abc import Collection

from app.search.index.engine import Facet, IndexFilters, IndexUnavailable, Query
from app.search.index.registry import engine
from app.stories.models import Story

_FACETS = (Facet.CONDITION, Facet.TREATMENT, Facet.SIDE_EFFECT)


def stories_by_topic(exclude: Collection[str]) -> dict[int, int]:
    """The number of public stories by the id of the topic they name, without topics below it; empty without an index.

    `exclude` are the keys of what must not be counted, see `visibility.hidden_keys`.
    """
    try:
        counts = engine().search(Query(), IndexFilters(kinds=(Story.kind,)), exclude, limit=1).counts
    except IndexUnavailable:
        return {}
    stories: dict[int, int] = {}
    for facet in _FACETS:
        for topic_id, number in counts[facet].items():
            # Hardly any topic is named in two roles; where one is, the two numbers may contain the same stories.
            stories[int(topic_id)] = max(number, stories.get(int(topic_id), 0))
    return stories
