"""What a search engine is asked and what it answers.

An engine knows documents, words and topic ids. What a word is (`analysis`), what a query means (`understanding`) and
who may see what (`visibility`) is decided outside, so that every engine decides alike.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from app.search.documents import Document

Words = tuple[str, ...]
"""One word or several that stand one after the other, as `analysis` compares them."""


class IndexUnavailable(Exception):
    """There is no index, or it cannot be read. A rebuild puts it right."""


@dataclass(frozen=True)
class Clause:
    """Something that must be found: all of `exact`, or else, and ranked below everything that says it exactly, what is
    filed under one of `topics` or says one of the `others`, their other names.
    """

    exact: tuple[Words, ...]
    topics: tuple[int, ...] = ()
    others: tuple[Words, ...] = ()
    # Whether other names of what a document is filed under count as its words; quotes switch it off.
    widened: bool = True


@dataclass(frozen=True)
class Query:
    """What to look for: all of the clauses, none of those excluded. Without clauses everything, newest first."""

    clauses: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()


@dataclass(frozen=True)
class Filters:
    """What to look among: one kind, and what is filed under a condition and a treatment (ids of topics)."""

    kind: str | None = None
    condition: int | None = None
    treatment: int | None = None


@dataclass(frozen=True)
class Hits:
    """What was found. `counts` says how much there is of each kind, the filter by kind aside."""

    total: int
    keys: tuple[str, ...]
    counts: dict[str, int]


class Engine(Protocol):
    """An index of documents. Every method raises IndexUnavailable where there is none that can be read."""

    def exists(self) -> bool:
        """Whether there is an index that can be read, as far as anybody knows. Raises nothing."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """Wait until nobody else writes, and keep others from writing meanwhile. May be nested.

        What is to be written is read *inside*: what was read while waiting may be old.
        """
        ...

    def search(self, query: Query, filters: Filters, exclude: Collection[str], offset: int, limit: int) -> Hits:
        """The best hits, leaving out the documents with these keys and everything within them."""
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
