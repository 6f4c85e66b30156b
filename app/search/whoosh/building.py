"""Building an index: the words of thousands of documents are sorted as arrays, all at once.

Whoosh takes one posting after the other, keeps each as a tuple, sorts a million of these and writes them one by one,
which takes most of the time of building an index. Here a document's words are numbers as soon as they are read, and
numpy does the rest. What is written is the same, bit by bit. Only for a new index: what is merged with older segments
goes Whoosh's way.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.search.query import analysis
from app.search.whoosh.codec import LAST_POSITION, POSITION_BITS, Block, form_code, joined_block

_FORM_BITS = 32 - POSITION_BITS
_FORM = (1 << _FORM_BITS) - 1
_ITEM = 4


class Coded(array):  # type: ignore[type-arg]
    """The words of a text, each as a number: which word it is, and in which form."""


class _Known(dict[str, int]):
    """The words that occurred as they are written, as the numbers that stand for them."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._places: dict[str, int] = {}
        self._compared = analysis.language().compared

    def __missing__(self, written: str) -> int:
        word, form = self._compared(written)
        place = self._places.setdefault(word, len(self.words))
        if place == len(self.words):
            self.words.append(word)
        coded = self[written] = place << _FORM_BITS | form_code(form)
        return coded


class BuildingPool:
    """What a writer of Whoosh collects postings in, until it writes them in order of field, word and document."""

    def __init__(self) -> None:
        self._known = _Known()
        # How many words it holds.
        self.size = 0
        self._texts: dict[str, list[tuple[int, Coded]]] = defaultdict(list)
        self._marks: dict[str, dict[bytes, list[tuple[int, float, bytes]]]] = defaultdict(lambda: defaultdict(list))

    def coded(self, text: str) -> Coded:
        """The words of a text."""
        words = Coded("q", map(self._known.__getitem__, analysis.WORD.findall(text)))
        self.size += len(words)
        return words

    def add(self, item: tuple[str, Any, int, float, bytes]) -> None:
        """Take a posting, or all words that a field of a document has."""
        field, what, number, weight, value = item
        if isinstance(what, Coded):
            self._texts[field].append((number, what))
        else:
            self._marks[field][what].append((number, weight, value))

    def iter_postings(self) -> BuildingPool:
        """What `ArrayFieldWriter` writes."""
        return self

    def cleanup(self) -> None:
        """Nothing is left on disk."""

    def write(self, writer: Any) -> None:
        """Write all that was taken."""
        for field in sorted({*self._texts, *self._marks}):
            if field in self._texts:
                writer.write_field(field, self._blocks(self._texts.pop(field)))
            else:
                writer.write_field(field, _blocks_of(self._marks.pop(field)))

    def _blocks(self, texts: list[tuple[int, Coded]]) -> Iterator[tuple[bytes, Block]]:
        """The postings of every word, in the order of the words' bytes."""
        codes = np.concatenate([np.frombuffer(each, np.int64) for _number, each in texts])
        lengths = np.array([len(each) for _number, each in texts])
        numbers = np.repeat(np.array([number for number, _each in texts], np.uint32), lengths)
        positions = np.arange(len(codes)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = (np.minimum(positions, LAST_POSITION) | (codes & _FORM) << POSITION_BITS).astype(np.uint32)
        words, ranks = self._in_order(codes >> _FORM_BITS)
        # Millions of each: what has done its part goes.
        del codes, positions
        # Documents and places come rising and stay so.
        order = np.argsort(ranks, kind="stable")
        ranks, numbers, places = ranks[order], numbers[order], places[order]
        del order
        yield from _runs(words, ranks, numbers, places)

    def _in_order(self, numbers: NDArray[np.int64]) -> tuple[list[bytes], NDArray[np.int32]]:
        """The words that occur, in the order of their bytes, and the place of each number's word among them."""
        occurring = np.unique(numbers).tolist()
        words = sorted((self._known.words[each].encode(), each) for each in occurring)
        ranks = np.zeros(len(self._known.words), np.int32)
        ranks[[each for _word, each in words]] = np.arange(len(words), dtype=np.int32)
        return [word for word, _each in words], ranks[numbers]


def _runs(
    words: list[bytes], ranks: NDArray[np.int32], numbers: NDArray[np.uint32], places: NDArray[np.uint32]
) -> Iterator[tuple[bytes, Block]]:
    """The postings of each word: `ranks`, `numbers` and `places` say for every place which word, document, place."""
    # Where a posting begins: another word, or another document; and where a word begins among the postings.
    starts = np.flatnonzero(np.diff(ranks, prepend=-1) | np.diff(numbers.astype(np.int64), prepend=-1))
    counts = np.diff(starts, append=len(ranks))
    begins = np.flatnonzero(np.diff(ranks[starts], prepend=-1))
    fewest, most = np.minimum.reduceat(counts, begins).tolist(), np.maximum.reduceat(counts, begins).tolist()
    ends = np.cumsum(counts, dtype=np.int64)
    documents = numbers[starts]
    stored = documents.tobytes(), counts.astype(np.float32).tobytes(), places.tobytes()
    first_places = [*starts[begins].tolist(), len(ranks)]
    bounds = [*begins.tolist(), len(starts)]
    for at, word in enumerate(words):
        first, last = bounds[at], bounds[at + 1]
        begin, end = first_places[at], first_places[at + 1]
        is_one, is_even = most[at] == 1, fewest[at] == most[at]
        content = (
            stored[0][_ITEM * first : _ITEM * last],
            b"" if is_one else stored[1][_ITEM * first : _ITEM * last],
            b"" if is_even else (_ITEM * (ends[first:last] - begin)).astype(np.uint32).tobytes(),
            stored[2][_ITEM * begin : _ITEM * end],
        )
        yield (
            word,
            joined_block(content, total=float(end - begin), most=float(most[at]), is_one=is_one, is_even=is_even),
        )


def _blocks_of(marks: dict[bytes, list[tuple[int, float, bytes]]]) -> Iterator[tuple[bytes, Block]]:
    for what in sorted(marks):
        numbers, weights, values = zip(*marks[what], strict=True)
        yield what, Block.of(array("I", numbers), array("f", weights), values)
