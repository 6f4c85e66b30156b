"""Ranking: how well each document answers a query, by BM25F over arrays.

Every part of a query becomes an array with a number for each document: 0 where it is not found, else what it weighs
(BM25 as Whoosh reckons it is never 0 where a word occurs). 'All of these' is then a product of masks, 'one of these' a
sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.search import analysis
from app.search.documents import key_of
from app.search.engine import Clause, Query, Words
from app.search.postings import Postings, PostingsCache, Weights, read_phrase, read_word
from app.search.segments import Columns, Mask, Segment
from app.search.weights import K1, OWN_WORDS, PAGE_OF_TOPIC, WIDENED, B

# Words that a beginning may stand for, in each segment.
MOST_ENDINGS = 20
# Words of which is remembered how rare they are.
REMEMBERED = 10_000


class Ranked(NamedTuple):
    """For each document what it weighs, 0 if it is not found; and its tier: 2 if it says everything in its own words, 1
    if it says or means everything, else 0.
    """

    scores: Weights
    tiers: NDArray[np.uint8]


class Ranking:
    """Weighs the documents of one committed state of the index."""

    def __init__(
        self,
        searcher: Any,
        readers: Sequence[Any],
        segments: Sequence[Segment],
        columns: Columns,
        cache: PostingsCache,
    ) -> None:
        self._searcher = searcher
        self._readers = readers
        self._segments = segments
        self._columns = columns
        self._cache = cache
        # How rare a word is: Whoosh asks every segment, each time.
        self._idf: Callable[[str, str], float] = lru_cache(REMEMBERED)(searcher.idf)

    def rank(self, query: Query) -> Ranked:
        """Weigh all documents. A query without groups finds everything and weighs nothing."""
        size = self._columns.size
        scores, exact = np.zeros(size, np.float32), np.ones(size, np.bool_)
        met = np.zeros(size, np.uint8)
        if not query.groups:
            scores += 1
        for group in query.groups:
            any_of, any_exact = self._group(group)
            scores += any_of
            met += any_of > 0
            exact &= any_exact
        everything = met == len(query.groups)
        scores[~everything if query.at_least is None else met < query.at_least] = 0
        for clause in query.excluded:
            scores[self._clause(clause)[0] > 0] = 0
        return Ranked(scores, everything.astype(np.uint8) + exact)

    def titled(self, words: Sequence[str], beginning: str) -> Ranked:
        """Find what has these words in its title and one that begins like this, or whose stem it is."""
        begun = np.zeros(self._columns.size, np.float32)
        for offset, segment, reader in self._leaves:
            # Read to the end before postings are: a reader has one place in its file.
            terms = islice(reader.expand_prefix("title", analysis.folded(beginning)), MOST_ENDINGS)
            for term in {analysis.normal(beginning), *(term.decode() for term in terms)}:
                begun[self._postings(segment, reader, "title", (term,)).numbers + offset] = 1
        found = _all_of([begun, *(self._in({"title": 1}, (word,)) for word in words)])
        return Ranked(found, np.zeros(self._columns.size, np.uint8))

    def _group(self, group: Sequence[Clause]) -> tuple[Weights, Mask]:
        found = [self._clause(clause) for clause in group]
        scores = np.add.reduce([full for full, _exact in found])
        return scores, np.logical_or.reduce([exact > 0 for _full, exact in found])

    def _clause(self, clause: Clause) -> tuple[Weights, Weights]:
        """What finds a clause in any way, and what says it exactly."""
        exact = _all_of([self._said(words) for words in clause.exact])
        if not clause.widened:
            return exact, exact
        full = exact + _all_of([self._in({"synonyms": WIDENED}, words) for words in clause.exact])
        for topic in clause.topics:
            self._mark(full, "topics", str(topic), WIDENED)
            self._mark(full, "key", key_of("topic", topic), PAGE_OF_TOPIC)
        for words in clause.others:
            full += self._said(words, WIDENED)
        return full, exact

    def _said(self, words: Words, weight: float = 1.0) -> Weights:
        return self._in({field: weight * boost for field, boost in OWN_WORDS.items()}, words)

    def _in(self, boosts: dict[str, float], words: Words) -> Weights:
        """What says these words one after the other in a field, by the weight of the field."""
        total = np.zeros(self._columns.size, np.float32)
        if not total.size:
            return total
        for field, boost in boosts.items():
            factors = np.array([self._idf(field, word) for word in words], np.float32) * boost * (K1 + 1)
            for offset, segment, reader in self._leaves:
                numbers, weights = self._postings(segment, reader, field, words)
                if numbers.size:
                    places = numbers + offset
                    saturated = weights / (weights + self._norms[field][places])
                    total[places] += factors @ saturated
        return total

    def _mark(self, total: Weights, field: str, value: str, weight: float) -> None:
        """Add a weight to all documents with a value in a field that holds no words."""
        for offset, segment, reader in self._leaves:
            total[self._postings(segment, reader, field, (value,)).numbers + offset] += weight

    def _postings(self, segment: Segment, reader: Any, field: str, words: Words) -> Postings:
        def read() -> Postings:
            if len(words) == 1:
                return read_word(reader, field, words[0])
            each = [self._postings(segment, reader, field, (word,)) for word in words]
            return read_phrase(reader, field, words, each)

        return self._cache.get(segment.name, field, words, read)

    @cached_property
    def _leaves(self) -> list[tuple[np.int32, Segment, Any]]:
        offsets = [np.int32(offset) for offset in self._columns.offsets]
        return list(zip(offsets, self._segments, self._readers, strict=False))

    @cached_property
    def _norms(self) -> dict[str, Weights]:
        """What of BM25 depends on the length of a field alone."""
        norms = {}
        for field, lengths in self._columns.lengths.items():
            average = self._searcher.avg_field_length(field) or 1
            norms[field] = np.float32(K1) * (np.float32(1 - B) + np.float32(B / average) * lengths)
        return norms


def _all_of(parts: Iterable[Weights]) -> Weights:
    """The sum where every part is found, 0 elsewhere."""
    first, *others = parts
    total = first
    for other in others:
        total = np.where((total > 0) & (other > 0), total + other, np.float32(0))
    return total
