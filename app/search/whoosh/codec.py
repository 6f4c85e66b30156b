"""How Whoosh keeps the postings of a word: as arrays that are read in one go.

Whoosh by itself pickles and compresses postings in blocks of 128 and hands them over one by one; positions it pickles
anew for every document. Forty thousand of them take a tenth of a second, those of a phrase half a second. A codec is
the place Whoosh offers for keeping them in another way. Whoosh's own searches and merges see the same postings as ever.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any, Literal, NamedTuple

from whoosh import formats
from whoosh.codec.whoosh3 import W3Codec, W3FieldWriter
from whoosh.matching.mcore import ListMatcher

# Which have types for a part of their names only.
_codec: Any = W3Codec
_field_writer: Any = W3FieldWriter
_list_matcher: Any = ListMatcher
_positions: Any = formats.Positions

# How many postings there are, how many bytes are stored with them, whether each weighs 1, whether what is stored is of
# equal length. Then a checksum of all: document numbers, weights, where what is stored ends, what is stored.
_HEAD = struct.Struct("=II??xx")
_CHECKSUM = struct.Struct("=I")
_NUMBER = struct.Struct("=I")
# Of the number for a place: the rest is the form. No text has as many words as that can count.
POSITION_BITS = 16
LAST_POSITION = (1 << POSITION_BITS) - 1
NUMBER: Literal["I"] = "I"
WEIGHT: Literal["f"] = "f"


class Positions(_positions):  # type: ignore[misc]  # see above
    """Where a word stands in a document, and in which of its forms: one number for each place."""

    def encode(self, poslist: Sequence[int]) -> bytes:
        """The places as they are stored, see `place`."""
        return array(NUMBER, poslist).tobytes()

    def decode_positions(self, valuestring: bytes) -> list[int]:
        """The places."""
        return [place & LAST_POSITION for place in array(NUMBER, valuestring)]

    def decode_frequency(self, valuestring: bytes) -> int:
        """How many there are."""
        return len(valuestring) // array(NUMBER).itemsize


def place(position: int, form: str) -> int:
    """A word that stands somewhere in this form. Two forms of one word that look alike here, a pair in 65,536, pass for
    the same.
    """
    return min(position, LAST_POSITION) | form_code(form) << POSITION_BITS


@lru_cache(maxsize=100_000)
def form_code(form: str) -> int:
    """By what a form of a word is told from others."""
    return zlib.crc32(form.encode()) & 0xFFFF


class Stored(NamedTuple):
    """The postings of a word in a segment: documents in rising order, what each weighs (None: 1), where what is stored
    for each ends (None: all are of one length), and what is stored.
    """

    numbers: memoryview[int]
    weights: memoryview[float] | None
    ends: memoryview[int] | None
    values: memoryview[int]

    def value(self, place: int) -> bytes:
        """What is stored for one posting."""
        if self.ends is not None:
            return bytes(self.values[self.ends[place - 1] if place else 0 : self.ends[place]])
        length = len(self.values) // len(self.numbers)
        return bytes(self.values[place * length : (place + 1) * length])


class ArrayCodec(_codec):  # type: ignore[misc]  # see above
    """Whoosh's own codec with other postings."""

    # What lengths the documents of a block have: Whoosh could skip some by it, and asks for every posting's.
    length_stats = False

    def field_writer(self, storage: Any, segment: Any) -> ArrayFieldWriter:
        """What writes the words of all fields."""
        return ArrayFieldWriter(self, storage, segment)

    def postings_writer(self, dbfile: Any, *, byteids: bool = False) -> ArrayWriter:
        """What writes the postings of a field."""
        assert not byteids, "vectors are not used"
        return ArrayWriter(dbfile)

    def postings_reader(
        self, dbfile: Any, terminfo: Any, format_: Any, term: Any = None, scorer: Any = None
    ) -> ArrayMatcher:
        """The postings of a word."""
        # Whoosh writes down how long they are, but reads it back as something else.
        start, _length = terminfo.extent()
        return ArrayMatcher(_load(dbfile, start), format_, term, terminfo, scorer)


