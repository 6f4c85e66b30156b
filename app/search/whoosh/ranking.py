"""Ranking: the score and the tier of every document for a query, and the order of the results.

Each part of a query becomes an array with one score per document, 0 where the document does not match; a match always
scores more than 0 (see `Weighting` in `reading`). So AND is a product of masks and OR a sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.reading import IndexReader
from whoosh.searching import Searcher

from app.search.index.documents import key_of
from app.search.index.engine import Clause, Query, Sort, Words
from app.search.index.weights import (
    FIELD_BOOSTS,
    HALF_HELPFUL,
    HELPFUL_WEIGHT,
    K1,
    RECENCY_MS,
    RECENCY_WEIGHT,
    SYNONYM_BOOST,
    TOPIC_PAGE_SCORE,
    B,
)
from app.search.query import analysis
from app.search.whoosh.columns import Columns, Mask, Segment
from app.search.whoosh.postings import Postings, PostingsCache, Weights, read_phrase, read_typed, read_word

# The fields whose words an author wrote; `names` are those of topics.
AUTHORED_FIELDS = ("title", "text")
# Completions of a prefix that are looked up in each segment.
MAX_COMPLETIONS = 20
# Tokens whose inverse document frequency is cached.
CACHED_IDF = 10_000


class Ranked(NamedTuple):
    """Score and tier of each document.

    The score is 0 where a document does not match. The tier is 3 if the document contains all groups of the query in
    the forms that were typed, 2 if it contains them in any form, 1 if it matches all of them, if need be by a synonym,
    else 0.
    """

    scores: Weights
    tiers: NDArray[np.uint8]


class _Match(NamedTuple):
    """For each document its score by a clause, whether it contains the words themselves, and whether as typed."""

    scores: Weights
    has_words: Mask
    has_typed: Mask


class Ranking:
    """Scores the documents of one committed state of the index."""

    def __init__(
        self,
        searcher: Searcher,
        readers: Sequence[IndexReader],
        segments: Sequence[Segment],
        columns: Columns,
        cache: PostingsCache,
    ) -> None:
        self._searcher = searcher
        self._readers = readers
        self._segments = segments
        self._columns = columns
        self._cache = cache
        # Whoosh would ask every segment for each query.
        self._idf: Callable[[str, str], float] = lru_cache(CACHED_IDF)(searcher.idf)

    def rank(self, query: Query) -> Ranked:
        """Score all documents. Every document matches a query without groups, all with the same score."""
        size = self._columns.size
        scores, matched = np.zeros(size, np.float32), np.zeros(size, np.uint8)
        has_words, has_typed = np.ones(size, np.bool_), np.ones(size, np.bool_)
        if not query.groups:
            scores += 1
        for group in query.groups:
            match = self._group(group)
            scores += match.scores
            matched += match.scores > 0
            has_words &= match.has_words
            has_typed &= match.has_typed
        matches_all = matched == len(query.groups)
        scores[~matches_all if query.at_least is None else matched < query.at_least] = 0
        for clause in query.excluded:
            scores[self._clause(clause).scores > 0] = 0
        return Ranked(scores, matches_all.astype(np.uint8) + has_words + has_typed)

    def titled(self, words: Sequence[str], prefix: str) -> Ranked:
        """Match documents whose title contains these tokens and a token with this prefix, or the stem of `prefix`."""
        has_prefix = np.zeros(self._columns.size, np.float32)
        for offset, segment, reader in self._leaves:
            # The iterator has to be exhausted before postings are read: a reader has one position in its file.
            terms = islice(reader.expand_prefix("title", analysis.form_of(prefix)), MAX_COMPLETIONS)
            for term in {analysis.token_of(prefix), *(term.decode() for term in terms)}:
                has_prefix[self._postings(segment, reader, "title", (term,)).numbers + offset] = 1
        scores = _all_of([has_prefix, *(self._in_fields({"title": 1}, (word,)) for word in words)])
        return Ranked(scores, np.zeros(self._columns.size, np.uint8))

    def _group(self, group: Sequence[Clause]) -> _Match:
        matches = [self._clause(clause) for clause in group]
        if len(matches) == 1:
            return matches[0]
        return _Match(
            np.add.reduce([match.scores for match in matches]),
            np.logical_or.reduce([match.has_words for match in matches]),
            np.logical_or.reduce([match.has_typed for match in matches]),
        )

    def _clause(self, clause: Clause) -> _Match:
        if clause.literal:
            exact = _all_of([self._own_words(*pair) for pair in zip(clause.exact, clause.typed, strict=True)])
            return _Match(exact, exact > 0, exact > 0)
        exact = _all_of([self._own_words(words) for words in clause.exact])
        has_words = exact > 0
        has_typed = self._has_typed(clause, has_words)
        if not clause.widened:
            return _Match(exact, has_words, has_typed)
        scores = exact + _all_of([self._in_fields({"synonyms": SYNONYM_BOOST}, words) for words in clause.exact])
        for topic in clause.topics:
            self._add_for_value(scores, "topics", str(topic), SYNONYM_BOOST)
            self._add_for_value(scores, "key", key_of("topic", topic), TOPIC_PAGE_SCORE)
        for words in clause.others:
            scores += self._own_words(words, boost=SYNONYM_BOOST)
        return _Match(scores, has_words, has_typed)

    def _has_typed(self, clause: Clause, has_words: Mask) -> Mask:
        """Which documents contain a clause in the forms typed. In names of topics any form will do: their wording is
        not the author's.
        """
        has_all = has_words.copy()
        for words, typed in zip(clause.exact, clause.typed, strict=False):
            mask = np.zeros(self._columns.size, np.bool_)
            for offset, segment, reader in self._leaves:
                mask[self._postings(segment, reader, "names", words).numbers + offset] = True
                for field in AUTHORED_FIELDS:
                    mask[self._typed_postings(segment, reader, field, words, typed).numbers + offset] = True
            has_all &= mask
        return has_all

    def _own_words(self, words: Words, typed: Words | None = None, *, boost: float = 1.0) -> Weights:
        return self._in_fields({field: boost * weight for field, weight in FIELD_BOOSTS.items()}, words, typed)

    def _in_fields(self, boosts: dict[str, float], words: Words, typed: Words | None = None) -> Weights:
        """The BM25F scores of a phrase in these fields, by their boosts; with `typed` only in those forms."""
        total = np.zeros(self._columns.size, np.float32)
        if not total.size:
            return total
        for field, boost in boosts.items():
            factors = np.array([self._idf(field, word) for word in words], np.float32) * boost * (K1 + 1)
            for offset, segment, reader in self._leaves:
                numbers, weights = self._postings(segment, reader, field, words, typed)
                if numbers.size:
                    documents = numbers + offset
                    saturated = weights / (weights + self._norms[field][documents])
                    total[documents] += factors @ saturated
        return total

    def _add_for_value(self, scores: Weights, field: str, value: str, score: float) -> None:
        """Add a score to all documents with this value in a field that is not analysed."""
        for offset, segment, reader in self._leaves:
            scores[self._postings(segment, reader, field, (value,)).numbers + offset] += score

    def _postings(
        self, segment: Segment, reader: IndexReader, field: str, words: Words, typed: Words | None = None
    ) -> Postings:
        def read() -> Postings:
            if len(words) == 1 and typed is None:
                return read_word(reader, field, words[0])
            by_word = [self._postings(segment, reader, field, (word,)) for word in words]
            return read_phrase(reader, field, words, by_word, typed)

        # The prefix keeps these apart from other cache keys: no token is a quotation mark.
        key = words if typed is None else ('"', *words, *typed)
        return self._cache.get(segment.name, field, key, read)

    def _typed_postings(
        self, segment: Segment, reader: IndexReader, field: str, words: Words, typed: Words
    ) -> Postings:
        # The prefix keeps these apart from other cache keys: no token is an equals sign.
        key = ("=", *words, *typed)
        return self._cache.get(segment.name, field, key, lambda: read_typed(reader, field, words, typed))

    @cached_property
    def _leaves(self) -> list[tuple[np.int32, Segment, IndexReader]]:
        """Each segment with the document number of its first document and with Whoosh's reader."""
        offsets = [np.int32(offset) for offset in self._columns.offsets]
        return list(zip(offsets, self._segments, self._readers, strict=False))

    @cached_property
    def _norms(self) -> dict[str, Weights]:
        """The length normalisation of BM25 for each document, by field."""
        norms = {}
        for field, lengths in self._columns.lengths.items():
            average = self._searcher.avg_field_length(field) or 1
            norms[field] = np.float32(K1) * (np.float32(1 - B) + np.float32(B / average) * lengths)
        return norms


def _all_of(parts: Iterable[Weights]) -> Weights:
    """The sum of these scores where all of them are more than 0, elsewhere 0."""
    first, *others = parts
    total = first
    for other in others:
        total = np.where((total > 0) & (other > 0), total + other, np.float32(0))
    return total


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
