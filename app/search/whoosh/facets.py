"""Facets: what of the documents found remains by the filters, and how many there would be for every other choice.

A value's count is what choosing it alone would give, everything else as it is: the filter of its own facet has no say.
So each facet is counted among the documents that meet all *other* facets. Treatments and outcomes go together: with a
treatment chosen, an outcome counts only if it is that treatment's.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.search.index.engine import Counts, Facet, IndexFilters
from app.search.whoosh.columns import Columns, Mask
from app.search.whoosh.facts import KIND_CODES, OUTCOME_BITS, Bits, Rows

_KINDS = np.array(["", *KIND_CODES])
_OUTCOMES = tuple(OUTCOME_BITS.items())
# An outcome is one of a treatment that is chosen.
_TOGETHER = {Facet.TREATMENT, Facet.OUTCOME}
# Documents are few when there are this many times more.
FEW = 5


class Facets:
    """The facets of one committed state of the index."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        # Ids of topics as small numbers without gaps, so that counting is one `bincount`.
        self._conditions = _Topics(columns.rows[Facet.CONDITION], columns.size)
        self._treatments = _Topics(columns.rows[Facet.TREATMENT], columns.size)
        # How each treatment of each document went.
        self._went = columns.rows[Facet.TREATMENT].outcomes
        self._side_effects = _Topics(columns.rows[Facet.SIDE_EFFECT], columns.size)

    def narrow(self, found: Mask, filters: IndexFilters) -> tuple[Mask, Counts]:
        """What of the documents found meets the filters, and the counts of all facets."""
        met = self._met(filters)
        everything = _Among(found)
        remaining = _Among(np.logical_and.reduce([found, *met.values()])) if met else everything
        among: dict[Facet, _Among] = {}
        for facet in Facet:
            others = [passes for other, passes in met.items() if other is not facet and {facet, other} != _TOGETHER]
            if len(others) == len(met):
                among[facet] = remaining
            else:
                among[facet] = _Among(np.logical_and.reduce([found, *others])) if others else everything
        return remaining.mask, {
            Facet.KIND: _named(among[Facet.KIND].count(self._columns.kinds, len(_KINDS)), _KINDS),
            Facet.CONDITION: self._conditions.count(among[Facet.CONDITION]),
            Facet.TREATMENT: self._count_treatments(among[Facet.TREATMENT], filters.outcomes),
            Facet.OUTCOME: self._count_outcomes(among[Facet.OUTCOME], filters.treatments),
            Facet.SIDE_EFFECT: self._side_effects.count(among[Facet.SIDE_EFFECT]),
            Facet.YEAR: _named(among[Facet.YEAR].count(self._columns.years)),
        }

    def _met(self, filters: IndexFilters) -> dict[Facet, Mask]:
        """For each facet that is filtered by, which documents meet it."""
        columns = self._columns
        met: dict[Facet, Mask] = {}
        if filters.kinds:
            met[Facet.KIND] = np.isin(columns.kinds, [KIND_CODES.get(kind, 255) for kind in filters.kinds])
        if filters.conditions:
            met[Facet.CONDITION] = self._conditions.having(filters.conditions)
        if filters.treatments:
            rows = self._treatments.rows_of(filters.treatments)
            if filters.outcomes:
                rows &= (self._went & _bits(filters.outcomes)) != 0
            met[Facet.TREATMENT] = self._treatments.documents(rows)
        elif filters.outcomes:
            met[Facet.OUTCOME] = (columns.outcomes & _bits(filters.outcomes)) != 0
        if filters.side_effects:
            met[Facet.SIDE_EFFECT] = self._side_effects.having(filters.side_effects)
        if filters.years:
            met[Facet.YEAR] = np.isin(columns.years, filters.years)
        return met

    def _count_treatments(self, among: _Among, outcomes: Collection[str]) -> dict[Any, int]:
        rows = (self._went & _bits(outcomes)) != 0 if outcomes else None
        return self._treatments.count(among, rows)

    def _count_outcomes(self, among: _Among, treatments: Collection[int]) -> dict[Any, int]:
        bits: Bits = self._columns.outcomes
        if treatments:
            rows = self._treatments.rows_of(treatments)
            bits = np.zeros_like(bits)
            np.bitwise_or.at(bits, self._columns.rows[Facet.TREATMENT].numbers[rows], self._went[rows])
        patterns = among.count(bits, 256)
        every = np.arange(256)
        counted = {outcome: int(patterns[(every & bit) != 0].sum()) for outcome, bit in _OUTCOMES}
        return {outcome: count for outcome, count in counted.items() if count}


class _Among:
    """The documents that a facet is counted among."""

    def __init__(self, mask: Mask) -> None:
        self.mask = mask

    @cached_property
    def numbers(self) -> NDArray[np.intp]:
        """Their numbers."""
        return np.flatnonzero(self.mask)

    def count(self, column: NDArray[Any], most: int = 0) -> NDArray[np.intp]:
        """How many of them have each value in a column."""
        return np.bincount(column[self.numbers], minlength=most)


class _Topics:
    """A column of topics, each document with any number of them and each only once."""

    def __init__(self, rows: Rows, size: int) -> None:
        # What numpy takes without converting it first.
        self._numbers = rows.numbers.astype(np.intp)
        self._ids, self._codes = np.unique(rows.topics, return_inverse=True)
        self._size = size
        # The rows of a document stand together: where they begin, and how many they are.
        self._starts = np.searchsorted(self._numbers, np.arange(size))
        self._lengths = np.bincount(self._numbers, minlength=size)

    def rows_of(self, topics: Collection[int]) -> Mask:
        """Which rows name one of these topics."""
        return np.isin(self._ids, list(topics))[self._codes]

    def documents(self, rows: Mask) -> Mask:
        """Which documents these rows belong to."""
        having = np.zeros(self._size, np.bool_)
        having[self._numbers[rows]] = True
        return having

    def having(self, topics: Collection[int]) -> Mask:
        """Which documents have one of these topics."""
        return self.documents(self.rows_of(topics))

    def count(self, among: _Among, rows: Mask | None = None) -> dict[Any, int]:
        """How many of these documents have each of the topics, in one of these rows or in any."""
        if rows is not None or FEW * len(among.numbers) > self._size:
            counting = among.mask.take(self._numbers)
            codes = self._codes.compress(counting if rows is None else counting & rows)
        else:
            codes = self._codes[self._belonging_to(among.numbers)]
        return _named(np.bincount(codes, minlength=len(self._ids)), self._ids)

    def _belonging_to(self, documents: NDArray[np.intp]) -> NDArray[np.intp]:
        """The rows of these documents, which is quicker than looking at all rows where the documents are few."""
        lengths = self._lengths[documents]
        before = np.cumsum(lengths) - lengths
        return np.repeat(self._starts[documents] - before, lengths) + np.arange(lengths.sum())


def _bits(outcomes: Collection[str]) -> np.uint8:
    return np.uint8(sum({OUTCOME_BITS.get(outcome, 0) for outcome in outcomes}))


def _named(counted: NDArray[np.intp], names: NDArray[Any] | None = None) -> dict[Any, int]:
    """The counts that are not nothing, by what they count."""
    places = np.flatnonzero(counted)
    values = places if names is None else names[places]
    return dict(zip(values.tolist(), counted[places].tolist(), strict=True))
