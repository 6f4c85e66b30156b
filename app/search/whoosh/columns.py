"""What is kept in memory of an index besides postings: a column of numbers for everything that is filtered, counted,
weighed or sorted by.

A segment's facts are read once and kept for as long as the segment lasts. `Columns` are those of all segments one after
the other, in the order of Whoosh's document numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.search.whoosh.facts import ROWS, Facts, Rows, unpack
from app.search.whoosh.schema import WORDS

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Segment:
    """What is kept of one segment."""

    name: str
    facts: Facts

    @property
    def size(self) -> int:
        """How many documents it has, deleted ones among them."""
        return len(self.facts.kinds)


def read_segment(name: str, reader: Any) -> Segment:
    """Read the facts of a segment by its reader."""
    return Segment(name, unpack(list(reader.column_reader("facts"))))


class Columns:
    """The facts of all segments, one after the other."""

    def __init__(self, segments: Sequence[Segment], live: Sequence[Mask]) -> None:
        facts = [segment.facts for segment in segments]
        self.offsets = np.cumsum([0, *(segment.size for segment in segments)]).tolist()
        self.size: int = self.offsets[-1]
        self.live = _joined(live, np.bool_)
        self.kinds = _joined([each.kinds for each in facts], np.uint8)
        self.years = _joined([each.years for each in facts], np.int16)
        self.helpful = _joined([each.helpful for each in facts], np.uint32)
        self.published = _joined([each.published for each in facts], np.int64)
        self.outcomes = _joined([each.outcomes for each in facts], np.uint8)
        self.rows = {facet: self._rows([each.rows[facet] for each in facts]) for facet in ROWS}
        self.lengths = {
            field: _joined([each.lengths[:, place] for each in facts], np.uint32).astype(np.float32)
            for place, field in enumerate(WORDS)
        }

    def _rows(self, parts: Sequence[Rows]) -> Rows:
        numbers = [part.numbers + np.int32(offset) for part, offset in zip(parts, self.offsets, strict=False)]
        return Rows(
            _joined(numbers, np.int32),
            _joined([part.topics for part in parts], np.int32),
            _joined([part.outcomes for part in parts], np.uint8),
        )


def _joined(parts: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.empty(0, kind)
