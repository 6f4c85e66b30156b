"""Column values: everything that is filtered, counted, boosted or sorted by, one numpy array for each property.

The values of a document are packed into one string of bytes, stored in a single column of Whoosh. Reading them back
costs one fetch per document, when a process starts and whenever there is a new segment. `Columns` joins the values of
all segments, in the order of Whoosh's document numbers.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from whoosh.reading import IndexReader

from app.search.index.documents import Document
from app.search.index.engine import Facet
from app.search.whoosh.schema import TEXT_FIELDS

Mask = NDArray[np.bool_]
Bits = NDArray[np.uint8]
Years = NDArray[np.int16]
Scalar = TypeVar("Scalar", bound=np.generic)

# One bit for each outcome, since a treatment that was tried twice may have two. The bits are stored in indexes: raise
# `schema.VERSION` when they change.
OUTCOME_BITS = {
    outcome: 1 << place
    for place, outcome in enumerate(("not_at_all", "slightly", "moderately", "very_well", "too_early"))
}
# The facets with any number of topics for each document, in the order in which they are stored.
TOPIC_FACETS = (Facet.CONDITION, Facet.TREATMENT, Facet.SIDE_EFFECT)

# Time of publication in milliseconds, year, code of the kind, number of readers helped, lengths of the text fields in
# tokens, number of topics for each of TOPIC_FACETS, and the union of the outcome bits. It is followed by the topics,
# each with its outcome bits (0 except for treatments).
_HEAD = struct.Struct("<qhBI4I3HB")
_TOPIC = struct.Struct("<iB")
_HEAD_TYPE = np.dtype(
    [
        ("published", "<i8"),
        ("year", "<i2"),
        ("kind", "u1"),
        ("helpful", "<u4"),
        ("lengths", "<u4", 4),
        ("topic_counts", "<u2", 3),
        ("outcomes", "u1"),
    ]
)
_TOPIC_TYPE = np.dtype([("topic", "<i4"), ("outcomes", "u1")])


class TopicValues(NamedTuple):
    """A column with any number of topics for each document. One row for each pair of a document and a topic.

    `documents` are document numbers in ascending order, `topics` ids of topics, `outcomes` outcome bits.
    """

    documents: NDArray[np.int32]
    topics: NDArray[np.int32]
    outcomes: Bits


class Values(NamedTuple):
    """The column values of a segment. `lengths` has a row for each document and a column for each text field."""

    published: NDArray[np.int64]
    years: Years
    kinds: Bits
    helpful: NDArray[np.uint32]
    lengths: NDArray[np.uint32]
    outcomes: Bits
    topics: dict[Facet, TopicValues]


def kind_codes(kinds: Sequence[str]) -> dict[str, int]:
    """The numbers by which an index of these kinds stores them: 1 for the first."""
    return {kind: code for code, kind in enumerate(kinds, start=1)}


def pack(document: Document, lengths: Sequence[int], kinds: Mapping[str, int]) -> bytes:
    """The column values of a document as they are stored.

    `lengths` are the lengths of its text fields in tokens, in the order of TEXT_FIELDS; `kinds` comes from
    `kind_codes`. Raises KeyError for a document of a kind that the index does not hold.
    """
    topics = (document.conditions, document.treatments, document.side_effects)
    outcomes: dict[int, int] = {}
    for topic, outcome in document.outcomes:
        outcomes[topic] = outcomes.get(topic, 0) | OUTCOME_BITS[outcome]
    union = 0
    for bits in outcomes.values():
        union |= bits
    head = _HEAD.pack(
        int(document.published_at.timestamp() * 1000),
        document.published_at.year,
        kinds[document.kind],
        document.helpful,
        *lengths,
        *map(len, topics),
        union,
    )
    treatment_bits = [outcomes.get(topic, 0) for topic in document.treatments]
    bits_of_topics = ([0] * len(document.conditions), treatment_bits, [0] * len(document.side_effects))
    rows = zip(chain(*topics), chain(*bits_of_topics), strict=True)
    return head + b"".join(_TOPIC.pack(*row) for row in rows)


def unpack(stored: Sequence[bytes]) -> Values:
    """The column values of documents from the bytes that `pack` made of each."""
    head = np.frombuffer(b"".join(each[: _HEAD.size] for each in stored), _HEAD_TYPE)
    rows = np.frombuffer(b"".join(each[_HEAD.size :] for each in stored), _TOPIC_TYPE)
    # For each row its document, and which of TOPIC_FACETS it belongs to.
    documents = np.repeat(np.arange(len(stored), dtype=np.int32), head["topic_counts"].sum(axis=1, dtype=np.int64))
    places = np.repeat(
        np.tile(np.arange(len(TOPIC_FACETS)), len(stored)), head["topic_counts"].ravel().astype(np.int64)
    )
    topics = {}
    for place, facet in enumerate(TOPIC_FACETS):
        is_here = places == place
        topics[facet] = TopicValues(documents[is_here], rows["topic"][is_here], rows["outcomes"][is_here])
    return Values(
        published=head["published"].copy(),
        years=head["year"].copy(),
        kinds=head["kind"].copy(),
        helpful=head["helpful"].copy(),
        lengths=head["lengths"].copy(),
        outcomes=head["outcomes"].copy(),
        topics=topics,
    )


@dataclass(frozen=True)
class Segment:
    """A segment of the index: its name in Whoosh, and its column values. Segments never change."""

    name: str
    values: Values

    @property
    def size(self) -> int:
        """The number of its documents, deleted ones included."""
        return len(self.values.kinds)


def read_segment(name: str, reader: IndexReader) -> Segment:
    """Read the column values of a segment through Whoosh's reader of it."""
    return Segment(name, unpack(list(reader.column_reader("columns"))))


