"""Order: which of the documents found come first.

The one place for what decides between documents besides their words. By relevance, what says everything as it is typed
comes first, then what says it in other forms, then what means it by other names, then what weighs more. Of two that
weigh nearly the same the one that helped more readers comes first, and the newer one: that counts as a few per cent
more weight, too little to stand against better words. By helpfulness, of two that helped as many, the newer one comes
first, then the one that was indexed first, so that pages fit together. How many it helped is what the site shows: 0 for
one or two.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.search.index.engine import Sort
from app.search.whoosh.columns import Columns, Mask
from app.search.whoosh.ranking import Ranked
from app.search.whoosh.weights import FEW_HELPED, HELPFUL, RECENT, RECENT_MS


class Order:
    """The order of the documents of one committed state of the index."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        helped = columns.helpful / (columns.helpful + FEW_HELPED)
        # Measured from the newest, not from now: the order of what is there does not change while nothing happens.
        age = (columns.published.max(initial=0) - columns.published) / RECENT_MS
        self._more = (1 + HELPFUL * helped + RECENT * np.exp(-age)).astype(np.float32)

    def first(self, remaining: Mask, ranked: Ranked, sort: Sort, offset: int, limit: int) -> NDArray[np.intp]:
        """The numbers of the documents on a page, best first.

        What cannot be on the page is put aside by a partition before anything is sorted.
        """
        numbers = np.flatnonzero(remaining)
        published = self._columns.published[numbers]
        worth = self._worth(numbers, ranked, sort)
        wanted = offset + limit
        if wanted < len(numbers):
            # Everything that is worth as much as the last one wanted stays: the tie is broken below.
            least = -np.partition(-worth, wanted - 1)[wanted - 1]
            kept = worth >= least
            numbers, worth, published = numbers[kept], worth[kept], published[kept]
        order = np.lexsort((numbers, -published, -worth))
        return numbers[order[offset:wanted]]

    def _worth(self, numbers: NDArray[np.intp], ranked: Ranked, sort: Sort) -> NDArray[np.float64]:
        if sort is Sort.NEWEST:
            return self._columns.published[numbers].astype(np.float64)
        if sort is Sort.HELPFUL:
            return self._columns.helpful[numbers].astype(np.float64)
        scores = (ranked.scores[numbers] * self._more[numbers]).astype(np.float64)
        # More than anything weighs: words go before names, whatever the lengths and frequencies.
        worth: NDArray[np.float64] = scores + ranked.tiers[numbers] * (scores.max(initial=0) + 1)
        return worth
