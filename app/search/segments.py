"""What is kept in memory of an index besides postings: a column of numbers for everything that is filtered, counted,
weighed or sorted by.

A segment's columns are read once and kept for as long as the segment lasts. `Columns` are those of all segments one
after the other, in the order of Whoosh's document numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.search.documents import KINDS
from app.search.postings import Numbers, Weights, read_word
from app.search.whoosh_schema import WORDS

Mask = NDArray[np.bool_]
Bits = NDArray[np.uint8]

KIND_CODES = {kind: code for code, kind in enumerate(KINDS, start=1)}
# One bit each: a treatment that was tried twice may have gone both ways.
OUTCOME_BITS = {
    outcome: 1 << place
    for place, outcome in enumerate(("not_at_all", "slightly", "moderately", "very_well", "too_early"))
}


@dataclass(frozen=True)
class Rows:
    """A column with any number of values for each document: row by row a document and the id of a topic."""

    numbers: Numbers
    topics: Numbers


@dataclass(frozen=True)
class Segment:
    """What is kept of one segment. Arrays have an item for each document unless they are rows."""

    name: str
    kinds: Bits
    years: NDArray[np.int16]
    published: NDArray[np.int64]
    lengths: dict[str, Weights]
    conditions: Rows
    treatments: Rows
    side_effects: Rows
    # For each row of `treatments`, how it went; for each document, how anything went.
    outcomes: Bits
    all_outcomes: Bits

    @property
    def size(self) -> int:
        """How many documents it has, deleted ones among them."""
        return len(self.kinds)


def read_segment(name: str, reader: Any) -> Segment:
    """Read the columns of a segment by its reader."""
    size = reader.doc_count_all()
    treatments = _rows(reader, "treatments")
    outcomes, all_outcomes = _outcomes(reader, treatments, size)
    return Segment(
        name,
        kinds=_single(reader, "kind", size, KIND_CODES).astype(np.uint8),
        years=_single(reader, "year", size).astype(np.int16),
        published=np.fromiter(reader.column_reader("published"), np.int64, size),
        lengths={field: _lengths(reader, field, size) for field in WORDS},
        conditions=_rows(reader, "conditions"),
        treatments=treatments,
        side_effects=_rows(reader, "side_effects"),
        outcomes=outcomes,
        all_outcomes=all_outcomes,
    )


def _terms(reader: Any, field: str) -> Iterator[tuple[str, Numbers]]:
    # Read to the end before anything else is asked of the reader: it has one place in its file.
    for term in list(reader.lexicon(field)):
        text = term.decode()
        yield text, read_word(reader, field, text).numbers


def _single(reader: Any, field: str, size: int, codes: dict[str, int] | None = None) -> NDArray[np.int64]:
    column = np.zeros(size, np.int64)
    for text, numbers in _terms(reader, field):
        column[numbers] = codes[text] if codes else int(text)
    return column


def _rows(reader: Any, field: str) -> Rows:
    parts = [(numbers, np.full(len(numbers), int(text), np.int32)) for text, numbers in _terms(reader, field)]
    if not parts:
        return Rows(np.empty(0, np.int32), np.empty(0, np.int32))
    numbers, topics = (np.concatenate(each) for each in zip(*parts, strict=True))
    # Neighbours in memory: counting goes through them in this order.
    order = np.argsort(numbers, kind="stable")
    return Rows(numbers[order], topics[order])


def _outcomes(reader: Any, treatments: Rows, size: int) -> tuple[Bits, Bits]:
    of_rows = np.zeros(len(treatments.numbers), np.uint8)
    of_documents = np.zeros(size, np.uint8)
    row_keys = (treatments.numbers.astype(np.int64) << 32) + treatments.topics
    order = np.argsort(row_keys)
    for text, numbers in _terms(reader, "outcomes"):
        topic, _colon, outcome = text.rpartition(":")
        of_documents[numbers] |= OUTCOME_BITS[outcome]
        if topic:
            rows = order[np.searchsorted(row_keys[order], (numbers.astype(np.int64) << 32) + int(topic))]
            of_rows[rows] |= OUTCOME_BITS[outcome]
    return of_rows, of_documents


def _lengths(reader: Any, field: str, size: int) -> Weights:
    length = reader.doc_field_length
    return np.array([length(number, field) or 0 for number in range(size)], np.float32)


class Columns:
    """The columns of all segments, one after the other."""

    def __init__(self, segments: Sequence[Segment], live: Sequence[Mask]) -> None:
        self.offsets = np.cumsum([0, *(segment.size for segment in segments)]).tolist()
        self.size: int = self.offsets[-1]
        self.live = _joined(live, np.bool_)
        self.kinds = _joined([segment.kinds for segment in segments], np.uint8)
        self.years = _joined([segment.years for segment in segments], np.int16)
        self.published = _joined([segment.published for segment in segments], np.int64)
        self.outcomes = _joined([segment.outcomes for segment in segments], np.uint8)
        self.all_outcomes = _joined([segment.all_outcomes for segment in segments], np.uint8)
        self.conditions = self._rows([segment.conditions for segment in segments])
        self.treatments = self._rows([segment.treatments for segment in segments])
        self.side_effects = self._rows([segment.side_effects for segment in segments])
        self.lengths = {field: _joined([segment.lengths[field] for segment in segments], np.float32) for field in WORDS}

    def _rows(self, parts: Sequence[Rows]) -> Rows:
        numbers = [part.numbers + np.int32(offset) for part, offset in zip(parts, self.offsets, strict=False)]
        return Rows(_joined(numbers, np.int32), _joined([part.topics for part in parts], np.int32))


def _joined(parts: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0, kind)
