"""Reading: one committed state of an index, opened for queries.

Whoosh's searcher serves stored fields, term dictionaries and statistics. Matching, scoring, filtering, counting and
sorting happen on arrays read from it, see `postings`, `columns`, `ranking` and `facets`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
from whoosh.index import FileIndex
from whoosh.query.terms import Term
from whoosh.reading import IndexReader

from app.search.index.engine import Hits, IndexFilters, Query, Sort
from app.search.index.weights import WORD_FIELDS, Weights
from app.search.whoosh.columns import Columns, Mask, Segment, read_segment
from app.search.whoosh.facets import Facets
from app.search.whoosh.order import Order
from app.search.whoosh.postings import PostingsCache
from app.search.whoosh.ranking import Ranked, Ranking

# Filters whose counts among all documents are kept until the next commit.
CACHED_COUNTS = 32


class _Leaf(NamedTuple):
    """A segment, the number of documents in it that are not deleted, and which documents those are."""

    segment: Segment
    live_count: int
    live: Mask


class Memory:
    """What a process keeps from one commit to the next: column values and postings, both by segment."""

    def __init__(self, cache_bytes: int) -> None:
        self.postings = PostingsCache(cache_bytes)
        self._leaves: dict[str, _Leaf] = {}

    def leaves(self, readers: Iterable[IndexReader]) -> list[_Leaf]:
        """The segments of these readers. Reads those that are new, forgets those that have gone."""
        leaves = [self._leaf(reader) for reader in readers]
        self._leaves = {leaf.segment.name: leaf for leaf in leaves}
        self.postings.keep_only(set(self._leaves))
        return leaves

    def _leaf(self, reader: IndexReader) -> _Leaf:
        segment = reader.segment()
        name = segment.segment_id() if segment is not None else ""
        known = self._leaves.get(name)
        if known is not None and known.live_count == reader.doc_count():
            return known
        read = known.segment if known is not None else read_segment(name, reader)
        live = np.ones(read.size, np.bool_)
        if reader.has_deletions():
            live[:] = False
            live[np.fromiter(reader.all_doc_ids(), np.int64)] = True
        return _Leaf(read, reader.doc_count(), live)


class OpenIndex:
    """One committed state of an index, open for reading. Not thread-safe.

    `name` is the name of the index's folder and `kinds` the codes of its kinds, see `columns.kind_codes`. Without
    `memory` only `stored` and `stored_under` work.
    """

    def __init__(
        self, name: str, index: FileIndex, kinds: Mapping[str, int], weights: Weights, memory: Memory | None = None
    ) -> None:
        self._name = name
        searcher = index.searcher()
        self.searcher = searcher
        # An index without documents has a single reader, which cannot be read from.
        leaf_readers = [leaf.reader() for leaf, _offset in searcher.leaf_searchers()]
        readers = [reader for reader in leaf_readers if reader.doc_count_all()]
        for reader in readers:
            _open_files(reader)
        if memory is None:
            return
        leaves = memory.leaves(readers)
        segments = [leaf.segment for leaf in leaves]
        self._columns = Columns(segments, [leaf.live for leaf in leaves], kinds)
        self._ranking = Ranking(searcher, readers, segments, self._columns, memory.postings, weights)
        self._facets = Facets(self._columns)
        # Lists of stories and topics count everything again and again, and until the next commit nothing changes.
        self._narrow_all = lru_cache(CACHED_COUNTS)(partial(self._facets.narrow, self._columns.live))
        self._order = Order(self._columns)

    def is_current(self, name: str) -> bool:
        """Whether this is the latest commit of the index in the folder of this name."""
        return self._name == name and bool(self.searcher.up_to_date())

    def close(self) -> None:
        """Close the files."""
        self.searcher.close()

    def search(
        self, query: Query, filters: IndexFilters, exclude: Collection[str], sort: Sort, offset: int, limit: int
    ) -> Hits:
        """Answer `Engine.search`."""
        ranked = self._ranking.rank(query)
        matches = self._visible(ranked, exclude)
        matches_all = matches & (ranked.tiers > 0)
        if query == Query() and not exclude:
            remaining, counts = self._narrow_all(filters)
        else:
            remaining, counts = self._facets.narrow(matches_all, filters)
        complete = total = int(np.count_nonzero(remaining))
        if not complete and query.fill_to:
            remaining, counts = self._facets.narrow(matches, filters)
            total = int(np.count_nonzero(remaining))
        elif complete < query.fill_to:
            remaining = remaining | self._best(matches & ~matches_all, ranked, filters, query.fill_to - complete)
            total = int(np.count_nonzero(remaining))
        order = Sort.NEWEST if sort is Sort.RELEVANCE and not query.groups else sort
        numbers = self._order.first(remaining, ranked, order, offset, limit).tolist()
        return Hits(total, tuple(self._key(number) for number in numbers), counts, complete)

    def _best(self, matches: Mask, ranked: Ranked, filters: IndexFilters, limit: int) -> Mask:
        """The best of these documents that pass the filters."""
        best = np.zeros_like(matches)
        best[self._order.first(self._facets.passing(matches, filters), ranked, Sort.RELEVANCE, 0, limit)] = True
        return best

    def titled(
        self, words: Sequence[str], prefix: str, kinds: Sequence[str], exclude: Collection[str], limit: int
    ) -> list[str]:
        """Answer `Engine.titled`."""
        ranked = self._ranking.titled(words, prefix)
        matches = self._visible(ranked, exclude)
        matches &= self._columns.of_kinds(kinds)
        numbers = self._order.first(matches, ranked, Sort.NEWEST, 0, limit)
        return [self._key(number) for number in numbers.tolist()]

    def words_with_prefix(self, prefix: str) -> set[str]:
        """Answer `Engine.words_with_prefix`."""
        reader = self.searcher.reader()
        return {word.decode() for field in WORD_FIELDS for word in reader.expand_prefix(field, prefix)}

    def _visible(self, ranked: Ranked, exclude: Collection[str]) -> Mask:
        """The documents that match and are neither deleted nor excluded."""
        matches: Mask = (ranked.scores > 0) & self._columns.live
        matches[list(self._with_descendants(exclude))] = False
        return matches

    def _with_descendants(self, keys: Collection[str]) -> set[int]:
        """The document numbers of these keys and of all documents within them."""
        numbers: set[int] = set()
        for key in keys:
            for field in ("key", "within"):
                numbers.update(self.searcher.docs_for_query(Term(field, key)))
        return numbers

    def _key(self, number: int) -> str:
        key: str = self.searcher.reader().stored_fields(number)["key"]
        return key

    def stored(self) -> Iterator[dict[str, str]]:
        """The stored fields, `key` and `fingerprint`, of every document."""
        for _number, stored in self.searcher.reader().iter_docs():
            yield stored

    def stored_under(self, keys: Iterable[str]) -> Iterator[dict[str, str]]:
        """The stored fields of the documents with these keys."""
        for key in keys:
            yield from self.searcher.documents(key=key)


def _open_files(reader: IndexReader) -> None:
    """Open the files that Whoosh would open on first use: a later commit may remove them before that."""
    reader.stored_fields(0)
    reader.column_reader("columns")
