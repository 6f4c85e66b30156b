"""Postings as numpy arrays, read from a segment and kept in an LRU cache.

Iterating over Whoosh's postings takes about a microsecond each, which is too slow for words that occur in tens of
thousands of documents. `codec` stores them so that they can be read as arrays at once. They are cached by segment, and
segments never change: after a commit only the postings of new segments have to be read. Deleted documents are still
among them; callers mask those.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.matching.wrappers import WrappingMatcher
from whoosh.reading import IndexReader

from app.search.index.engine import Words
from app.search.whoosh.codec import LAST_POSITION, POSITION_BITS, ArrayMatcher, Stored, form_code

Numbers = NDArray[np.int32]
Scores = NDArray[np.float32]

DEFAULT_CACHE_BYTES = 64 * 1024 * 1024
# Tokens and phrases, in a field of a segment, of which it is remembered that no document has them: some MB at most.
MAX_ABSENT = 10_000
# Bytes that Python needs for a cache entry in addition to the content of its arrays.
_OVERHEAD = 400
# A document number and a position packed into one 64-bit integer: the document number is in the upper half.
_DOCUMENT_SHIFT = 32


class Postings(NamedTuple):
    """The postings of one token, or of a phrase, in a field of a segment.

    `numbers` are the document numbers within the segment in ascending order. `weights` has a row for each token and a
    column for each document: the frequency of the token there.
    """

    numbers: Numbers
    weights: Scores


NO_POSTINGS = Postings(np.empty(0, np.int32), np.empty((1, 0), np.float32))


# A segment, a field, and a token or phrase.
_Key = tuple[str, str, Words]


class PostingsCache:
    """An LRU cache of postings, limited by bytes, and of MAX_ABSENT tokens that are in no document. Not thread-safe."""

    def __init__(self, max_bytes: int = DEFAULT_CACHE_BYTES) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[_Key, Postings] = OrderedDict()
        self._absent: set[_Key] = set()
        self.size = 0

    def get(self, segment: str, field: str, words: Words, read: Callable[[], Postings]) -> Postings:
        """The postings of a token or phrase in a field of a segment; `read` is called if they are not cached."""
        key = (segment, field, words)
        postings = self._entries.get(key)
        if postings is not None:
            self._entries.move_to_end(key)
            return postings
        if key in self._absent:
            return NO_POSTINGS
        postings = read()
        if postings is NO_POSTINGS:
            self._note_absent(key)
            return postings
        self._entries[key] = postings
        self.size += _size(postings)
        while self.size > self._max_bytes and len(self._entries) > 1:
            _key, evicted = self._entries.popitem(last=False)
            self.size -= _size(evicted)
        return postings

    def _note_absent(self, key: _Key) -> None:
        # Whoever sends words that are in no text must not fill the memory, nor drive out what others search for.
        if len(self._absent) >= MAX_ABSENT:
            self._absent.clear()
        self._absent.add(key)

    def keep_only(self, segments: set[str]) -> None:
        """Evict the postings of all segments but these."""
        self._absent = {key for key in self._absent if key[0] in segments}
        for key in [key for key in self._entries if key[0] not in segments]:
            self.size -= _size(self._entries.pop(key))


def _size(postings: Postings) -> int:
    return int(postings.numbers.nbytes + postings.weights.nbytes) + _OVERHEAD


def read_word(reader: IndexReader, field: str, word: str) -> Postings:
    """The postings of a token in a field, through Whoosh's reader of a segment."""
    stored = _stored(reader, field, word)
    if stored is None:
        return NO_POSTINGS
    return Postings(_numbers(stored), _frequencies(stored).reshape(1, -1))


def read_phrase(
    reader: IndexReader, field: str, words: Words, by_word: Sequence[Postings], typed: Words | None = None
) -> Postings:
    """The postings of a phrase: documents in which these tokens are adjacent and in this order.

    `by_word` are the postings of each token. With `typed` the tokens have to occur in these forms. Positions are read
    only for documents that contain all tokens.
    """
    have_all = _have_all(reader, by_word)
    if not have_all.any():
        return NO_POSTINGS
    forms: Sequence[str | None] = typed or [None] * len(words)
    wanted = list(zip(words, forms, strict=True))
    places = {pair: _places(reader, field, *pair, have_all) for pair in set(wanted)}
    # Adjacent tokens of one document have packed places that differ by 1.
    ends = places[wanted[0]]
    for pair in wanted[1:]:
        ends = _intersection(ends + 1, places[pair])
    numbers = np.unique(ends >> _DOCUMENT_SHIFT).astype(np.int32)
    weights = [postings.weights[0, np.searchsorted(postings.numbers, numbers)] for postings in by_word]
    return Postings(numbers, np.stack(weights))


