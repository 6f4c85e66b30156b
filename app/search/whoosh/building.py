"""Sorting the postings of a new segment with numpy.

Whoosh keeps each posting as a tuple, sorts a million of them and writes them one by one, which takes most of the time
of building an index. Here every token becomes a number as soon as a text is analysed, and numpy sorts those of a whole
segment at once. The files are the same, byte by byte. Used only for new indexes: updates, which merge segments, use
Whoosh's own pool.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from app.search.query import analysis
from app.search.whoosh.codec import LAST_POSITION, POSITION_BITS, ArrayFieldWriter, Block, form_code, joined_block

_FORM_BITS = 32 - POSITION_BITS
_FORM = (1 << _FORM_BITS) - 1
_ITEM_SIZE = 4

# What Whoosh's writers pass on for each term of a document: the field, the term, the number of the document, the weight
# of the term in it, and the encoded value. `AnalysedText` gives the tokens of the whole field in place of a term.
Posting = tuple[str, "bytes | TokenNumbers", int, float, bytes]


class TokenNumbers(array):  # type: ignore[type-arg]  # its base class takes no arguments at run time
    """The tokens of a text in order, each as one number: the number of the token, and below it the code of its form."""


class _Vocabulary(dict[str, int]):
    """The number of every word that has occurred, by the word as it was written.

    `tokens` are the distinct tokens; the number of a token is its index among them.
    """

    def __init__(self) -> None:
        self.tokens: list[str] = []
        self._indices: dict[str, int] = {}
        self._analyse = analysis.language().compared

    def __missing__(self, written: str) -> int:
        token, form = self._analyse(written)
        index = self._indices.setdefault(token, len(self.tokens))
        if index == len(self.tokens):
            self.tokens.append(token)
        number = self[written] = index << _FORM_BITS | form_code(form)
        return number


class BuildingPool:
    """Takes the place of the pool in which Whoosh's writer collects and sorts the postings of a segment."""

    def __init__(self) -> None:
        self._vocabulary = _Vocabulary()
        # The number of tokens it holds.
        self.size = 0
        self._texts: dict[str, list[tuple[int, TokenNumbers]]] = defaultdict(list)
        self._postings: dict[str, dict[bytes, list[tuple[int, float, bytes]]]] = defaultdict(lambda: defaultdict(list))

    def token_numbers(self, text: str) -> TokenNumbers:
        """Tokenise a text."""
        tokens = TokenNumbers("q", map(self._vocabulary.__getitem__, analysis.WORD.findall(text)))
        self.size += len(tokens)
        return tokens

    def add(self, item: Posting) -> None:
        """Take a posting, or the tokens of a whole field: (field, term or TokenNumbers, document, weight, value)."""
        field, term, number, weight, value = item
        if isinstance(term, TokenNumbers):
            self._texts[field].append((number, term))
        else:
            self._postings[field][term].append((number, weight, value))

    def iter_postings(self) -> BuildingPool:
        """What Whoosh's writer passes on to `ArrayFieldWriter.add_postings`: the pool itself."""
        return self

    def cleanup(self) -> None:
        """Nothing to do: Whoosh's own pool removes its temporary files here."""

    def write(self, writer: ArrayFieldWriter) -> None:
        """Write the postings of all fields in order, through an `ArrayFieldWriter`."""
        for field in sorted({*self._texts, *self._postings}):
            if field in self._texts:
                writer.write_field(field, self._blocks(self._texts.pop(field)))
            else:
                writer.write_field(field, _blocks_of(self._postings.pop(field)))

    def _blocks(self, texts: list[tuple[int, TokenNumbers]]) -> Iterator[tuple[bytes, Block]]:
        """The postings of every token of a field, in the order of the tokens' bytes."""
        codes = np.concatenate([np.frombuffer(each, np.int64) for _number, each in texts])
        lengths = np.array([len(each) for _number, each in texts])
        numbers = np.repeat(np.array([number for number, _each in texts], np.uint32), lengths)
        positions = np.arange(len(codes)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        places = (np.minimum(positions, LAST_POSITION) | (codes & _FORM) << POSITION_BITS).astype(np.uint32)
        tokens, ranks = self._ranks(codes >> _FORM_BITS)
        # Each has millions of entries.
        del codes, positions
        # A stable sort keeps documents and places in ascending order.
        order = np.argsort(ranks, kind="stable")
        ranks, numbers, places = ranks[order], numbers[order], places[order]
        del order
        yield from _blocks_of_texts(tokens, ranks, numbers, places)

    def _ranks(self, numbers: NDArray[np.int64]) -> tuple[list[bytes], NDArray[np.int32]]:
        """The tokens that occur, sorted by their bytes, and for each number the rank of its token in that order."""
        occurring = np.unique(numbers).tolist()
        tokens = sorted((self._vocabulary.tokens[number].encode(), number) for number in occurring)
        ranks = np.zeros(len(self._vocabulary.tokens), np.int32)
        ranks[[number for _token, number in tokens]] = np.arange(len(tokens), dtype=np.int32)
        return [token for token, _number in tokens], ranks[numbers]


def _blocks_of_texts(
    tokens: list[bytes], ranks: NDArray[np.int32], numbers: NDArray[np.uint32], places: NDArray[np.uint32]
) -> Iterator[tuple[bytes, Block]]:
    """The postings of each token.

    The arrays have an entry for each occurrence of a token, sorted by token and document: the rank of the token, the
    number of the document, and the place.
    """
    # A posting begins where the token or the document changes. `begins` are the first postings of the tokens.
    starts = np.flatnonzero(np.diff(ranks, prepend=-1) | np.diff(numbers.astype(np.int64), prepend=-1))
    counts = np.diff(starts, append=len(ranks))
    begins = np.flatnonzero(np.diff(ranks[starts], prepend=-1))
    fewest, most = np.minimum.reduceat(counts, begins).tolist(), np.maximum.reduceat(counts, begins).tolist()
    ends = np.cumsum(counts, dtype=np.int64)
    documents = numbers[starts]
    stored = documents.tobytes(), counts.astype(np.float32).tobytes(), places.tobytes()
    first_places = [*starts[begins].tolist(), len(ranks)]
    bounds = [*begins.tolist(), len(starts)]
    for at, token in enumerate(tokens):
        first, last = bounds[at], bounds[at + 1]
        begin, end = first_places[at], first_places[at + 1]
        is_one, is_even = most[at] == 1, fewest[at] == most[at]
        content = (
            stored[0][_ITEM_SIZE * first : _ITEM_SIZE * last],
            b"" if is_one else stored[1][_ITEM_SIZE * first : _ITEM_SIZE * last],
            b"" if is_even else (_ITEM_SIZE * (ends[first:last] - begin)).astype(np.uint32).tobytes(),
            stored[2][_ITEM_SIZE * begin : _ITEM_SIZE * end],
        )
        yield (
            token,
            joined_block(content, total=float(end - begin), most=float(most[at]), is_one=is_one, is_even=is_even),
        )


def _blocks_of(postings: dict[bytes, list[tuple[int, float, bytes]]]) -> Iterator[tuple[bytes, Block]]:
    for term in sorted(postings):
        numbers, weights, values = zip(*postings[term], strict=True)
        yield term, Block.of(array("I", numbers), array("f", weights), values)