@dataclass(frozen=True, slots=True)
class Block:
    """The postings of a word as they are stored, and what Whoosh asks of a block of them: this is the only one."""

    stored: bytes
    count: int
    total: float
    most: float
    first: int
    last: int

    @classmethod
    def of(cls, numbers: array[int], weights: array[float], values: Sequence[bytes]) -> Block:
        """The postings of these documents, in rising order."""
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
        """Is not counted."""
        return 0

    max_length = min_length

    def max_weight(self) -> float:
        """The most that any posting weighs."""
        return self.most

    def min_id(self) -> int:
        """The first document."""
        return self.first

    def max_id(self) -> int:
        """The last document."""
        return self.last


def joined_block(
    content: tuple[bytes, bytes, bytes, bytes], *, total: float, most: float, is_one: bool, is_even: bool
) -> Block:
    """The postings of a word from document numbers, weights, where what is stored ends, and what is stored; weights are
    left out if each is one, ends if all are equally long.
    """
    numbers, values = content[0], content[3]
    count = len(numbers) // _NUMBER.size
    head = _HEAD.pack(count, len(values), is_one, is_even)
    joined = b"".join(content)
    stored = head + _CHECKSUM.pack(zlib.crc32(joined, zlib.crc32(head))) + joined
    (first,), (last,) = _NUMBER.unpack_from(numbers), _NUMBER.unpack_from(numbers, len(numbers) - _NUMBER.size)
    return Block(stored, count, total, most, first, last)


class ArrayFieldWriter(_field_writer):  # type: ignore[misc]  # see above
    """Whoosh's own writer of fields, to which the postings of a word may come all at once, see `whoosh_building`."""

    def add_postings(self, schema: Any, lengths: Any, items: Any) -> None:
        """Write all postings of a segment."""
        if hasattr(items, "write"):
            self._schema = schema
            items.write(self)
        else:
            super().add_postings(schema, lengths, items)

    def write_field(self, field: str, blocks: Iterable[tuple[bytes, Block]]) -> None:
        """Write the words of a field, in their order."""
        self.start_field(field, self._schema[field])
        for word, block in blocks:
            self.start_term(word)
            self._postwriter.add_block(block)
            self.finish_term()
        self.finish_field()


class ArrayWriter:
    """Writes the postings of one word after the other."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def start_postings(self, format_: Any, terminfo: Any) -> None:
        """Begin a word."""
        del format_
        self._terminfo = terminfo
        self._numbers = array(NUMBER)
        self._weights = array(WEIGHT)
        self._values: list[bytes] = []
        self._block: Block | None = None

    def add_block(self, block: Block) -> None:
        """All postings of the word."""
        self._block = block

    def add_posting(self, number: int, weight: float, value: bytes, length: int | None = None) -> None:
        """Add a document, in rising order."""
        del length
        self._numbers.append(number)
        self._weights.append(weight)
        self._values.append(value)

    def finish_postings(self) -> Any:
        """Write what was added."""
        block = self._block or Block.of(self._numbers, self._weights, self._values)
        self._terminfo.add_block(block)
        self._terminfo.set_extent(self._file.tell(), len(block.stored))
        self._file.write(block.stored)
        return self._terminfo


class ArrayMatcher(_list_matcher):  # type: ignore[misc]  # see above
    """The postings of a word: one by one for Whoosh, and all `stored` at once for those who know."""

    def __init__(
        self, stored: Stored, format_: Any, term: Any = None, terminfo: Any = None, scorer: Any = None, place: int = 0
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
        """Another one at the same place."""
        return ArrayMatcher(self.stored, self._format, self._term, self._terminfo, self._scorer, self._i)

    def value(self) -> bytes:
        """What is stored for the present posting."""
        return self.stored.value(self._i)


def _load(file: Any, start: int) -> Stored:
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
