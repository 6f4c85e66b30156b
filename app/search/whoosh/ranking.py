"""Ranking: how well each document answers a query, by BM25F over arrays.

Every part of a query becomes an array with a number for each document: 0 where it is not found, else what it weighs
(which is never 0 where a word occurs, see `whoosh_reading.Weighting`). 'All of these' is then a product of masks, 'one
of these' a sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.search.index.documents import key_of
from app.search.index.engine import Clause, Query, Words
from app.search.query import analysis
from app.search.whoosh.columns import Columns, Mask, Segment
from app.search.whoosh.postings import Postings, PostingsCache, Weights, read_phrase, read_typed, read_word
from app.search.whoosh.weights import K1, OWN_WORDS, PAGE_OF_TOPIC, WIDENED, B

# The fields that hold what somebody wrote, in whatever form.
WRITTEN = ("title", "text")
# Words that a beginning may stand for, in each segment.
MOST_ENDINGS = 20
# Words of which is remembered how rare they are.
REMEMBERED = 10_000


class Ranked(NamedTuple):
    """For each document what it weighs, 0 if it is not found; and its tier: 3 if it says everything as it is typed, 2
    if it does so in other forms of the words, 1 if it says or means everything, else 0.
    """

    scores: Weights
    tiers: NDArray[np.uint8]


class _Said(NamedTuple):
    """For each document what it weighs by a clause, whether it says it itself, and whether as it is typed."""

    scores: Weights
    itself: Mask
    typed: Mask


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
        scores, met = np.zeros(size, np.float32), np.zeros(size, np.uint8)
        itself, typed = np.ones(size, np.bool_), np.ones(size, np.bool_)
        if not query.groups:
            scores += 1
        for group in query.groups:
            said = self._group(group)
            scores += said.scores
            met += said.scores > 0
            itself &= said.itself
            typed &= said.typed
        everything = met == len(query.groups)
        scores[~everything if query.at_least is None else met < query.at_least] = 0
        for clause in query.excluded:
            scores[self._clause(clause).scores > 0] = 0
        return Ranked(scores, everything.astype(np.uint8) + itself + typed)

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

    def _group(self, group: Sequence[Clause]) -> _Said:
        found = [self._clause(clause) for clause in group]
        if len(found) == 1:
            return found[0]
        return _Said(
            np.add.reduce([each.scores for each in found]),
            np.logical_or.reduce([each.itself for each in found]),
            np.logical_or.reduce([each.typed for each in found]),
        )

    def _clause(self, clause: Clause) -> _Said:
        if clause.literal:
            said = [self._said(*pair) for pair in zip(clause.exact, clause.typed, strict=True)]
            exact = _all_of(said)
            return _Said(exact, exact > 0, exact > 0)
        exact = _all_of([self._said(words) for words in clause.exact])
        itself = exact > 0
        typed = self._typed(clause, itself)
        if not clause.widened:
            return _Said(exact, itself, typed)
        full = exact + _all_of([self._in({"synonyms": WIDENED}, words) for words in clause.exact])
        for topic in clause.topics:
            self._mark(full, "topics", str(topic), WIDENED)
            self._mark(full, "key", key_of("topic", topic), PAGE_OF_TOPIC)
        for words in clause.others:
            full += self._said(words, weight=WIDENED)
        return _Said(full, itself, typed)

    def _typed(self, clause: Clause, itself: Mask) -> Mask:
        """What says a clause as it is typed. The names of topics are nobody's wording: their forms do not matter."""
        all_typed = itself.copy()
        for words, typed in zip(clause.exact, clause.typed, strict=False):
            found = np.zeros(self._columns.size, np.bool_)
            for offset, segment, reader in self._leaves:
                found[self._postings(segment, reader, "names", words).numbers + offset] = True
                for field in WRITTEN:
                    found[self._typed_postings(segment, reader, field, words, typed).numbers + offset] = True
            all_typed &= found
        return all_typed

    def _said(self, words: Words, typed: Words | None = None, *, weight: float = 1.0) -> Weights:
        return self._in({field: weight * boost for field, boost in OWN_WORDS.items()}, words, typed)

    def _in(self, boosts: dict[str, float], words: Words, typed: Words | None = None) -> Weights:
        """What says these words one after the other in a field, by the weight of the field; with `typed` only what says
        them in these forms.
        """
        total = np.zeros(self._columns.size, np.float32)
        if not total.size:
            return total
        for field, boost in boosts.items():
            factors = np.array([self._idf(field, word) for word in words], np.float32) * boost * (K1 + 1)
            for offset, segment, reader in self._leaves:
                numbers, weights = self._postings(segment, reader, field, words, typed)
                if numbers.size:
                    places = numbers + offset
                    saturated = weights / (weights + self._norms[field][places])
                    total[places] += factors @ saturated
        return total

    def _mark(self, total: Weights, field: str, value: str, weight: float) -> None:
        """Add a weight to all documents with a value in a field that holds no words."""
        for offset, segment, reader in self._leaves:
            total[self._postings(segment, reader, field, (value,)).numbers + offset] += weight

    def _postings(
        self, segment: Segment, reader: Any, field: str, words: Words, typed: Words | None = None
    ) -> Postings:
        def read() -> Postings:
            if len(words) == 1 and typed is None:
                return read_word(reader, field, words[0])
            each = [self._postings(segment, reader, field, (word,)) for word in words]
            return read_phrase(reader, field, words, each, typed)

        # What is quoted under another name than the words themselves: no word begins like this.
        key = words if typed is None else ('"', *words, *typed)
        return self._cache.get(segment.name, field, key, read)

    def _typed_postings(self, segment: Segment, reader: Any, field: str, words: Words, typed: Words) -> Postings:
        # Under another name than the words themselves: no word begins like this.
        key = ("=", *words, *typed)
        return self._cache.get(segment.name, field, key, lambda: read_typed(reader, field, words, typed))

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
