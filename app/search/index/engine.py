"""The contract between the site and a search engine: queries, filters, results, and the `Engine` protocol.

An engine stores documents (`documents.Document`) and works with tokens and ids of topics. Everything that another
engine would need as well is decided outside: tokens (`query.analysis`), the meaning of a query
(`query.understanding`), what must not be found (`index.visibility`) and the weights of ranking (`index.weights`).
`tests/search/index/test_engine_contract.py` holds every engine to what is written here.
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
"""A token, or several that have to be adjacent and in this order (a phrase), as `analysis.words` makes them."""


class IndexUnavailable(Exception):
    """There is no index, or it cannot be read. A rebuild restores it."""


@dataclass(frozen=True)
class Clause:
    """One condition of a query: a document matches if it contains all phrases of `exact`.

    If the clause is `widened`, a document also matches, ranked below every match of `exact`, that contains all of
    `exact` in its `synonyms` field, is filed under one of `topics` (ids), or contains one of the phrases `others`,
    which are other names of these topics.

    `typed` are the same words as `exact`, in the forms that were typed (`analysis.tokens_and_forms`): documents with
    these forms are ranked first. If the clause is `literal`, only documents that contain them match.
    """

    exact: tuple[Words, ...]
    topics: tuple[int, ...] = ()
    others: tuple[Words, ...] = ()
    widened: bool = True
    typed: tuple[Words, ...] = ()
    literal: bool = False

    @classmethod
    def quoted(cls, words: Words, typed: Words) -> Clause:
        """A phrase in quotes: `words` are its tokens, `typed` the forms in which they have to occur."""
        return cls(exact=(words,), typed=(typed,), widened=False, literal=True)


@dataclass(frozen=True)
class Query:
    """A query: AND over `groups`, OR over the clauses of a group, NOT over `excluded`.

    A query without groups matches every document. If fewer than `fill_to` documents match all groups, the results
    continue with the best of those that match at least one of them, up to that number; if none matches all groups, with
    all of those.

    `first` are keys of documents that match whatever their words, unless they match something in `excluded`, and that
    RELEVANCE puts first, in this order.
    """

    groups: tuple[tuple[Clause, ...], ...] = ()
    excluded: tuple[Clause, ...] = ()
    fill_to: int = 0
    first: tuple[str, ...] = ()

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """The clauses of all groups."""
        return tuple(clause for group in self.groups for clause in group)


class Facet(enum.StrEnum):
    """The facets of a result. The values are the names of the parameters in addresses."""

    KIND = "kind"
    CONDITION = "condition"
    TREATMENT = "treatment"
    OUTCOME = "outcome"
    SIDE_EFFECT = "side_effect"
    YEAR = "year"


@dataclass(frozen=True)
class IndexFilters:
    """Filters of a search: OR over the values of a facet, AND over the facets. An empty tuple is no filter.

    `kinds` are names of kinds; conditions, treatments and side effects are ids of topics; `outcomes` are codes of
    `stories.answers.Effect`; `years` are years of publication. With both treatments and outcomes, one of these
    treatments has to have one of these outcomes.
    """

    kinds: tuple[str, ...] = ()
    conditions: tuple[int, ...] = ()
    treatments: tuple[int, ...] = ()
    outcomes: tuple[str, ...] = ()
    side_effects: tuple[int, ...] = ()
    years: tuple[int, ...] = ()


class Sort(enum.StrEnum):
    """The order of results. Ties are broken by time of publication, newest first, then in a stable order.

    RELEVANCE sorts by tier, then by score: first what `Query.first` names, then documents that contain all groups as
    typed, then those that contain them in other forms, then those that match by a synonym, then (with `Query.fill_to`)
    those that match only some. Without groups it is the same as NEWEST. HELPFUL sorts by `Document.helpful`, greatest
    first.
    """

    RELEVANCE = "relevance"
    NEWEST = "newest"
    HELPFUL = "helpful"


Counts = Mapping[Facet, Mapping[str | int, int]]
"""For every facet the number of documents by value: names of kinds, ids of topics, codes of outcomes, years. Values
without documents are left out. The filter of a facet is ignored when that facet is counted, so that each count is the
total that choosing this value alone in its facet would give. Treatments and outcomes limit each other, as in
`IndexFilters`."""


@dataclass(frozen=True)
class Hits:
    """The answer to a search: the number of all results, the keys of those on the page, the facet counts.

    `complete` is the number of results that match all groups of the query, which RELEVANCE puts before the others. The
    counts are those of these results, or of all if there are none.
    """

    total: int
    keys: tuple[str, ...]
    counts: Counts
    complete: int


class Engine(Protocol):
    """A search engine that serves one index.

    Engines are shared by the threads of a process, and several processes use the same index: every method may be called
    from any thread at any time. Reading methods see the last committed update and never wait for a writer. Every method
    except `exists` raises IndexUnavailable if there is no index of the current version, kinds and language, or if it
    cannot be read.
    """

    def exists(self) -> bool:
        """Whether there is an index that can be read, as far as is known. Raises nothing."""
        ...

    def built_at(self) -> datetime:
        """When `rebuild` last finished, as an aware datetime in UTC."""
        ...

    def exclusive(self) -> AbstractContextManager[None]:
        """Hold the writers' lock: waits until no thread or process writes, and keeps others from writing. Reentrant.

        Read what is to be written only once the lock is held: what was read before may be outdated.
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
        """The documents that match the query and pass the filters: total, one page of keys, facet counts.

        `exclude` are keys: these documents, and all documents that have one of the keys in `Document.within`, are
        neither found nor counted. The page has at most `limit` keys and starts after the first `offset` results.
        """
        ...

    def titled(
        self, words: Sequence[str], prefix: str, kinds: Sequence[str], exclude: Collection[str], limit: int
    ) -> Sequence[str]:
        """The keys of at most `limit` documents of these kinds, newest first, by the beginning of a title.

        The title contains all of `words`, which are tokens, and a word that begins with `prefix`, which is text as
        typed, or has the same stem. Engines may complete only some of the words with a common prefix. `exclude` is the
        same as for `search`.
        """
        ...

    def words_with_prefix(self, prefix: str) -> Collection[str]:
        """The tokens with a prefix in titles, names and texts. Tokens of deleted documents may be among them."""
        ...

    def update(self, documents: Iterable[Document], removed: Iterable[str]) -> None:
        """Add or replace documents, by their keys, and delete those with the keys `removed`, in a single commit.

        A document is added even if its key is among `removed`. Takes the writers' lock. If anything is raised, the
        index is as it was before; an OSError such as a full disk is raised as it is.
        """
        ...

    def rebuild(self, documents: Iterable[Document]) -> None:
        """Build a new index of these documents beside the old one, then replace the old one atomically.

        Takes the writers' lock. Searches use the old index until then. If anything is raised, the old index stays.
        """
        ...

    def fingerprints(self, keys: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
        """(key, fingerprint) of every document in the index, or of those with these keys, in any order.

        A key that occurs twice is damage, and yielded twice.
        """
        ...
