"""Facets: applying filters to the documents that match a query, and counting the values of every facet.

The count of a value is the number of results if that value alone were chosen in its facet, with the filters of all
other facets unchanged. So each facet is counted among the documents that pass the filters of all *other* facets.
Treatments and outcomes are tied: with a treatment chosen, only outcomes of that treatment count, and the reverse.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from app.search.index.engine import Counts, Facet, IndexFilters
from app.search.whoosh.columns import OUTCOME_BITS, Bits, Columns, Mask, TopicValues, Years

_OUTCOMES = tuple(OUTCOME_BITS.items())
_TIED = {Facet.TREATMENT, Facet.OUTCOME}
# From a share of 1 in SPARSE documents downwards, counting goes by documents instead of over the whole column.
SPARSE = 5


class Facets:
    """Filters and facet counts over one committed state of the index."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._kind_names = np.array(["", *columns.kind_codes])
        self._conditions = _TopicColumn(columns.topics[Facet.CONDITION], columns.size)
        self._treatments = _TopicColumn(columns.topics[Facet.TREATMENT], columns.size)
        self._treatment_outcomes = columns.topics[Facet.TREATMENT].outcomes
        self._side_effects = _TopicColumn(columns.topics[Facet.SIDE_EFFECT], columns.size)

    def narrow(self, matches: Mask, filters: IndexFilters) -> tuple[Mask, Counts]:
        """The matches that pass the filters, and the counts of all facets."""
        passing = self._masks(filters)
        everything = _Subset(matches)
        remaining = _Subset(np.logical_and.reduce([matches, *passing.values()])) if passing else everything
        subsets: dict[Facet, _Subset] = {}
        for facet in Facet:
            others = [mask for other, mask in passing.items() if other is not facet and {facet, other} != _TIED]
            if len(others) == len(passing):
                subsets[facet] = remaining
            else:
                subsets[facet] = _Subset(np.logical_and.reduce([matches, *others])) if others else everything
        return remaining.mask, {
            Facet.KIND: _nonzero(
                subsets[Facet.KIND].count(self._columns.kinds, len(self._kind_names)), self._kind_names
            ),
            Facet.CONDITION: self._conditions.count(subsets[Facet.CONDITION]),
            Facet.TREATMENT: self._count_treatments(subsets[Facet.TREATMENT], filters.outcomes),
            Facet.OUTCOME: self._count_outcomes(subsets[Facet.OUTCOME], filters.treatments),
            Facet.SIDE_EFFECT: self._side_effects.count(subsets[Facet.SIDE_EFFECT]),
            Facet.YEAR: _nonzero(subsets[Facet.YEAR].count(self._columns.years)),
        }

    def passing(self, matches: Mask, filters: IndexFilters) -> Mask:
        """The matches that pass the filters."""
        mask: Mask = np.logical_and.reduce([matches, *self._masks(filters).values()])
        return mask

    def _masks(self, filters: IndexFilters) -> dict[Facet, Mask]:
        """For each facet with a filter, which documents pass it."""
        columns = self._columns
        passing: dict[Facet, Mask] = {}
        if filters.kinds:
            passing[Facet.KIND] = columns.of_kinds(filters.kinds)
        if filters.conditions:
            passing[Facet.CONDITION] = self._conditions.documents_with(filters.conditions)
        if filters.treatments:
            rows = self._treatments.rows_of(filters.treatments)
            if filters.outcomes:
                rows &= (self._treatment_outcomes & _bits(filters.outcomes)) != 0
            passing[Facet.TREATMENT] = self._treatments.documents(rows)
        elif filters.outcomes:
            passing[Facet.OUTCOME] = (columns.outcomes & _bits(filters.outcomes)) != 0
        if filters.side_effects:
            passing[Facet.SIDE_EFFECT] = self._side_effects.documents_with(filters.side_effects)
        if filters.years:
            passing[Facet.YEAR] = np.isin(columns.years, filters.years)
        return passing

    def _count_treatments(self, subset: _Subset, outcomes: Collection[str]) -> dict[str | int, int]:
        rows = (self._treatment_outcomes & _bits(outcomes)) != 0 if outcomes else None
        return self._treatments.count(subset, rows)

    def _count_outcomes(self, subset: _Subset, treatments: Collection[int]) -> dict[str | int, int]:
        bits: Bits = self._columns.outcomes
        if treatments:
            rows = self._treatments.rows_of(treatments)
            bits = np.zeros_like(bits)
            documents = self._columns.topics[Facet.TREATMENT].documents[rows]
            np.bitwise_or.at(bits, documents, self._treatment_outcomes[rows])
        # How many documents have each combination of bits, then the sum of all combinations with a bit.
        combinations = subset.count(bits, 256)
        numbers = np.arange(256)
        counts = {outcome: int(combinations[(numbers & bit) != 0].sum()) for outcome, bit in _OUTCOMES}
        return {outcome: count for outcome, count in counts.items() if count}


