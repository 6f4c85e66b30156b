"""The postings of words, read from Whoosh once and kept as arrays.

Whoosh walks through a word's postings one by one, about a microsecond each; forty thousand of them for every search is
what makes it slow. Here they are read through its public interface into two arrays, which stay in memory for as long as
others are not used more recently. They are kept by segment, and a segment never changes, so a commit costs reading
what is new; what is deleted from a segment is masked by whoever asks.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.search.engine import Words

Numbers = NDArray[np.int32]
Weights = NDArray[np.float32]

MOST_BYTES = 64 * 1024 * 1024
# What Python needs for an entry besides the content of its arrays.
_OVERHEAD = 400
# Document and position as one number, so that words which stand one after the other are neighbours.
_POSITION_BITS = 24


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
    if (field, word.encode()) not in reader:
        return NOWHERE
    matcher = reader.postings(field, word)
    numbers: list[int] = []
    weights: list[float] = []
    is_active, number, weight, advance = matcher.is_active, matcher.id, matcher.weight, matcher.next
    while is_active():
        numbers.append(number())
        weights.append(weight())
        advance()
    return Postings(np.array(numbers, np.int32), np.array(weights, np.float32).reshape(1, -1))


def read_phrase(reader: Any, field: str, words: Words, each: list[Postings]) -> Postings:
    """The postings of words that stand one after the other; `each` are those of the words by themselves.

    Positions are read only of documents that have all of the words.
    """
    candidates = each[0].numbers
    for postings in each[1:]:
        candidates = np.intersect1d(candidates, postings.numbers, assume_unique=True)
    if not candidates.size:
        return NOWHERE
    known: dict[str, NDArray[np.int64]] = {}
    ends: NDArray[np.int64] | None = None
    for word in words:
        if word not in known:
            known[word] = _places(reader, field, word, candidates)
        ends = known[word] if ends is None else np.intersect1d(ends + 1, known[word], assume_unique=True)
    assert ends is not None, "a phrase has words"
    numbers = np.unique(ends >> _POSITION_BITS).astype(np.int32)
    weights = [postings.weights[0, np.searchsorted(postings.numbers, numbers)] for postings in each]
    return Postings(numbers, np.stack(weights))


def _places(reader: Any, field: str, word: str, candidates: Numbers) -> NDArray[np.int64]:
    matcher = reader.postings(field, word)
    decoded = reader.schema[field].format.decoder("positions")
    is_active, current, value, skip_to = matcher.is_active, matcher.id, matcher.value, matcher.skip_to
    places: list[int] = []
    for number in candidates.tolist():
        if not is_active():
            break
        skip_to(number)
        # A candidate may have been deleted since its word was read: Whoosh's matchers leave it out.
        if is_active() and current() == number:
            start = number << _POSITION_BITS
            places += [start + position for position in decoded(value())]
    return np.array(places, np.int64)
