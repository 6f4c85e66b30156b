"""Keeping the indexes up to date: after every change, by a rebuild, and by comparing them with the database.

The event handlers read the present state, whatever the events say, so that they may run late or twice. They hold the
writers' lock from before they read until after they have written: during a rebuild they wait, and never overwrite what
the rebuild has read with something older.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from app.comments.models import CommentAncestor
from app.foundation import clock, kinds
from app.foundation.contributions.erasure_requests import Erasure
from app.foundation.database import db
from app.foundation.events import Event, NamesChanged, PublicChanged, load
from app.foundation.outbox import OutboxRow
from app.search.index.document_readers import BATCH, count_public, public_documents
from app.search.index.document_topics import documents_naming
from app.search.index.documents import COMMENT, Document, key_of, split_key
from app.search.index.engine import IndexUnavailable
from app.search.index.registry import INDEXES, Index, engine
from app.search.index.visibility import NAMES_HANDLER, SEARCH_HANDLER

log = logging.getLogger(__name__)

Progress = Callable[[int], None]

# After erasures an index is rebuilt at most this often.
ERASURE_REBUILD_INTERVAL = timedelta(days=1)
# A rebuild may have read a text this long before it finished.
MAX_BUILD_TIME = timedelta(hours=1)


def sync(events: Sequence[PublicChanged]) -> None:
    """Event handler: index the present state of what these events name, and of everything that belongs to it."""
    _update_all(events)


def sync_names(events: Sequence[NamesChanged]) -> None:
    """Event handler: index the present state of everything that carries the names of these topics."""
    _update_all(events)


def rebuild_if_needed() -> None:
    """Periodic task: rebuild the indexes that are missing or damaged, or that still contain erased words."""
    for index in INDEXES:
        if not engine(index).exists():
            _update_one(index, ())
        elif _contains_erased(index):
            log.info("rebuilding the index in %s after an erasure", index.folder)
            rebuild(indexes=[index])


def _contains_erased(index: Index) -> bool:
    """Whether the files of an index may still contain words of something erased, and a rebuild is due.

    Deleted documents leave their words in the files of an index. What is built after an erasure was requested never
    contains them.
    """
    built = engine(index).built_at()
    if clock.now() - built < ERASURE_REBUILD_INTERVAL:
        return False
    since = sa.exists().where(Erasure.done_at.is_not(None), Erasure.asked_at > built - MAX_BUILD_TIME)
    contains = bool(db.session.scalar(sa.select(since)))
    db.session.rollback()
    return contains


def rebuild(progress: Progress | None = None, indexes: Sequence[Index] = INDEXES) -> None:
    """Rebuild indexes from the database. Searches use the old ones until the new ones are complete.

    `progress` is called with 1 for every document. Raises OSError if an index cannot be written.
    """
    for index in indexes:
        with engine(index).exclusive():
            # What this session has read before may be outdated.
            db.session.rollback()
            engine(index).rebuild(_all_documents(index, progress))


def count_documents(indexes: Sequence[Index] = INDEXES) -> int:
    """The number of documents that a rebuild indexes."""
    return sum(count_public(kind) for index in indexes for kind in index.kinds)


def _update_all(events: Sequence[Event]) -> None:
    for index in INDEXES:
        _update_one(index, events)


def _update_one(index: Index, events: Iterable[Event]) -> None:
    with engine(index).exclusive():
        db.session.rollback()
        try:
            if engine(index).exists():
                _index_present_state(index, _affected(index, events))
                return
        except IndexUnavailable as reason:
            log.warning("%s", reason)
        log.warning("rebuilding the index in %s", index.folder)
        rebuild(indexes=[index])


def _affected(index: Index, events: Iterable[Event]) -> dict[str, set[int]]:
    """The ids of what may have changed in an index after these events, by kind."""
    ids: dict[str, set[int]] = defaultdict(set)
    named = set()
    for event in events:
        if isinstance(event, PublicChanged):
            ids[event.kind].add(event.id)
        elif isinstance(event, NamesChanged):
            named.add(event.topic_id)
    for kind, more in _dependents(ids, index.kinds).items():
        ids[kind] |= more
    if named:
        for kind, more in documents_naming(named).items():
            ids[kind] |= more
    return {kind: ids[kind] for kind in index.kinds}


def _dependents(ids: Mapping[str, set[int]], of_kinds: Collection[str]) -> dict[str, set[int]]:
    """The ids of what belongs to these things, by kind: whatever hides them hides it as well."""
    within: dict[str, set[int]] = defaultdict(set)
    for name in of_kinds:
        kind = kinds.find(name)
        if kind is None or kind.searching is None:
            continue
        for other, column in kind.searching.within.items():
            if ids.get(other):
                belonging = sa.select(kind.model.id).where(getattr(kind.model, column).in_(ids[other]))
                within[name].update(db.session.scalars(belonging))
    if COMMENT in of_kinds and ids.get(COMMENT):
        answers = sa.select(CommentAncestor.comment_id).where(CommentAncestor.ancestor_id.in_(ids[COMMENT]))
        within[COMMENT].update(db.session.scalars(answers))
    return within


def _index_present_state(index: Index, ids: Mapping[str, set[int]]) -> None:
    """Index the present state of these things, one commit for each batch."""
    for batch in _batches((kind, number) for kind in index.kinds for number in sorted(ids.get(kind, ()))):
        documents = _documents_of(batch)
        removed = {key_of(*pair) for pair in batch} - {document.key for document in documents}
        engine(index).update(documents, removed)


def _keys(ids: Mapping[str, set[int]]) -> set[str]:
    return {key_of(kind, number) for kind, numbers in ids.items() for number in numbers}


def _batches(pairs: Iterable[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    listed = list(pairs)
    for start in range(0, len(listed), BATCH):
        yield listed[start : start + BATCH]


def _documents_of(pairs: Iterable[tuple[str, int]]) -> list[Document]:
    by_kind: dict[str, list[int]] = defaultdict(list)
    for kind, number in pairs:
        by_kind[kind].append(number)
    return [document for kind, numbers in by_kind.items() for document in public_documents(kind, numbers)]


def _all_documents(index: Index, progress: Progress | None) -> Iterator[Document]:
    for kind in index.kinds:
        for document in public_documents(kind):
            yield document
            if progress is not None:
                progress(1)


# --- Comparing --------------------------------------------------------------------------------------------------


@dataclass
class Report:
    """How indexes differ from the database: keys that are missing, superfluous, or out of date.

    `waiting` is the number of differences that the worker is about to remove.
    """

    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    waiting: int = 0

    @property
    def differing(self) -> list[str]:
        """All keys that differ."""
        return [*self.missing, *self.extra, *self.stale]


def verify(*, repair: bool = False, progress: Progress | None = None, indexes: Sequence[Index] = INDEXES) -> Report:
    """Compare the keys and fingerprints in indexes with the database; with `repair`, index again what differs.

    The site may be in use: what differs is compared a second time with the writers' lock held, and what a row in the
    outbox names is not reported. `progress` is called with 1 for every document. Raises IndexUnavailable if an index is
    missing or damaged.
    """
    report = Report()
    for index in indexes:
        _verify_one(index, report, repair=repair, progress=progress)
    return report


def _verify_one(index: Index, report: Report, *, repair: bool, progress: Progress | None) -> None:
    db.session.rollback()
    suspicious = _suspicious_keys(index, progress)
    with engine(index).exclusive():
        db.session.rollback()
        waiting = _keys(_affected(index, _events_waiting()))
        report.waiting += len(suspicious & waiting)
        for batch in _batches(split_key(key) for key in sorted(suspicious - waiting)):
            _compare(index, batch, report)
        if repair:
            faulty: dict[str, set[int]] = defaultdict(set)
            for kind, number in map(split_key, report.differing):
                faulty[kind].add(number)
            _index_present_state(index, faulty)


def _suspicious_keys(index: Index, progress: Progress | None) -> set[str]:
    indexed: dict[str, str] = {}
    suspicious = set()
    for key, fingerprint in engine(index).fingerprints():
        if key in indexed:
            suspicious.add(key)
        indexed[key] = fingerprint
    for document in _all_documents(index, progress):
        if indexed.pop(document.key, None) != document.fingerprint:
            suspicious.add(document.key)
    return suspicious | indexed.keys()


def _events_waiting() -> list[Event]:
    rows = db.session.execute(
        sa.select(OutboxRow.event, OutboxRow.payload).where(OutboxRow.reaction.in_((SEARCH_HANDLER, NAMES_HANDLER)))
    )
    return [load(row.event, row.payload) for row in rows]


def _compare(index: Index, batch: Sequence[tuple[str, int]], report: Report) -> None:
    current = {document.key: document.fingerprint for document in _documents_of(batch)}
    keys = [key_of(*pair) for pair in batch]
    indexed: dict[str, list[str]] = defaultdict(list)
    for key, fingerprint in engine(index).fingerprints(keys):
        indexed[key].append(fingerprint)
    for key in keys:
        if key not in current and key in indexed:
            report.extra.append(key)
        elif key in current and key not in indexed:
            report.missing.append(key)
        elif key in current and indexed[key] != [current[key]]:
            report.stale.append(key)