def read_typed(reader: IndexReader, field: str, words: Words, typed: Words) -> Postings:
    """Documents that contain all of these tokens in the forms `typed`, in any place. The postings have no weights."""
    numbers: Numbers | None = None
    for word, form in zip(words, typed, strict=True):
        stored = _stored(reader, field, word)
        if stored is None:
            return NO_POSTINGS
        is_typed = np.frombuffer(stored.values, np.uint32) >> POSITION_BITS == form_code(form)
        having = np.unique(_document_of_each_place(stored)[is_typed])
        numbers = having if numbers is None else np.intersect1d(numbers, having, assume_unique=True)
    assert numbers is not None, "a clause has words"
    return Postings(numbers, np.empty((0, len(numbers)), np.float32))


def read_close(
    reader: IndexReader, field: str, words: tuple[str, str], by_word: Sequence[Postings], window: int
) -> Postings:
    """Documents in which two tokens are at most `window` words apart, in any order, with the number of times that the
    first has the second so close.
    """
    have_both = _have_all(reader, by_word)
    if not have_both.any():
        return NO_POSTINGS
    first, second = (_places(reader, field, word, None, have_both) for word in words)
    # Places of different documents are further apart than any window.
    after = np.searchsorted(second, first)
    next_one, one_before = second[np.minimum(after, len(second) - 1)], second[np.maximum(after - 1, 0)]
    is_close = (np.abs(next_one - first) <= window) | (np.abs(first - one_before) <= window)
    numbers, counts = np.unique(first[is_close] >> _DOCUMENT_SHIFT, return_counts=True)
    return Postings(numbers.astype(np.int32), counts.astype(np.float32).reshape(1, -1))


def _have_all(reader: IndexReader, by_word: Sequence[Postings]) -> NDArray[np.bool_]:
    """Which documents of a segment are in all of these postings."""
    have_all = np.ones(reader.doc_count_all(), np.bool_)
    for postings in by_word:
        has = np.zeros_like(have_all)
        has[postings.numbers] = True
        have_all &= has
    return have_all


def _places(
    reader: IndexReader, field: str, word: str, form: str | None, documents: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The packed places of a token in these documents, ascending; only those of one form if it is given."""
    stored = _stored(reader, field, word)
    assert stored is not None, "some document has it"
    numbers = _document_of_each_place(stored)
    places = np.frombuffer(stored.values, np.uint32)
    wanted = documents[numbers]
    if form is not None:
        wanted &= places >> POSITION_BITS == form_code(form)
    return (numbers[wanted].astype(np.int64) << _DOCUMENT_SHIFT) + (places[wanted] & LAST_POSITION)


def _intersection(some: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
    """The values that two sorted arrays have in common, sorted."""
    at = np.searchsorted(others, some)
    is_common = at < len(others)
    is_common[is_common] = others[at[is_common]] == some[is_common]
    return some[is_common]


def _stored(reader: IndexReader, field: str, word: str) -> Stored | None:
    if (field, word.encode()) not in reader:
        return None
    matcher = reader.postings(field, word)
    # Whoosh wraps the matcher in filters that skip deleted documents.
    while isinstance(matcher, WrappingMatcher):
        matcher = matcher.child
    assert isinstance(matcher, ArrayMatcher), "made by ArrayCodec"
    return matcher.stored


def _numbers(stored: Stored) -> Numbers:
    return np.frombuffer(stored.numbers, np.uint32).astype(np.int32)


def _document_of_each_place(stored: Stored) -> Numbers:
    return np.repeat(_numbers(stored), _frequencies(stored).astype(np.int64))


def _frequencies(stored: Stored) -> Scores:
    """The frequency of the token in each document."""
    if stored.weights is None:
        return np.ones(len(stored.numbers), np.float32)
    return np.array(stored.weights, np.float32)
