"""Ranking: the score and the tier of every document for a query.

Each part of a query becomes an array with one score per document, 0 where the document does not match; a match always
scores more than 0. So AND is a product of masks and OR a sum.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.reading import IndexReader
from whoosh.searching import Searcher

from app.search.index.documents import key_of
from app.search.index.engine import Clause, Query, Words
from app.search.index.weights import (
    MAX_PAIRS,
    PROXIMITY_WINDOW,
    WORD_FIELDS,
    Weights,
)
from app.search.query import analysis
from app.search.whoosh.columns import Columns, Mask, Segment
from app.search.whoosh.postings import (
    NO_POSTINGS,
    Postings,
    PostingsCache,
    Scores,
    read_close,
    read_phrase,
    read_typed,
    read_word,
)

# The fields whose words an author wrote; `names` are those of topics.
AUTHORED_FIELDS = ("title", "text")
# Completions of a prefix that are looked up in each segment.
MAX_COMPLETIONS = 20
# Tokens whose inverse document frequency is cached.
CACHED_IDF = 10_000
FIRST_TIER = 4


class Ranked(NamedTuple):
    """Score and tier of each document.

    The score is 0 where a document does not match. The tier is FIRST_TIER for what the query names, 3 if the document
    contains all groups of the query in the forms that were typed, 2 if it contains them in any form, 1 if it matches
    all of them, if need be by a synonym, and 0 if it matches only some.
    """

    scores: Scores
    tiers: NDArray[np.uint8]


class _Match(NamedTuple):
    """For each document its score by a clause, whether it contains the words themselves, and whether as typed."""

    scores: Scores
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
        weights: Weights,
    ) -> None:
        self._searcher = searcher
        self._readers = readers
        self._segments = segments
        self._columns = columns
        self._cache = cache
        self._weights = weights
        self._idf: Callable[[tuple[str, ...], str], float] = lru_cache(CACHED_IDF)(self._idf_of)

    def rank(self, query: Query) -> Ranked:
        """Score all documents. Every document matches a query without groups, all with the same score; one with groups
        is matched by documents with some of them if `fill_to` says so, else by those with all.
        """
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
        for pair in self._pairs(query):
            scores += self._closeness(*pair)
        matches_all = matched == len(query.groups)
        # Closeness alone is no match.
        scores *= matched > 0 if query.fill_to else matches_all
        # What matches only some groups stays below what matches all, however it is worded.
        tiers = (1 + has_words.astype(np.uint8) + has_typed) * matches_all
        for place, key in enumerate(reversed(query.first), start=1):
            named = self._with_value("key", key)
            scores[named], tiers[named] = place, FIRST_TIER
        for clause in query.excluded:
            scores[self._clause(clause).scores > 0] = 0
        return Ranked(scores, tiers)

    def titled(self, words: Sequence[str], prefix: str) -> Ranked:
        """Match documents whose title contains these tokens and a token with this prefix, or the stem of `prefix`."""
        has_prefix = np.zeros(self._columns.size, np.float32)
        for offset, segment, reader in self._leaves:
            # The iterator has to be exhausted before postings are read: a reader has one position in its file.
            terms = islice(reader.expand_prefix("title", analysis.form_of(prefix)), MAX_COMPLETIONS)
            for term in {analysis.token_of(prefix), *(term.decode() for term in terms)}:
                has_prefix[self._postings(segment, reader, "title", (term,)).numbers + offset] = 1
        scores = _all_of([has_prefix, *(self._in_fields(("title",), (word,)) for word in words)])
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
        synonym = np.float32(self._weights.synonym)
        scores = exact + synonym * _all_of([self._in_fields(("synonyms",), words) for words in clause.exact])
        if clause.others:
            scores += synonym * self._any_of(clause.others)
        for topic in clause.topics:
            self._add_for_value(scores, "topics", str(topic), self._weights.synonym)
            self._add_for_value(scores, "key", key_of("topic", topic), self._weights.topic_page)
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

    def _own_words(self, words: Words, typed: Words | None = None) -> Scores:
        return self._in_fields(WORD_FIELDS, words, typed)

    def _in_fields(self, fields: tuple[str, ...], words: Words, typed: Words | None = None) -> Scores:
        """The BM25F scores of a phrase in these fields together; with `typed` only in those forms."""
        factors = np.array([self._idf(fields, word) for word in words], np.float32)
        return self._saturated(self._frequencies(fields, words, typed), factors)

    def _any_of(self, phrases: Sequence[Words]) -> Scores:
        """The BM25F scores of these phrases as if they were one word that is written in several ways."""
        frequencies = np.zeros((1, self._columns.size), np.float32)
        for words in phrases:
            frequencies[0] += self._frequencies(WORD_FIELDS, words).min(axis=0)
        factor = _inverse_document_frequency(int(np.count_nonzero(frequencies)), self._columns.size)
        return self._saturated(frequencies, np.array([factor], np.float32))

    def _frequencies(self, fields: tuple[str, ...], words: Words, typed: Words | None = None) -> Scores:
        """A row for each token of a phrase: its weighted frequencies in the documents with the phrase in a field."""
        frequencies = np.zeros((len(words), self._columns.size), np.float32)
        for field in fields:
            for offset, segment, reader in self._leaves:
                numbers, counts = self._postings(segment, reader, field, words, typed)
                if numbers.size:
                    documents = numbers + offset
                    frequencies[:, documents] += counts * self._field_weights[field][documents]
        return frequencies

    def _saturated(self, frequencies: Scores, factors: Scores) -> Scores:
        """The sum over the rows of weighted frequencies, saturated, times the factors of the rows."""
        scores = np.zeros(frequencies.shape[1], np.float32)
        # As a mask first: that is ten times faster than looking for what is not zero among floats.
        documents = np.flatnonzero(frequencies[0] > 0)
        found, k1 = frequencies[:, documents], np.float32(self._weights.k1)
        scores[documents] = factors @ (found * (k1 + 1) / (found + k1))
        return scores

    def _idf_of(self, fields: tuple[str, ...], word: str) -> float:
        """The inverse document frequency of a token in these fields together."""
        has_word = np.zeros(self._columns.size, np.bool_)
        for field in fields:
            for offset, segment, reader in self._leaves:
                has_word[self._postings(segment, reader, field, (word,)).numbers + offset] = True
        return _inverse_document_frequency(int(np.count_nonzero(has_word)), self._columns.size)

    def _pairs(self, query: Query) -> list[tuple[str, str]]:
        """The neighbouring words of a query that may stand close together, those that say most if there are many."""
        pairs = [
            (before[0].exact[-1][-1], after[0].exact[0][0])
            for before, after in pairwise(query.groups)
            if len(before) == len(after) == 1
        ]
        return sorted((pair for pair in pairs if pair[0] != pair[1]), key=self._pair_idf, reverse=True)[:MAX_PAIRS]

    def _pair_idf(self, pair: tuple[str, str]) -> float:
        return min(self._idf(WORD_FIELDS, word) for word in pair)

    def _closeness(self, first: str, second: str) -> Scores:
        """The scores of documents with these tokens close together: like those of a word, by how often they are."""
        frequencies = np.zeros((1, self._columns.size), np.float32)
        # Names of topics are no sentences.
        for field in AUTHORED_FIELDS:
            for offset, segment, reader in self._leaves:
                numbers, counts = self._close_postings(segment, reader, field, first, second)
                if numbers.size:
                    documents = numbers + offset
                    frequencies[0, documents] += counts[0] * self._field_weights[field][documents]
        factor = self._weights.proximity * self._pair_idf((first, second))
        return self._saturated(frequencies, np.array([factor], np.float32))

    def _add_for_value(self, scores: Scores, field: str, value: str, score: float) -> None:
        """Add a score to all documents with this value in a field that is not analysed."""
        scores[self._with_value(field, value)] += score

    def _with_value(self, field: str, value: str) -> NDArray[np.int32]:
        """The numbers of all documents with this value in a field that is not analysed, deleted ones among them."""
        numbers = [
            self._postings(segment, reader, field, (value,)).numbers + offset
            for offset, segment, reader in self._leaves
        ]
        return np.concatenate(numbers) if numbers else NO_POSTINGS.numbers

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

    def _close_postings(self, segment: Segment, reader: IndexReader, field: str, first: str, second: str) -> Postings:
        def read() -> Postings:
            by_word = [self._postings(segment, reader, field, (word,)) for word in (first, second)]
            return read_close(reader, field, (first, second), by_word, PROXIMITY_WINDOW)

        # The prefix keeps these apart from other cache keys: no token is a tilde.
        return self._cache.get(segment.name, field, ("~", first, second), read)

    @cached_property
    def _leaves(self) -> list[tuple[np.int32, Segment, IndexReader]]:
        """Each segment with the document number of its first document and with Whoosh's reader."""
        offsets = [np.int32(offset) for offset in self._columns.offsets]
        return list(zip(offsets, self._segments, self._readers, strict=False))

    @cached_property
    def _field_weights(self) -> dict[str, Scores]:
        """What an occurrence in a field weighs in each document: the field's weight by the normalised length."""
        weights, b = self._weights, np.float32(self._weights.b)
        return {
            field: np.float32(weights.fields.get(field, 1)) / (1 - b + b * lengths / (lengths.mean() or 1))
            for field, lengths in self._columns.lengths.items()
        }


def _inverse_document_frequency(having: int, documents: int) -> float:
    """That of BM25: always greater than 0."""
    return math.log1p((documents - having + 0.5) / (having + 0.5))


def _all_of(parts: Iterable[Scores]) -> Scores:
    """The sum of these scores where all of them are more than 0, elsewhere 0."""
    first, *others = parts
    total = first
    for other in others:
        total = np.where((total > 0) & (other > 0), total + other, np.float32(0))
    return total
