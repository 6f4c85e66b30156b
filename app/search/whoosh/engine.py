"""The engine on Whoosh: an index in a folder, one writer at a time, one open reader for each process.

    search/lock              held (flock) for the whole of a write or a rebuild, by whoever writes
    search/current           the name of the folder that counts; replaced in one step after a rebuild
    search/suspect           the name of a folder in which somebody found something unreadable
    search/<version>-<language>-<name>  an index

A reader never waits for a writer: Whoosh keeps what is committed apart from what is being written. Within a process
searches take turns. That costs nothing, since Python runs one at a time anyway, and spares the shared reader from being
closed by one thread, after a commit, while another still reads.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import secrets
import shutil
import threading
import time
import traceback
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from whoosh.index import EmptyIndexError, FileIndex

from app.search.index.documents import Document
from app.search.index.engine import Hits, IndexFilters, IndexUnavailable, Query, Sort
from app.search.query.analysis import ENGLISH
from app.search.whoosh import writing
from app.search.whoosh.postings import MOST_BYTES
from app.search.whoosh.reading import Memory, OpenIndex
from app.search.whoosh.schema import VERSION, fields_of
from app.search.whoosh.storage import open_index

# A commit may remove what a reader is about to open; the next attempt sees the new state.
ATTEMPTS = 3
# Seconds for which a new index is above suspicion.
YOUNGEST_SUSPECT = 600
# What the system says when it cannot write: no reason to build the index anew.
_CANNOT_WRITE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE})

log = logging.getLogger(__name__)


class WhooshEngine:
    """An `Engine` in a folder of its own."""

    def __init__(self, folder: Path, language: str = ENGLISH, postings: int = MOST_BYTES) -> None:
        self._folder = folder
        # What an index must have been made with to be read.
        self._made_with = f"{VERSION}-{language}-"
        self._reading = threading.Lock()
        self._writing = threading.RLock()
        self._depth = 0
        self._open: OpenIndex | None = None
        self._memory = Memory(postings)

    # --- Reading ---

    def exists(self) -> bool:
        """Whether there is an index that can be read, and in which nobody found damage."""
        if self._is_suspect():
            return False
        try:
            with self._reader():
                return True
        except IndexUnavailable:
            return False

    def built_at(self) -> datetime:
        """When all of it was last built anew."""
        try:
            return datetime.fromtimestamp((self._folder / "current").stat().st_mtime, UTC)
        except OSError:
            raise IndexUnavailable("there is no search index") from None

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
        """The first hits; those that say every word themselves go before those found by other names."""
        with self._reader() as opened:
            return opened.search(query, filters, exclude, sort, offset, limit)

    def titled(
        self, words: Sequence[str], beginning: str, kinds: Sequence[str], exclude: Collection[str], limit: int
    ) -> Sequence[str]:
        """The newest documents whose title has these words and one that begins like this."""
        with self._reader() as opened:
            return opened.titled(words, beginning, kinds, exclude, limit)

    def words_beginning(self, letters: str) -> Collection[str]:
        """The words of titles, names and texts that begin like this."""
        with self._reader() as opened:
            return opened.words_beginning(letters)

    def fingerprints(self, keys: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
        """Key and fingerprint of the documents with these keys, or of all."""
        # A reader of its own: going through everything takes long, and searches must not wait for it.
        with _as_damage(), closing(self._opened()) as opened:
            for stored in opened.stored() if keys is None else opened.stored_under(keys):
                yield stored["key"], stored["fingerprint"]

    @contextmanager
    def _reader(self) -> Iterator[OpenIndex]:
        with self._reading:
            try:
                with _as_damage():
                    yield self._fresh()
            except IndexUnavailable:
                self._close()
                self._suspect()
                raise

    def _suspect(self) -> None:
        """Let the worker know: what it writes may not touch what cannot be read."""
        with suppress(OSError, IndexUnavailable):
            (self._folder / "suspect").write_text(self._current(), encoding="ascii")

    def _is_suspect(self) -> bool:
        try:
            suspect = (self._folder / "suspect").read_text(encoding="ascii")
            built = (self._folder / "current").stat().st_mtime
        except (OSError, ValueError):
            return False
        # A query that fails on a sound index too must not have it built over and over.
        return suspect == self._name_or_none() and time.time() - built > YOUNGEST_SUSPECT

    def _fresh(self) -> OpenIndex:
        # `Searcher.refresh()` would answer with what was deleted and with old versions, so a new one is opened.
        if self._open is None or not self._open.is_fresh(self._current()):
            self._close()
            self._open = self._opened(self._memory)
        return self._open

    def _opened(self, memory: Memory | None = None) -> OpenIndex:
        for attempt in range(1, ATTEMPTS + 1):
            name = self._current()
            try:
                return OpenIndex(name, open_index(self._folder / name), memory)
            except (OSError, EmptyIndexError):
                if attempt == ATTEMPTS:
                    raise
        raise AssertionError

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _current(self) -> str:
        try:
            name = (self._folder / "current").read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            raise IndexUnavailable("there is no search index") from None
        if not name.startswith(self._made_with):
            raise IndexUnavailable("the search index is of another version or language")
        return name

    def _index(self) -> FileIndex:
        with _as_damage():
            return open_index(self._folder / self._current())

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
            with (
                _as_damage(_CANNOT_WRITE),
                index.searcher() as searcher,
                index.writer(**writing.OPTIONS) as writer,
            ):
                for key in sorted(old):
                    writer.delete_by_term("key", key, searcher=searcher)
                for document in new:
                    writer.add_document(**fields_of(document))

    def rebuild(self, documents: Iterable[Document]) -> None:
        """Make a new index beside the old one, then put it in its place. Readers go over with their next search."""
        with self.alone():
            self._remove_all_but(self._name_or_none())
            name = f"{self._made_with}{secrets.token_hex(6)}"
            try:
                writing.build(self._folder / name, documents)
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


@contextmanager
def _as_damage(unless: Collection[int] = ()) -> Iterator[None]:
    """What Whoosh raises on files that are missing, cut short or overwritten is anything from EOFError to KeyError.

    `unless` are numbers of errors of the operating system that are no damage.
    """
    try:
        yield
    except (IndexUnavailable, GeneratorExit, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in unless:
            raise
        # Where, but not the message: it may quote what somebody looked for.
        log.error("search index: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))  # noqa: TRY400
        raise IndexUnavailable(f"the search index cannot be read ({type(error).__name__})") from error
