"""How many stories tell of each topic, for the order of suggestions and the list of topics."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.search.index.engine import Facet, IndexFilters, IndexUnavailable, Query
from app.search.index.registry import engine
from app.stories.models import Story

_FACETS = (Facet.CONDITION, Facet.TREATMENT, Facet.SIDE_EFFECT)


@dataclass(frozen=True)
class TopicCounts:
    """The numbers of public stories by the id of the topic they name, without topics below it, for each way to name it.

    Thousands of topics are counted where a page shows a few, so the mappings are kept as the engine has them.
    """

    by_role: Sequence[Mapping[str | int, int]] = ()

    def of(self, topic_id: int) -> int:
        """The number of stories; 0 where nothing was counted."""
        # Hardly any topic is named in two roles; where one is, the two numbers may contain the same stories.
        return max((counts.get(topic_id, 0) for counts in self.by_role), default=0)

    def most(self, limit: int) -> list[int]:
        """The ids of the topics with most stories, most first."""
        numbers = {int(topic_id): self.of(int(topic_id)) for counts in self.by_role for topic_id in counts}
        return sorted(numbers, key=lambda topic_id: -numbers[topic_id])[:limit]


def stories_by_topic(exclude: Collection[str]) -> TopicCounts:
    """Count the public stories about every topic. Without an index nothing is counted.

    `exclude` are the keys of what must not be counted, see `visibility.hidden_keys`.
    """
    try:
        counts = engine().search(Query(), IndexFilters(kinds=(Story.kind,)), exclude, limit=1).counts
    except IndexUnavailable:
        return TopicCounts()
    return TopicCounts([counts[facet] for facet in _FACETS])
