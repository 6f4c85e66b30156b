"""The engine on Whoosh: an index in a folder, one writer at a time, one open reader for each process.

    search/lock              held (flock) for the whole of a write or a rebuild, by whoever writes
    search/current           the name of the folder that counts; replaced in one step after a rebuild
    search/<version>-<name>  an index

A reader never waits for a writer: Whoosh keeps what is committed apart from what is being written. Within a process
searches take turns. That costs nothing, since Python runs one at a time anyway, and spares the shared reader from being
closed by one thread, after a commit, while another still reads.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from whoosh import index as whoosh_index
from whoosh.sorting import FieldFacet

from app.search.documents import KINDS, Document
from app.search.engine import Filters, Hits, IndexUnavailable, Query
from app.search.whoosh_schema import SCHEMA, VERSION, exact_query, fields_of, full_query, q

# Memory for postings while writing; beyond it they are sorted on disk.
LIMIT_MB = 64
# A commit may remove what a reader is about to open; the next attempt sees the new state.
ATTEMPTS = 3
# What a full or forbidden disk says. Building the index anew would not help.
_DISK_SAYS_NO = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE})
_NO_KIND = 0
_KIND_CODES = {kind: code for code, kind in enumerate(KINDS, start=1)}


class WhooshEngine:
    """An `Engine` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reading = threading.Lock()
        self._writing = threading.RLock()
        self._depth = 0
        self._open: _OpenIndex | None = None

    # --- Reading ---

    def exists(self) -> bool:
        """Whether there is an index that can be read."""
        try:
            with self._reader():
                return True
        except IndexUnavailable:
            return False

    def search(self, query: Query, filters: Filters, exclude: Collection[str], offset: int, limit: int) -> Hits:
        """The best hits; those that say every word themselves go before those found by other names."""
        with self._reader() as opened:
            found = opened.ranked(query, filters)
            left_out = opened.with_what_is_within(exclude)
            if left_out:
                found = [number for number in found if number not in left_out]
            counts = opened.count_kinds(found)
            if filters.kind is not None:
                found = opened.of_kind(found, filters.kind)
            keys = tuple(opened.key(number) for number in found[offset : offset + limit])
        return Hits(total=len(found), keys=keys, counts=counts)

    def fingerprints(self, keys: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
        """Key and fingerprint of the documents with these keys, or of all."""
        index = self._index()
        with _as_damage(), index.searcher() as searcher:
            if keys is None:
                for _number, stored in searcher.reader().iter_docs():
                    yield stored["key"], stored["fingerprint"]
                return
            for key in keys:
                for stored in searcher.documents(key=key):
                    yield stored["key"], stored["fingerprint"]

    @contextmanager
    def _reader(self) -> Iterator[_OpenIndex]:
        with self._reading:
            try:
                with _as_damage():
                    yield self._fresh()
            except IndexUnavailable:
                self._close()
                raise

    def _fresh(self) -> _OpenIndex:
        # `Searcher.refresh()` would answer with what was deleted and with old versions, so a new one is opened.
        for attempt in range(ATTEMPTS):
            name = self._current()
            if self._open is not None and self._open.is_fresh(name):
                return self._open
            known = self._open.kinds_by_segment if self._open is not None else {}
            self._close()
            try:
                self._open = _OpenIndex(name, whoosh_index.open_dir(str(self._folder / name), schema=SCHEMA), known)
            except (OSError, whoosh_index.EmptyIndexError):
                if attempt == ATTEMPTS - 1:
                    raise
        assert self._open is not None
        return self._open

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _current(self) -> str:
        try:
            name = (self._folder / "current").read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            raise IndexUnavailable("there is no search index") from None
        if not name.startswith(f"{VERSION}-"):
            raise IndexUnavailable("the search index is of another version")
        return name

    def _index(self) -> whoosh_index.FileIndex:
        with _as_damage():
            return whoosh_index.open_dir(str(self._folder / self._current()), schema=SCHEMA)

    # --- Writing ---

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep everybody else, in this process and others, from writing."""
        with self._writing:
            if self._depth:
                yield
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / "lock").open("a") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                self._depth = 1
                try:
                    yield
                finally:
                    self._depth = 0

    def update(self, documents: Iterable[Document], gone: Iterable[str]) -> None:
        """Put documents in the place of their older selves, take those with these keys out, in one commit."""
        with self.alone():
            new = list(documents)
            old = {*gone, *(document.key for document in new)}
            if not old:
                return
            index = self._index()
            with _as_damage(), index.searcher() as searcher, index.writer(limitmb=LIMIT_MB) as writer:
                for key in sorted(old):
                    writer.delete_by_term("key", key, searcher=searcher)
                for document in new:
                    writer.add_document(**fields_of(document))

    def rebuild(self, documents: Iterable[Document], processes: int = 1) -> None:
        """Make a new index beside the old one, then put it in its place. Readers go over with their next search.

        Raises RuntimeError if one of several `processes` was lost on the way; the old index stays then.
        """
        with self.alone():
            self._remove_all_but(self._name_or_none())
            name = f"{VERSION}-{secrets.token_hex(6)}"
            try:
                _build(self._folder / name, documents, processes)
                self._point_at(name)
            except BaseException:
                shutil.rmtree(self._folder / name, ignore_errors=True)
                raise
            self._remove_all_but(name)

    def _name_or_none(self) -> str | None:
        try:
            return self._current()
        except IndexUnavailable:
            return None

    def _point_at(self, name: str) -> None:
        new = self._folder / "current.new"
        with new.open("w", encoding="ascii") as file:
            file.write(name)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._folder / "current")

    def _remove_all_but(self, name: str | None) -> None:
        for path in self._folder.iterdir():
            if path.is_dir() and path.name != name:
                shutil.rmtree(path, ignore_errors=True)


class _OpenIndex:
    """One committed state of the index, open for reading. For one thread at a time."""

    def __init__(self, name: str, index: whoosh_index.FileIndex, known: dict[str, bytes]) -> None:
        self._name = name
        self._searcher: Any = index.searcher()
        self.kinds_by_segment = self._read_kinds(known)
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

    def _read_kinds(self, known: dict[str, bytes]) -> dict[str, bytes]:
        # A segment never changes once written (what is deleted from it is noted elsewhere), so a commit costs reading
        # what is new.
        kinds: dict[str, bytes] = {}
        for searcher, _offset in self._searcher.leaf_searchers():
            segment = searcher.reader().segment()
            name = segment.segment_id() if segment is not None else ""
            kinds[name] = known.get(name) or _kinds_of(searcher)
        return kinds


def _kinds_of(searcher: Any) -> bytes:
    kinds = bytearray(searcher.doc_count_all())
    for kind, code in _KIND_CODES.items():
        for number in searcher.docs_for_query(q.Term("kind", kind)):
            kinds[number] = code
    return bytes(kinds)


def _build(folder: Path, documents: Iterable[Document], processes: int) -> None:
    folder.mkdir()
    index = whoosh_index.create_in(str(folder), SCHEMA)
    # Several processes leave a segment each: merging them into one would cost more than it saves.
    several: dict[str, Any] = {"procs": processes, "multisegment": True} if processes > 1 else {}
    added = 0
    with index.writer(limitmb=LIMIT_MB, **several) as writer:
        for document in documents:
            writer.add_document(**fields_of(document))
            added += 1
    # Whoosh does not tell when one of its processes was killed; its share is just missing.
    if index.doc_count() != added:
        raise RuntimeError(f"{added} documents went into the new index, {index.doc_count()} are there")


@contextmanager
def _as_damage() -> Iterator[None]:
    """What Whoosh raises on files that are missing, cut short or overwritten is anything from EOFError to KeyError."""
    try:
        yield
    except (IndexUnavailable, GeneratorExit, MemoryError):
        raise
    except OSError as error:
        if error.errno in _DISK_SAYS_NO:
            raise
        raise IndexUnavailable(f"the search index cannot be read: {type(error).__name__}") from error
    except Exception as error:
        raise IndexUnavailable(f"the search index cannot be read: {type(error).__name__}") from error
