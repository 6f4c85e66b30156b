"""What is filtered, counted, weighed and sorted by, as the index stores it: a few bytes for each document.

One column of packed values instead of many columns and postings: it is read when a process starts and for every new
segment, and what Python has to do for each document then is to fetch one string of bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.search.index.documents import INDEXED_MODELS, Document
from app.search.index.engine import Facet

Bits = NDArray[np.uint8]

KIND_CODES = {kind: code for code, kind in enumerate(INDEXED_MODELS, start=1)}
# One bit each: a treatment that was tried twice may have gone both ways.
OUTCOME_BITS = {
    outcome: 1 << place
    for place, outcome in enumerate(("not_at_all", "slightly", "moderately", "very_well", "too_early"))
}
# The facets that a document may have any number of values of, in the order in which they are stored.
ROWS = (Facet.CONDITION, Facet.TREATMENT, Facet.SIDE_EFFECT)

# When it was published (milliseconds), its year, its kind, how many it helped, the lengths of four fields in words, how
# many topics it has for each of ROWS, and how anything went. Then each topic with, for a treatment, how it went.
_HEAD = struct.Struct("<qhBI4I3HB")
_ROW = struct.Struct("<iB")
_HEAD_TYPE = np.dtype(
    [
        ("published", "<i8"),
        ("year", "<i2"),
        ("kind", "u1"),
        ("helpful", "<u4"),
        ("lengths", "<u4", 4),
        ("rows", "<u2", 3),
        ("outcomes", "u1"),
    ]
)
_ROW_TYPE = np.dtype([("topic", "<i4"), ("outcomes", "u1")])


class Rows(NamedTuple):
    """A column with any number of values for each document: row by row a document, a topic, and bits of outcomes."""

    numbers: NDArray[np.int32]
    topics: NDArray[np.int32]
    outcomes: Bits


class Facts(NamedTuple):
    """The facts of many documents; `lengths` has a column for each field."""

    published: NDArray[np.int64]
    years: NDArray[np.int16]
    kinds: Bits
    helpful: NDArray[np.uint32]
    lengths: NDArray[np.uint32]
    outcomes: Bits
    rows: dict[Facet, Rows]


def pack(document: Document, lengths: Sequence[int]) -> bytes:
    """The facts of a document as they are stored. `lengths` are those of its four fields, in words."""
    topics = (document.conditions, document.treatments, document.side_effects)
    bits: dict[int, int] = {}
    for topic, outcome in document.outcomes:
        bits[topic] = bits.get(topic, 0) | OUTCOME_BITS[outcome]
    every = 0
    for each in bits.values():
        every |= each
    head = _HEAD.pack(
        int(document.published_at.timestamp() * 1000),
        document.published_at.year,
        KIND_CODES[document.kind],
        document.helpful,
        *lengths,
        *map(len, topics),
        every,
    )
    went = ([0] * len(document.conditions), [bits.get(topic, 0) for topic in document.treatments])
    rows = zip(chain(*topics), chain(*went, [0] * len(document.side_effects)), strict=True)
    return head + b"".join(_ROW.pack(*row) for row in rows)


def unpack(stored: Sequence[bytes]) -> Facts:
    """The facts of documents, as arrays."""
    head: Any = np.frombuffer(b"".join(each[: _HEAD.size] for each in stored), _HEAD_TYPE)
    rows: Any = np.frombuffer(b"".join(each[_HEAD.size :] for each in stored), _ROW_TYPE)
    # Which document, and which of ROWS, each row belongs to.
    numbers = np.repeat(np.arange(len(stored), dtype=np.int32), head["rows"].sum(axis=1, dtype=np.int64))
    places = np.repeat(np.tile(np.arange(len(ROWS)), len(stored)), head["rows"].ravel().astype(np.int64))
    return Facts(
        published=head["published"].copy(),
        years=head["year"].copy(),
        kinds=head["kind"].copy(),
        helpful=head["helpful"].copy(),
        lengths=head["lengths"].copy(),
        outcomes=head["outcomes"].copy(),
        rows={
            facet: Rows(numbers[places == place], rows["topic"][places == place], rows["outcomes"][places == place])
            for place, facet in enumerate(ROWS)
        },
    )
