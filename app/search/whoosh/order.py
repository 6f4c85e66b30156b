"""The order of results: the documents that a search leaves, sorted as asked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.search.index.engine import Sort
from app.search.index.weights import HALF_HELPFUL, HELPFUL_WEIGHT, RECENCY_MS, RECENCY_WEIGHT
from app.search.whoosh.columns import Columns, Mask
from app.search.whoosh.ranking import Ranked


class Order:
    """Sorts the documents of one committed state of the index, see `engine.Sort`."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        helpful = columns.helpful / (columns.helpful + HALF_HELPFUL)
        # Age counts from the newest document, not from now, so that the order does not change by itself.
        age = (columns.published.max(initial=0) - columns.published) / RECENCY_MS
        self._factor = (1 + HELPFUL_WEIGHT * helpful + RECENCY_WEIGHT * np.exp(-age)).astype(np.float32)

    def first(self, remaining: Mask, ranked: Ranked, sort: Sort, offset: int, limit: int) -> NDArray[np.intp]:
        """The document numbers of a page of the documents `remaining`, best first."""
        numbers = np.flatnonzero(remaining)
        published = self._columns.published[numbers]
        values = self._values(numbers, ranked, sort)
        end = offset + limit
        if end < len(numbers):
            # A partition is cheaper than a sort. Documents equal to the last one on the page stay: ties come below.
            least = -np.partition(-values, end - 1)[end - 1]
            kept = values >= least
            numbers, values, published = numbers[kept], values[kept], published[kept]
        order = np.lexsort((numbers, -published, -values))
        return numbers[order[offset:end]]

    def _values(self, numbers: NDArray[np.intp], ranked: Ranked, sort: Sort) -> NDArray[np.float64]:
        """The values to sort these documents by, greatest first."""
        if sort is Sort.NEWEST:
            return self._columns.published[numbers].astype(np.float64)
        if sort is Sort.HELPFUL:
            return self._columns.helpful[numbers].astype(np.float64)
        scores = (ranked.scores[numbers] * self._factor[numbers]).astype(np.float64)
        # One tier is worth more than any score.
        values: NDArray[np.float64] = scores + ranked.tiers[numbers] * (scores.max(initial=0) + 1)
        return values
