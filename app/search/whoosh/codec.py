"""A Whoosh codec that stores the postings of a term as arrays, which are read in one go.

Whoosh's own codec pickles and compresses postings in blocks of 128, hands them over one by one, and pickles positions
for each document. Reading forty thousand of them takes a tenth of a second, and half a second for a phrase. Codecs are
Whoosh's extension point for the file format: its own searches and merges work with this one as with any other.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, NamedTuple

from whoosh import formats
from whoosh.codec.base import Segment
from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter, W3TermInfo
from whoosh.fields import Schema
from whoosh.filedb.filestore import Storage
from whoosh.filedb.structfile import StructFile
from whoosh.matching.mcore import ListMatcher
from whoosh.scoring import BaseScorer

if TYPE_CHECKING:
    from app.search.whoosh.building import BuildingPool, Posting

# A field and a token in it.
Term = tuple[str, bytes]

# The number of postings, the length of their values in bytes, whether all weights are 1, whether all values have the
# same length. Then a CRC of everything, and the arrays: document numbers, weights, ends of the values, values.
_HEAD = struct.Struct("=II??xx")
_CHECKSUM = struct.Struct("=I")
_NUMBER = struct.Struct("=I")
# The bits of a place that hold the position; the upper ones hold the code of the form. Texts are shorter than that.
POSITION_BITS = 16
LAST_POSITION = (1 << POSITION_BITS) - 1
NUMBER: Literal["I"] = "I"
WEIGHT: Literal["f"] = "f"


class Positions(formats.Positions):
    """The format of a field's values: one number for each place of the term in a document, see `place`."""

    def encode(self, poslist: Sequence[int]) -> bytes:
        """Encode places."""
        return array(NUMBER, poslist).tobytes()

    def decode_positions(self, valuestring: bytes) -> list[int]:
        """The positions of encoded places."""
        return [place & LAST_POSITION for place in array(NUMBER, valuestring)]

    def decode_frequency(self, valuestring: bytes) -> int:
        """The number of encoded places."""
        return len(valuestring) // array(NUMBER).itemsize


def place(position: int, form: str) -> int:
    """A position and the code of a form, as one number. Of two forms of a token, one pair in 65,536 has the same code
    and counts as equal.
    """
    return min(position, LAST_POSITION) | form_code(form) << POSITION_BITS


@lru_cache(maxsize=100_000)
def form_code(form: str) -> int:
    """A 16-bit code of a form, the CRC of its letters."""
    return zlib.crc32(form.encode()) & 0xFFFF


class Stored(NamedTuple):
    """The postings of a term in a segment.

    `numbers` are document numbers in ascending order; `weights` is None if all are 1; `ends` are the ends of the values
    in bytes, None if all have the same length; `values` are the values, one after the other.
    """

    numbers: memoryview[int]
    weights: memoryview[float] | None
    ends: memoryview[int] | None
    values: memoryview[int]

    def value(self, place: int) -> bytes:
        """The value of the posting at an index."""
        if self.ends is not None:
            return bytes(self.values[self.ends[place - 1] if place else 0 : self.ends[place]])
        length = len(self.values) // len(self.numbers)
        return bytes(self.values[place * length : (place + 1) * length])


class ArrayCodec(W3Codec):
    """Whoosh's own codec with other postings."""

    # Statistics of document lengths, with which Whoosh could skip blocks; they are not used here.
    length_stats = False

    def field_writer(self, storage: Storage, segment: Segment) -> ArrayFieldWriter:
        """The writer of the terms of all fields."""
        return ArrayFieldWriter(self, storage, segment)

    def postings_writer(self, dbfile: StructFile, byteids: bool = False) -> ArrayWriter:
        """The writer of the postings of a field."""
        assert not byteids, "vectors are not used"
        return ArrayWriter(dbfile)

    def postings_reader(
        self,
        dbfile: StructFile,
        terminfo: W3TermInfo,
        format_: formats.Format,
        term: Term | None = None,
        scorer: BaseScorer | None = None,
    ) -> ArrayMatcher:
        """The postings of a term."""
        # The second item is not the length that was stored.
        start, _length = terminfo.extent()
        return ArrayMatcher(_load(dbfile, start), format_, term, terminfo, scorer)


@dataclass(frozen=True, slots=True)
class Block:
    """The encoded postings of a term, with the statistics that Whoosh asks of a block. Each term has a single block."""

    stored: bytes
    count: int
    total: float
    most: float
    first: int
    last: int

    @classmethod
    def of(cls, numbers: array[int], weights: array[float], values: Sequence[bytes]) -> Block:
        """Encode postings, in ascending order of their documents."""
        lengths = list(map(len, values))
        is_one, is_even = all(weight == 1 for weight in weights), min(lengths) == max(lengths)
        content = (
            numbers.tobytes(),
            b"" if is_one else weights.tobytes(),
            b"" if is_even else array(NUMBER, accumulate(lengths)).tobytes(),
            b"".join(values),
        )
        return joined_block(content, total=sum(weights), most=max(weights), is_one=is_one, is_even=is_even)

    @property
    def _weights(self) -> tuple[float]:
        return (self.total,)

    def __len__(self) -> int:
        return self.count

    def min_length(self) -> int:
        """The lengths of documents are not counted: 0."""
        return 0

    max_length = min_length

    def max_weight(self) -> float:
        """The greatest weight of a posting."""
        return self.most

    def min_id(self) -> int:
        """The lowest document number."""
        return self.first

    def max_id(self) -> int:
        """The highest document number."""
        return self.last


