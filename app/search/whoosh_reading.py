"""Reading an index of Whoosh: one committed state of it, opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from whoosh.index import FileIndex
from whoosh.sorting import FieldFacet

from app.search.documents import KINDS
from app.search.engine import Filters, Query
from app.search.whoosh_schema import WORDS, exact_query, full_query, q

_NO_KIND = 0
_KIND_CODES = {kind: code for code, kind in enumerate(KINDS, start=1)}


class OpenIndex:
    """One committed state of the index, open for reading. For one thread at a time."""

    def __init__(self, name: str, index: FileIndex, known: Mapping[str, bytes]) -> None:
        self._name = name
        searcher: Any = index.searcher()
        self._searcher = searcher
        self.kinds_by_segment: dict[str, bytes] = {}
        for leaf, _offset in searcher.leaf_searchers():
            _open_files(leaf.reader())
            # A segment never changes once written (what is deleted from it is noted elsewhere), so that a commit costs
            # reading what is new.
            segment = leaf.reader().segment()
            segment_name = segment.segment_id() if segment is not None else ""
            self.kinds_by_segment[segment_name] = known.get(segment_name) or _kinds_of(leaf)
        # The kind of each document by its number, as a byte: counting forty thousand hits is then no work.
        self._kinds = b"".join(self.kinds_by_segment.values())

    def is_fresh(self, name: str) -> bool:
        """Whether this is still what is committed."""
        return self._name == name and bool(self._searcher.up_to_date())

    def close(self) -> None:
        """Let go of the files."""
        self._searcher.close()

    def ranked(self, query: Query, filters: Filters) -> list[int]:
        """The numbers of all documents found, best first."""
        wanted = full_query(query, filters)
        if not query.clauses:
            newest_first = FieldFacet("published", reverse=True)
            return [number for number, _key in self._searcher.search(wanted, limit=None, sortedby=newest_first).items()]
        found = [number for number, _score in self._searcher.search(wanted, limit=None).items()]
        if not any(clause.widened for clause in query.clauses):
            return found
        # No weight could promise that words go before names, whatever the lengths and frequencies: two groups can.
        exact = set(self._searcher.docs_for_query(exact_query(query)))
        return [number for number in found if number in exact] + [number for number in found if number not in exact]

    def with_what_is_within(self, keys: Collection[str]) -> set[int]:
        """The numbers of the documents with these keys and of all within them."""
        found: set[int] = set()
        for key in keys:
            for field in ("key", "within"):
                found.update(self._searcher.docs_for_query(q.Term(field, key)))
        return found

    def count_kinds(self, numbers: Iterable[int]) -> dict[str, int]:
        """How many of these documents are of each kind."""
        counted = Counter(self._kinds[number] for number in numbers)
        return {kind: counted[code] for kind, code in _KIND_CODES.items()}

    def of_kind(self, numbers: Iterable[int], kind: str) -> list[int]:
        """Those of these documents that are of this kind."""
        code = _KIND_CODES.get(kind, _NO_KIND)
        return [number for number in numbers if self._kinds[number] == code]

    def key(self, number: int) -> str:
        """What the document of this number is called."""
        key: str = self._searcher.stored_fields(number)["key"]
        return key

    def stored(self) -> Iterator[dict[str, str]]:
        """What is kept of each document: its key and fingerprint."""
        for _number, stored in self._searcher.reader().iter_docs():
            yield stored

    def stored_under(self, keys: Iterable[str]) -> Iterator[dict[str, str]]:
        """What is kept of the documents with these keys."""
        for key in keys:
            yield from self._searcher.documents(key=key)


def _open_files(reader: Any) -> None:
    """Open what Whoosh would open when it is first needed: by then a commit may have removed it."""
    if reader.doc_count_all():
        reader.stored_fields(0)
        reader.column_reader("published")
        for field in WORDS:
            reader.doc_field_length(0, field)


def _kinds_of(searcher: Any) -> bytes:
    kinds = bytearray(searcher.doc_count_all())
    for kind, code in _KIND_CODES.items():
        for number in searcher.docs_for_query(q.Term("kind", kind)):
            kinds[number] = code
    return bytes(kinds)
