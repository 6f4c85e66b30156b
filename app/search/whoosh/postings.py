"""The postings of words, read from Whoosh once and kept as arrays.

Whoosh walks through a word's postings one by one, about a microsecond each; forty thousand of them for every search is
what makes it slow. Here they come as arrays, as `whoosh_codec` keeps them, and stay in memory for as long as others are
not used more recently. They are kept by segment, and a segment never changes, so a commit costs reading what is new;
what is deleted from a segment is masked by whoever asks.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.search.index.engine import Words
from app.search.whoosh.codec import LAST_POSITION, POSITION_BITS, ArrayMatcher, Stored, form_code

Numbers = NDArray[np.int32]
Weights = NDArray[np.float32]

MOST_BYTES = 64 * 1024 * 1024
# What Python needs for an entry besides the content of its arrays.
_OVERHEAD = 400
# Document and position as one number: the document stands in the upper half.
_PLACE_BITS = 32


class Postings(NamedTuple):
    """Where words occur in a field: the numbers of the documents within their segment, rising, and how often each of
    the words occurs there; `weights` has a row for each word.
    """

    numbers: Numbers
    weights: Weights


NOWHERE = Postings(np.empty(0, np.int32), np.empty((1, 0), np.float32))


class PostingsCache:
    """The postings that were used last, up to a number of bytes. For one thread at a time."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[tuple[str, str, Words], Postings] = OrderedDict()
        self.size = 0

    def get(self, segment: str, field: str, words: Words, read: Callable[[], Postings]) -> Postings:
        """The postings of a word or phrase in a segment, by `read` unless they are here."""
        key = (segment, field, words)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        found = read()
        self._kept[key] = found
        self.size += _size(found)
        while self.size > self._most and len(self._kept) > 1:
            _key, dropped = self._kept.popitem(last=False)
            self.size -= _size(dropped)
        return found

    def keep_only(self, segments: set[str]) -> None:
        """Forget what belongs to segments that are no more."""
        for key in [key for key in self._kept if key[0] not in segments]:
            self.size -= _size(self._kept.pop(key))


def _size(postings: Postings) -> int:
    return int(postings.numbers.nbytes + postings.weights.nbytes) + _OVERHEAD


def read_word(reader: Any, field: str, word: str) -> Postings:
    """The postings of a word in a segment, by the segment's reader."""
    stored = _stored(reader, field, word)
    if stored is None:
        return NOWHERE
    return Postings(_numbers(stored), _weights(stored).reshape(1, -1))


def read_phrase(reader: Any, field: str, words: Words, each: list[Postings], typed: Words | None = None) -> Postings:
    """The postings of words that stand one after the other, if need be as they are typed; `each` are those of the words
    by themselves.

    Positions are looked at only in documents that have all of the words.
    """
    have_all = np.ones(reader.doc_count_all(), np.bool_)
    for postings in each:
        has = np.zeros_like(have_all)
        has[postings.numbers] = True
        have_all &= has
    if not have_all.any():
        return NOWHERE
    # Document and position as one number, so that words which stand one after the other are neighbours.
    forms: Sequence[str | None] = typed or [None] * len(words)
    sought = list(zip(words, forms, strict=True))
    places = {pair: _places(reader, field, *pair, have_all) for pair in set(sought)}
    ends = places[sought[0]]
    for pair in sought[1:]:
        ends = _among(ends + 1, places[pair])
    numbers = np.unique(ends >> _PLACE_BITS).astype(np.int32)
    weights = [postings.weights[0, np.searchsorted(postings.numbers, numbers)] for postings in each]
    return Postings(numbers, np.stack(weights))


def read_typed(reader: Any, field: str, words: Words, typed: Words) -> Postings:
    """Where these words occur as they are typed, not in another of their forms; of several, each somewhere. Weighs
    nothing.
    """
    numbers: Numbers | None = None
    for word, form in zip(words, typed, strict=True):
        stored = _stored(reader, field, word)
        if stored is None:
            return NOWHERE
        is_typed = np.frombuffer(stored.values, np.uint32) >> POSITION_BITS == form_code(form)
        found = np.unique(_repeated(stored)[is_typed])
        numbers = found if numbers is None else np.intersect1d(numbers, found, assume_unique=True)
    assert numbers is not None, "there are words"
    return Postings(numbers, np.empty((0, len(numbers)), np.float32))


def _places(reader: Any, field: str, word: str, form: str | None, documents: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Where a word stands in these documents, in this form if one is given; rising."""
    stored = _stored(reader, field, word)
    assert stored is not None, "some document has it"
    numbers = _repeated(stored)
    places = np.frombuffer(stored.values, np.uint32)
    wanted = documents[numbers]
    if form is not None:
        wanted &= places >> POSITION_BITS == form_code(form)
    return (numbers[wanted].astype(np.int64) << _PLACE_BITS) + (places[wanted] & LAST_POSITION)


def _among(sought: NDArray[np.int64], rising: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those that are among the others. Both are rising."""
    at = np.searchsorted(rising, sought)
    there = at < len(rising)
    there[there] = rising[at[there]] == sought[there]
    return sought[there]


def _stored(reader: Any, field: str, word: str) -> Stored | None:
    if (field, word.encode()) not in reader:
        return None
    matcher = reader.postings(field, word)
    # Around it stands what leaves out deleted documents; whoever asks does that.
    while not isinstance(matcher, ArrayMatcher):
        matcher = matcher.child
    return matcher.stored


def _numbers(stored: Stored) -> Numbers:
    return np.frombuffer(stored.numbers, np.uint32).astype(np.int32)


def _repeated(stored: Stored) -> Numbers:
    """The document of each place."""
    return np.repeat(_numbers(stored), _weights(stored).astype(np.int64))


def _weights(stored: Stored) -> Weights:
    """How often the word occurs in each document."""
    if stored.weights is None:
        return np.ones(len(stored.numbers), np.float32)
    return np.array(stored.weights, np.float32)
