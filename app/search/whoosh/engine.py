"""The engine on Whoosh: an index in a folder, with one writer at a time and one open reader in each process.

    lock                the lock file, held (flock) by the writer for the whole of an update or a rebuild
    current             the name of the folder with the current index; replaced atomically after a rebuild
    suspect             the name of an index that a process could not read
    <version>-<language>-<kinds>-<name>    an index

Readers never wait for a writer: Whoosh does not change files that are committed. Within a process searches run one at
a time. This costs nothing, since Python runs only one thread at a time, and no thread can close the shared reader after
a commit while another is still reading.
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
from hashlib import blake2b
from pathlib import Path

from whoosh.index import EmptyIndexError, FileIndex

from app.search.index.documents import Document
from app.search.index.engine import Hits, IndexFilters, IndexUnavailable, Query, Sort
from app.search.index.weights import DEFAULT_WEIGHTS, Weights
from app.search.query.analysis import ENGLISH
from app.search.whoosh import writing
from app.search.whoosh.columns import kind_codes, pack
from app.search.whoosh.postings import DEFAULT_CACHE_BYTES
from app.search.whoosh.reading import Memory, OpenIndex
from app.search.whoosh.schema import VERSION, fields_of
from app.search.whoosh.storage import open_index

# A commit may remove files that a reader is about to open; the next attempt opens the new state.
ATTEMPTS = 3
# Seconds after a rebuild during which an index is not rebuilt for being suspect.
SUSPECT_AGE = 600
# Errors of the operating system that prevent writing but do not mean that the index is damaged.
_CANNOT_WRITE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EMFILE})

log = logging.getLogger(__name__)


class WhooshEngine:
    """An `Engine` whose index is in a folder of its own.

    `kinds` are the kinds of its documents, `language` the language of `analysis`, `cache_bytes` the size of the cache
    of postings in each process, `weights` those of ranking. An index made for other kinds or another language counts
    as missing.
    """

    def __init__(
        self,
        folder: Path,
        kinds: Sequence[str],
        language: str = ENGLISH,
        cache_bytes: int = DEFAULT_CACHE_BYTES,
        weights: Weights = DEFAULT_WEIGHTS,
    ) -> None:
        self._folder = folder
        self._kinds = kind_codes(kinds)
        digest = blake2b(" ".join(kinds).encode(), digest_size=3).hexdigest()
        self._prefix = f"{VERSION}-{language}-{digest}-"
        self._reading = threading.Lock()
        self._writing = threading.RLock()
        self._is_locked = False
        self._open: OpenIndex | None = None
        self._memory = Memory(cache_bytes)
        self._weights = weights

    # --- Reading ---

    def exists(self) -> bool:
        """Whether there is an index that can be opened and is not suspect."""
        if self._is_suspect():
            return False
        try:
            with self._reader():
                return True
        except IndexUnavailable:
            return False

    def built_at(self) -> datetime:
        """When the index was last rebuilt."""
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
        """See `Engine.search`."""
        with self._reader() as opened:
            return opened.search(query, filters, exclude, sort, offset, limit)

    def titled(
        self, words: Sequence[str], prefix: str, kinds: Sequence[str], exclude: Collection[str], limit: int
    ) -> Sequence[str]:
        """See `Engine.titled`."""
        with self._reader() as opened:
            return opened.titled(words, prefix, kinds, exclude, limit)

    def words_with_prefix(self, prefix: str) -> Collection[str]:
        """See `Engine.words_with_prefix`."""
        with self._reader() as opened:
            return opened.words_with_prefix(prefix)

    def fingerprints(self, keys: Collection[str] | None = None) -> Iterator[tuple[str, str]]:
        """See `Engine.fingerprints`."""
        # With a reader of its own: iterating over all documents takes long, and searches must not wait for it.
        with _as_unavailable(), closing(self._opened()) as opened:
            for stored in opened.stored() if keys is None else opened.stored_under(keys):
                yield stored["key"], stored["fingerprint"]

    @contextmanager
    def _reader(self) -> Iterator[OpenIndex]:
        with self._reading:
            try:
                with _as_unavailable():
                    yield self._current_reader()
            except IndexUnavailable:
                self._close()
                self._mark_suspect()
                raise

    def _mark_suspect(self) -> None:
        """Tell the worker to rebuild the index: its updates alone might never touch the damaged files."""
        with suppress(OSError, IndexUnavailable):
            (self._folder / "suspect").write_text(self._current(), encoding="ascii")

    def _is_suspect(self) -> bool:
        try:
            suspect = (self._folder / "suspect").read_text(encoding="ascii")
            built = (self._folder / "current").stat().st_mtime
        except (OSError, ValueError):
            return False
        # A query that fails even on a sound index must not cause one rebuild after the other.
        return suspect == self._name_or_none() and time.time() - built > SUSPECT_AGE

    def _current_reader(self) -> OpenIndex:
        # Not `Searcher.refresh()`, which goes on returning deleted documents and old versions.
        if self._open is None or not self._open.is_current(self._current()):
            self._close()
            self._open = self._opened(self._memory)
        return self._open

    def _opened(self, memory: Memory | None = None) -> OpenIndex:
        for attempt in range(1, ATTEMPTS + 1):
            name = self._current()
            try:
                return OpenIndex(name, open_index(self._folder / name), self._kinds, self._weights, memory)
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
        if not name.startswith(self._prefix):
            raise IndexUnavailable("the search index is of another version or language")
        return name

    def _index(self) -> FileIndex:
        with _as_unavailable():
            return open_index(self._folder / self._current())

    # --- Writing ---

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """See `Engine.exclusive`."""
        with self._writing:
            if self._is_locked:
                yield
                return
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / "lock").open("a") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                self._is_locked = True
                try:
                    yield
                finally:
                    self._is_locked = False

    def update(self, documents: Iterable[Document], removed: Iterable[str]) -> None:
        """See `Engine.update`."""
        with self.exclusive():
            new = list(documents)
            replaced = {*removed, *(document.key for document in new)}
            if not replaced:
                return
            index = self._index()
            with (
                _as_unavailable(_CANNOT_WRITE),
                index.searcher() as searcher,
                index.writer(**writing.OPTIONS) as writer,
            ):
                for key in sorted(replaced):
                    writer.delete_by_term("key", key, searcher=searcher)
                for document in new:
                    writer.add_document(**fields_of(document, self._pack))

    def rebuild(self, documents: Iterable[Document]) -> None:
        """See `Engine.rebuild`."""
        with self.exclusive():
            self._remove_all_but(self._name_or_none())
            name = f"{self._prefix}{secrets.token_hex(6)}"
            try:
                writing.build(self._folder / name, documents, self._pack)
                self._point_at(name)
            except BaseException:
                shutil.rmtree(self._folder / name, ignore_errors=True)
                raise
            self._remove_all_but(name)

    def _pack(self, document: Document, lengths: Sequence[int]) -> bytes:
        return pack(document, lengths, self._kinds)

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
def _as_unavailable(unless: Collection[int] = ()) -> Iterator[None]:
    """Raise IndexUnavailable for anything that is raised inside, except OSErrors with a number in `unless`.

    Where files are missing, truncated or overwritten, Whoosh raises anything from EOFError to KeyError.
    """
    try:
        yield
    except (IndexUnavailable, GeneratorExit, MemoryError):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in unless:
            raise
        # Without the message of the error, which may quote a reader's query.
        log.error("search index: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))  # noqa: TRY400
        raise IndexUnavailable(f"the search index cannot be read ({type(error).__name__})") from error
