"""Reading an index of Whoosh: one committed state of it, opened.

Whoosh keeps words, postings and what is stored; what is found, counted and sorted among is worked out on arrays read
from it (`segments`, `postings`, `ranking`, `facets`, `ordering`).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from whoosh import query as whoosh_query
from whoosh import scoring
from whoosh.index import FileIndex

from app.search.index.engine import Hits, IndexFilters, Query, Sort
from app.search.whoosh.columns import Columns, Mask, Segment, read_segment
from app.search.whoosh.facets import Facets
from app.search.whoosh.facts import KIND_CODES
from app.search.whoosh.postings import PostingsCache
from app.search.whoosh.ranking import Ranked, Ranking
from app.search.whoosh.sorting import Order
from app.search.whoosh.weights import K1, OWN_WORDS, B

# Which have types for a part of their names only.
_query: Any = whoosh_query
_bm25f: Any = scoring.BM25F


class Weighting(_bm25f):  # type: ignore[misc]  # see above
    """BM25F, with rarity as BM25 has it. Whoosh adds 1, so that 'patients' weighs nearly as much as 'psoriasis'."""

    def __init__(self) -> None:
        super().__init__(B=B, K1=K1)

    def idf(self, searcher: Any, fieldname: str, text: str) -> float:
        """How much a word counts for being rare; never 0."""
        parent = searcher.get_parent()
        having, all_ = parent.doc_frequency(fieldname, text), parent.doc_count_all()
        return math.log1p((all_ - having + 0.5) / (having + 0.5))


class _Leaf(NamedTuple):
    """A segment as it was read, and which of its documents were not deleted when so many of them were left."""

    segment: Segment
    left: int
    live: Mask


class Memory:
    """What stays in memory from one commit to the next: columns and postings, both by segment."""

    def __init__(self, postings: int) -> None:
        self.postings = PostingsCache(postings)
        self._leaves: dict[str, _Leaf] = {}

    def leaves(self, readers: Iterable[Any]) -> list[_Leaf]:
        """The segments of these readers, read anew only if they are new. The others are forgotten."""
        leaves = [self._leaf(reader) for reader in readers]
        self._leaves = {leaf.segment.name: leaf for leaf in leaves}
        self.postings.keep_only(set(self._leaves))
        return leaves

    def _leaf(self, reader: Any) -> _Leaf:
        segment = reader.segment()
        name = segment.segment_id() if segment is not None else ""
        known = self._leaves.get(name)
        if known is not None and known.left == reader.doc_count():
            return known
        read = known.segment if known is not None else read_segment(name, reader)
        live = np.ones(read.size, np.bool_)
        if reader.has_deletions():
            live[:] = False
            live[np.fromiter(reader.all_doc_ids(), np.int64)] = True
        return _Leaf(read, reader.doc_count(), live)


class OpenIndex:
    """One committed state of the index, open for reading. For one thread at a time."""

    def __init__(self, name: str, index: FileIndex, memory: Memory | None = None) -> None:
        self._name = name
        searcher: Any = index.searcher(weighting=Weighting())
        self.searcher = searcher
        # An index without documents has one reader that reads nothing.
        leaf_readers = [leaf.reader() for leaf, _offset in searcher.leaf_searchers()]
        readers = [reader for reader in leaf_readers if reader.doc_count_all()]
        for reader in readers:
            _open_files(reader)
        if memory is None:
            return
        leaves = memory.leaves(readers)
        segments = [leaf.segment for leaf in leaves]
        self._columns = Columns(segments, [leaf.live for leaf in leaves])
        self._ranking = Ranking(searcher, readers, segments, self._columns, memory.postings)
        self._facets = Facets(self._columns)
        self._order = Order(self._columns)

    def is_fresh(self, name: str) -> bool:
        """Whether this is still what is committed."""
        return self._name == name and bool(self.searcher.up_to_date())

    def close(self) -> None:
        """Let go of the files."""
        self.searcher.close()

    def search(
        self, query: Query, filters: IndexFilters, exclude: Collection[str], sort: Sort, offset: int, limit: int
    ) -> Hits:
        """The first hits and all counts, as an engine answers them."""
        ranked = self._ranking.rank(query)
        found = self._visible(ranked, exclude)
        remaining, counts = self._facets.narrow(found, filters)
        order = Sort.NEWEST if sort is Sort.RELEVANCE and not query.groups else sort
        numbers = self._order.first(remaining, ranked, order, offset, limit).tolist()
        total = int(np.count_nonzero(remaining))
        return Hits(total, tuple(self._key(number) for number in numbers), counts)

    def titled(
        self, words: Sequence[str], beginning: str, kinds: Sequence[str], exclude: Collection[str], limit: int
    ) -> list[str]:
        """The newest documents whose title has these words and one that begins like this."""
        ranked = self._ranking.titled(words, beginning)
        found = self._visible(ranked, exclude)
        found &= np.isin(self._columns.kinds, [KIND_CODES[kind] for kind in kinds])
        numbers = self._order.first(found, ranked, Sort.NEWEST, 0, limit)
        return [self._key(number) for number in numbers.tolist()]

    def words_beginning(self, letters: str) -> set[str]:
        """The words of titles, names and texts that begin like this."""
        reader = self.searcher.reader()
        return {word.decode() for field in OWN_WORDS for word in reader.expand_prefix(field, letters)}

    def _visible(self, ranked: Ranked, exclude: Collection[str]) -> Mask:
        """What is found, neither deleted nor to be left out."""
        found: Mask = (ranked.scores > 0) & self._columns.live
        found[list(self._with_what_is_within(exclude))] = False
        return found

    def _with_what_is_within(self, keys: Collection[str]) -> set[int]:
        """The numbers of the documents with these keys and of all within them."""
        found: set[int] = set()
        for key in keys:
            for field in ("key", "within"):
                found.update(self.searcher.docs_for_query(_query.Term(field, key)))
        return found

    def _key(self, number: int) -> str:
        key: str = self.searcher.stored_fields(number)["key"]
        return key

    def stored(self) -> Iterator[dict[str, str]]:
        """What is kept of each document: its key and fingerprint."""
        for _number, stored in self.searcher.reader().iter_docs():
            yield stored

    def stored_under(self, keys: Iterable[str]) -> Iterator[dict[str, str]]:
        """What is kept of the documents with these keys."""
        for key in keys:
            yield from self.searcher.documents(key=key)


def _open_files(reader: Any) -> None:
    """Open what Whoosh would open when it is first needed: by then a commit may have removed it."""
    reader.stored_fields(0)
    reader.column_reader("facts")
