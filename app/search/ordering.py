"""Order: which of the documents found come first.

The one place for what decides between documents besides their words. By relevance, those that say everything in their
own words come first, then those that mean it by other names, then what weighs more; of two that weigh the same the
newer one, then the one that was indexed first, so that pages fit together. How many readers a story helped belongs here
as well, as a tie-breaker and as a sort of its own, once there are thanks to count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.search.engine import Sort
from app.search.ranking import Ranked
from app.search.segments import Columns, Mask


def first(remaining: Mask, ranked: Ranked, columns: Columns, sort: Sort, offset: int, limit: int) -> NDArray[np.intp]:
    """The numbers of the documents on a page, best first.

    What cannot be on the page is put aside by a partition before anything is sorted.
    """
    numbers = np.flatnonzero(remaining)
    published = columns.published[numbers]
    if sort is Sort.NEWEST:
        worth = published.astype(np.float64)
    else:
        scores = ranked.scores[numbers].astype(np.float64)
        # More than anything weighs: words go before names, whatever the lengths and frequencies.
        worth = scores + ranked.tiers[numbers] * (scores.max(initial=0) + 1)
    wanted = offset + limit
    if wanted < len(numbers):
        # Everything that is worth as much as the last one wanted stays: the tie is broken below.
        least = -np.partition(-worth, wanted - 1)[wanted - 1]
        kept = worth >= least
        numbers, worth, published = numbers[kept], worth[kept], published[kept]
    order = np.lexsort((numbers, -published, -worth))
    return numbers[order[offset:wanted]]
