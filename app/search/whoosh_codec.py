"""How Whoosh keeps the postings of a word: as arrays that are read in one go.

Whoosh by itself pickles and compresses postings in blocks of 128 and hands them over one by one; positions it pickles
anew for every document. Forty thousand of them take a tenth of a second, those of a phrase half a second. A codec is
the place Whoosh offers for keeping them in another way. Whoosh's own searches and merges see the same postings as ever.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any, Literal, NamedTuple

from whoosh import formats
from whoosh.codec.whoosh3 import W3Codec
from whoosh.matching.mcore import ListMatcher

# Which have types for a part of their names only.
_codec: Any = W3Codec
_list_matcher: Any = ListMatcher
_positions: Any = formats.Positions

# How many postings there are, how many bytes are stored with them, whether each weighs 1, whether what is stored is of
# equal length. Then a checksum of all: document numbers, weights, where what is stored ends, what is stored.
_HEAD = struct.Struct("=II??xx")
_CHECKSUM = struct.Struct("=I")
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


class ArrayWriter:
    """Writes the postings of one word after the other. To its statistics it is the one block there is."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def start_postings(self, format_: Any, terminfo: Any) -> None:
        """Begin a word."""
        del format_
        self._terminfo = terminfo
        self._numbers = array(NUMBER)
        self._weights = array(WEIGHT)
        self._values: list[bytes] = []

    def add_posting(self, number: int, weight: float, value: bytes, length: int | None = None) -> None:
        """Add a document, in rising order."""
        del length
        self._numbers.append(number)
        self._weights.append(weight)
        self._values.append(value)

    def finish_postings(self) -> Any:
        """Write what was added."""
        self._terminfo.add_block(self)
        start = self._file.tell()
        self._file.write(_dumped(self._numbers, self._weights, self._values))
        self._terminfo.set_extent(start, self._file.tell() - start)
        return self._terminfo

    def __len__(self) -> int:
        return len(self._numbers)

    def min_length(self) -> int:
        """Is not counted."""
        return 0

    max_length = min_length

    def max_weight(self) -> float:
        """The most that any posting weighs."""
        return max(self._weights)

    def min_id(self) -> int:
        """The first document."""
        return self._numbers[0]

    def max_id(self) -> int:
        """The last document."""
        return self._numbers[-1]


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


def _dumped(numbers: array[int], weights: array[float], values: Sequence[bytes]) -> bytes:
    lengths = list(map(len, values))
    each_weighs_one = all(weight == 1 for weight in weights)
    equally_long = min(lengths) == max(lengths)
    content = numbers.tobytes()
    content += b"" if each_weighs_one else weights.tobytes()
    content += b"" if equally_long else array(NUMBER, accumulate(lengths)).tobytes()
    content += b"".join(values)
    head = _HEAD.pack(len(numbers), sum(lengths), each_weighs_one, equally_long)
    return head + _CHECKSUM.pack(zlib.crc32(content, zlib.crc32(head))) + content


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