class Columns:
    """The column values of all segments of one committed state, joined; the index in each array is the document number.

    `live` is False for deleted documents. `kinds` are codes, see `kind_codes`. `lengths` are those of the text fields,
    by name of the field.
    """

    def __init__(self, segments: Sequence[Segment], live: Sequence[Mask], kinds: Mapping[str, int]) -> None:
        values = [segment.values for segment in segments]
        self.offsets = np.cumsum([0, *(segment.size for segment in segments)]).tolist()
        self.size: int = self.offsets[-1]
        self.kind_codes = kinds
        self.live = _joined(live, np.bool_)
        self.kinds = _joined([each.kinds for each in values], np.uint8)
        self.years = _joined([each.years for each in values], np.int16)
        self.helpful = _joined([each.helpful for each in values], np.uint32)
        self.published = _joined([each.published for each in values], np.int64)
        self.outcomes = _joined([each.outcomes for each in values], np.uint8)
        self.topics = {facet: self._topics([each.topics[facet] for each in values]) for facet in TOPIC_FACETS}
        self.lengths = {
            field: _joined([each.lengths[:, place] for each in values], np.uint32).astype(np.float32)
            for place, field in enumerate(TEXT_FIELDS)
        }

    def of_kinds(self, kinds: Sequence[str]) -> Mask:
        """Which documents are of one of these kinds; a kind that the index does not hold has none."""
        return np.isin(self.kinds, [self.kind_codes[kind] for kind in kinds if kind in self.kind_codes])

    def _topics(self, parts: Sequence[TopicValues]) -> TopicValues:
        documents = [part.documents + np.int32(offset) for part, offset in zip(parts, self.offsets, strict=False)]
        return TopicValues(
            _joined(documents, np.int32),
            _joined([part.topics for part in parts], np.int32),
            _joined([part.outcomes for part in parts], np.uint8),
        )


def _joined(parts: Sequence[NDArray[Scalar]], kind: type[Scalar]) -> NDArray[Scalar]:
    return np.concatenate(parts) if parts else np.empty(0, kind)
