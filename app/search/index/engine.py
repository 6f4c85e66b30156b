"""What a search engine is asked and what it answers.

An engine knows documents, words and topic ids. What a word is (`analysis`), what a query means (`understanding`) and
who may see what (`visibility`) is decided outside, so that every engine decides alike.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.search.index.documents import Document

Words = tuple[str, ...]
"""One word or several that stand one after the other, as `analysis` compares them."""


class IndexUnavailable(Exception):
    """There is no index, or it cannot be read. A rebuild puts it right."""


@dataclass(frozen=True)
class Clause:
    """Something that must be found: all of `exact`, or else, and ranked below everything that says it exactly, what is
    filed under one of `topics` or says one of the `others`, their other names.

    `typed` are the same words as `exact`, not brought to a common form: what says them like that goes first. Of a
    clause that is `literal` nothing else is found.
    """

    exact: tuple[Words, ...]
    topics: tuple[int, ...] = ()
    others: tuple[Words, ...] = ()
    # Whether other names of what a document is filed under count as its words; quotes switch it off.
    widened: bool = True
    typed: tuple[Words, ...] = ()
    literal: bool = False

    @classmethod
    def quoted(cls, words: Words, typed: Words) -> Clause:
        """These words as they are typed, one after the other, and nothing for them."""
        return cls(exact=(words,), typed=(typed,), widened=False, literal=True)


@dataclass(frozen=True)
class Query:
    """What to look for: of each group one clause or more, none of those excluded. Without groups everything.

    With `at_least`, so many of the groups will do; what has all of them in its own words still goes first.
    """

    groups: tuple[tuple[Clause, ...], ...] = ()
    excluded: tuple[Clause, ...] = ()
    at_least: int | None = None

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """The clauses of all groups."""
        return tuple(clause for group in self.groups for clause in group)


class Facet(enum.StrEnum):
    """By what a result can be narrowed."""

    KIND = "kind"
    CONDITION = "condition"
    TREATMENT = "treatment"
    OUTCOME = "outcome"
    SIDE_EFFECT = "side_effect"
    YEAR = "year"


@dataclass(frozen=True)
class IndexFilters:
    """What to look among: within a facet any of its values will do, and every facet has to be met. None is no filter.

    Conditions, treatments and side effects are ids of topics, outcomes the codes of `Effect`. With treatments *and*
    outcomes it is one of these treatments that went like this.
    """

    kinds: tuple[str, ...] = ()
    conditions: tuple[int, ...] = ()
    treatments: tuple[int, ...] = ()
    outcomes: tuple[str, ...] = ()
    side_effects: tuple[int, ...] = ()
    years: tuple[int, ...] = ()


class Sort(enum.StrEnum):
    """In which order, see `ordering`."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    HELPFUL = "helpful"


Counts = Mapping[Facet, Mapping[str | int, int]]
"""How many documents there are for each value of each facet; values without any are left out. A facet's own filter has
no say in its counts, so that each says what choosing that value alone gives."""


@dataclass(frozen=True)
class Hits:
    """What was found: how many documents in all, the keys of those on the page, and the counts of the facets."""

    total: int
    keys: tuple[str, ...]
    counts: Counts


class Engine(Protocol):
    """An index of documents. Every method raises IndexUnavailable where there is none that can be read."""

    def exists(self) -> bool:
        """Whether there is an index that can be read, as far as anybody knows. Raises nothing."""
        ...

    def built_at(self) -> datetime:
        """When all of it was last built anew."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """Wait until nobody else writes, and keep others from writing meanwhile. May be nested.

        What is to be written is read *inside*: what was read while waiting may be old.
        """
        ...

    def search(
        self,
        query: Query,
        filters: IndexFilters,
        exclude: Collection[str],
        *,
        sort: Sort = Sort.RELEVANCE,
        offset: int = 0,
        limit: int = 20,
    ) -> Hits:
        """The first hits, leaving out the documents with these keys and everything within them.

        Without a query there is no relevance: the newest come first.
        """
        ...

    def titled(
        self, words: Sequence[str], beginning: str, kinds: Sequence[str], exclude: Collection[str], limit: int
    ) -> Sequence[str]:
        """The keys of the newest documents of these kinds whose title has these words, as `analysis` compares them, and
        one that begins like this; leaving out as `search` does.
        """
        ...

    def words_beginning(self, letters: str) -> Collection[str]:
        """The words of titles, names and texts that begin like this, as `analysis` compares them. Words of documents
        that are gone may be among them.
        """
        ...

    def update(self, documents: Iterable[Document], gone: Iterable[str]) -> None:
        """Put documents in the place of their older selves, take those with these keys out. All or nothing."""
        ...

    def rebuild(self, documents: Iterable[Document]) -> None:
        """Make a new index of these documents beside the old one, then put it in its place."""
        ...

    def fingerprints(self, keys: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
        """Key and fingerprint of the documents with these keys, or of all."""
        ...