class _Subset:
    """The documents among which a facet is counted."""

    def __init__(self, mask: Mask) -> None:
        self.mask = mask

    @cached_property
    def numbers(self) -> NDArray[np.intp]:
        """Their document numbers."""
        return np.flatnonzero(self.mask)

    def count(self, column: Bits | Years, length: int = 0) -> NDArray[np.intp]:
        """How many of them have each value of a column, from 0 up to at least `length` - 1."""
        return np.bincount(column[self.numbers], minlength=length)


class _TopicColumn:
    """A column of topics, with their ids replaced by consecutive codes, so that counting is one `bincount`.

    A document has any number of topics, each of them once.
    """

    def __init__(self, values: TopicValues, size: int) -> None:
        # numpy indexes with intp and would convert anything else each time.
        self._documents = values.documents.astype(np.intp)
        self._ids, self._codes = np.unique(values.topics, return_inverse=True)
        self._size = size
        # The rows of a document are adjacent: the first row of each, and the number of its rows.
        self._starts = np.searchsorted(self._documents, np.arange(size))
        self._lengths = np.bincount(self._documents, minlength=size)

    def rows_of(self, topics: Collection[int]) -> Mask:
        """Which rows have one of these topics."""
        return np.isin(self._ids, list(topics))[self._codes]

    def documents(self, rows: Mask) -> Mask:
        """Which documents these rows belong to."""
        mask = np.zeros(self._size, np.bool_)
        mask[self._documents[rows]] = True
        return mask

    def documents_with(self, topics: Collection[int]) -> Mask:
        """Which documents have one of these topics."""
        return self.documents(self.rows_of(topics))

    def count(self, subset: _Subset, rows: Mask | None = None) -> dict[str | int, int]:
        """How many documents of a subset have each topic, in one of these rows or in any row."""
        if rows is not None or SPARSE * len(subset.numbers) > self._size:
            counted = subset.mask.take(self._documents)
            codes = self._codes.compress(counted if rows is None else counted & rows)
        else:
            codes = self._codes[self._row_numbers(subset.numbers)]
        return _nonzero(np.bincount(codes, minlength=len(self._ids)), self._ids)

    def _row_numbers(self, documents: NDArray[np.intp]) -> NDArray[np.intp]:
        """The numbers of the rows of these documents: for few documents faster than a mask over all rows."""
        lengths = self._lengths[documents]
        before = np.cumsum(lengths) - lengths
        return np.repeat(self._starts[documents] - before, lengths) + np.arange(lengths.sum())


def _bits(outcomes: Collection[str]) -> np.uint8:
    return np.uint8(sum({OUTCOME_BITS.get(outcome, 0) for outcome in outcomes}))


def _nonzero(
    counts: NDArray[np.intp], values: NDArray[np.str_] | NDArray[np.int32] | None = None
) -> dict[str | int, int]:
    """The counts other than 0 by value; the value of an index is the index itself unless `values` are given."""
    places = np.flatnonzero(counts)
    keys = places if values is None else values[places]
    return dict(zip(keys.tolist(), counts[places].tolist(), strict=True))