def joined_block(
    content: tuple[bytes, bytes, bytes, bytes], *, total: float, most: float, is_one: bool, is_even: bool
) -> Block:
    """Encode postings from the bytes of document numbers, weights, ends of values, and values.

    `total` and `most` are the sum and the maximum of the weights. With `is_one`, all weights are 1 and left out; with
    `is_even`, all values have the same length and the ends are left out.
    """
    numbers, values = content[0], content[3]
    count = len(numbers) // _NUMBER.size
    head = _HEAD.pack(count, len(values), is_one, is_even)
    joined = b"".join(content)
    stored = head + _CHECKSUM.pack(zlib.crc32(joined, zlib.crc32(head))) + joined
    (first,), (last,) = _NUMBER.unpack_from(numbers), _NUMBER.unpack_from(numbers, len(numbers) - _NUMBER.size)
    return Block(stored, count, total, most, first, last)


class ArrayFieldWriter(W3FieldWriter):
    """Whoosh's own writer of fields, which also takes the postings of a whole field at once, from a `BuildingPool`."""

    def add_postings(self, schema: Schema, lengths: object, items: Iterable[Posting] | BuildingPool) -> None:
        """Write all postings of a segment; `items` are postings, or a `BuildingPool`."""
        if hasattr(items, "write"):
            self._schema = schema
            items.write(self)
        else:
            super().add_postings(schema, lengths, items)

    def write_field(self, field: str, blocks: Iterable[tuple[bytes, Block]]) -> None:
        """Write the terms of a field, which are sorted by their bytes."""
        self.start_field(field, self._schema[field])
        postings = self._postwriter
        assert isinstance(postings, ArrayWriter), "made by ArrayCodec"
        for term, block in blocks:
            self.start_term(term)
            postings.add_block(block)
            self.finish_term()
        self.finish_field()


class ArrayWriter:
    """Writes the postings of one term after the other."""

    def __init__(self, file: StructFile) -> None:
        self._file = file

    def start_postings(self, format_: formats.Format, terminfo: W3TermInfo) -> None:
        """Begin a term."""
        del format_
        self._terminfo = terminfo
        self._numbers = array(NUMBER)
        self._weights = array(WEIGHT)
        self._values: list[bytes] = []
        self._block: Block | None = None

    def add_block(self, block: Block) -> None:
        """Take all postings of the term, encoded."""
        self._block = block

    def add_posting(self, number: int, weight: float, value: bytes, length: int | None = None) -> None:
        """Take a posting. Postings come in ascending order of documents."""
        del length
        self._numbers.append(number)
        self._weights.append(weight)
        self._values.append(value)

    def finish_postings(self) -> W3TermInfo:
        """Write the postings of the term, and return its statistics."""
        block = self._block or Block.of(self._numbers, self._weights, self._values)
        self._terminfo.add_block(block)
        self._terminfo.set_extent(self._file.tell(), len(block.stored))
        self._file.write(block.stored)
        return self._terminfo


class ArrayMatcher(ListMatcher):
    """The postings of a term: one by one through Whoosh's interface, or all at once as `stored`."""

    def __init__(
        self,
        stored: Stored,
        format_: formats.Format,
        term: Term | None = None,
        terminfo: W3TermInfo | None = None,
        scorer: BaseScorer | None = None,
        place: int = 0,
    ) -> None:
        super().__init__(
            stored.numbers,
            stored.weights,
            format=format_,
            scorer=scorer,
            position=place,
            all_weights=1.0 if stored.weights is None else None,
            term=term,
            terminfo=terminfo,
        )
        self.stored = stored

    def copy(self) -> ArrayMatcher:
        """Another matcher at the same posting."""
        return ArrayMatcher(self.stored, self._format, self._term, self._terminfo, self._scorer, self._i)

    def value(self) -> bytes:
        """The value of the current posting."""
        return self.stored.value(self._i)


def _load(file: StructFile, start: int) -> Stored:
    head = file.get(start, _HEAD.size)
    count, length, each_weighs_one, equally_long = _HEAD.unpack(head)
    kept = ((NUMBER, True), (WEIGHT, not each_weighs_one), (NUMBER, not equally_long))
    ends = list(accumulate(is_there * count * struct.calcsize(kind) for kind, is_there in kept))
    rest = memoryview(file.get(start + _HEAD.size, _CHECKSUM.size + ends[-1] + length))
    content = rest[_CHECKSUM.size :]
    (checksum,) = _CHECKSUM.unpack_from(rest)
    if len(content) != ends[-1] + length or zlib.crc32(content, zlib.crc32(head)) != checksum:
        raise ValueError("postings are damaged")
    numbers = content[: ends[0]].cast(NUMBER)
    weights = None if each_weighs_one else content[ends[0] : ends[1]].cast(WEIGHT)
    value_ends = None if equally_long else content[ends[1] : ends[2]].cast(NUMBER)
    return Stored(numbers, weights, value_ends, content[ends[2] :])
