"""Keeping the indexes true: after every change, by building it anew, and by comparing it with the database.

The reactions read what is current, whatever the events say, so running them twice or late is harmless. They hold the
writer's lock from before they read until after they wrote: while a rebuild goes on they wait, and what they write then
is not older than what the rebuild read.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from app.comments.models import SUBJECTS, Comment, CommentAncestor
from app.foundation import clock
from app.foundation.contributions.erasure_requests import Erasure
from app.foundation.database import db
from app.foundation.events import Event, NamesChanged, PublicChanged, load
from app.foundation.outbox import OutboxRow
from app.search.index.documents import BATCH, Document, count_public, key_of, public_documents, split_key
from app.search.index.engine import IndexUnavailable
from app.search.index.filing import named_after
from app.search.index.registry import INDEXES, Index, engine
from app.search.index.visibility import NAMES_REACTION, REACTION

log = logging.getLogger(__name__)

Progress = Callable[[int], None]

# Building an index anew is work: after erasures it is done at most so often.
FORGETS_EVERY = timedelta(days=1)
# What was read while an index was built may be so much older than it.
LONGEST_BUILD = timedelta(hours=1)


def sync(events: Sequence[PublicChanged]) -> None:
    """Bring what these events name, and everything within it, up to date in the index."""
    _bring_up_to_date(events)


def sync_names(events: Sequence[NamesChanged]) -> None:
    """Bring everything that carries the names of these topics up to date in the index."""
    _bring_up_to_date(events)


def rebuild_if_needed() -> None:
    """Build the indexes that are missing or cannot be read: on a new site, or after somebody found damage."""
    for index in INDEXES:
        if not engine(index).exists():
            _bring_one_up_to_date(index, ())
        elif _remembers_erased(index):
            log.info("building the index in %s anew after an erasure", index.folder)
            rebuild(indexes=[index])


def _remembers_erased(index: Index) -> bool:
    """Whether words of something erased may still be in the files of an index, and it is time to build it anew.

    What is taken out of an index leaves its words behind in it. What was built after the erasure was asked for never
    had them.
    """
    built = engine(index).built_at()
    if clock.now() - built < FORGETS_EVERY:
        return False
    since = sa.exists().where(Erasure.done_at.is_not(None), Erasure.asked_at > built - LONGEST_BUILD)
    remembers = bool(db.session.scalar(sa.select(since)))
    db.session.rollback()
    return remembers


def rebuild(progress: Progress | None = None, indexes: Sequence[Index] = INDEXES) -> None:
    """Build indexes anew beside the old ones, which go on answering until the new ones take their place.

    `progress` is told of every document.
    """
    for index in indexes:
        with engine(index).exclusive():
            # What this session read before it had the lock may be old.
            db.session.rollback()
            engine(index).rebuild(_all_documents(index, progress))


def count_documents(indexes: Sequence[Index] = INDEXES) -> int:
    """How many documents a rebuild indexes."""
    return sum(count_public(kind) for index in indexes for kind in index.kinds)


def _bring_up_to_date(events: Sequence[Event]) -> None:
    for index in INDEXES:
        _bring_one_up_to_date(index, events)


def _bring_one_up_to_date(index: Index, events: Iterable[Event]) -> None:
    with engine(index).exclusive():
        db.session.rollback()
        try:
            if engine(index).exists():
                _write(index, _concerned(index, events))
                return
        except IndexUnavailable as reason:
            log.warning("%s", reason)
        log.warning("building the index in %s anew", index.folder)
        rebuild(indexes=[index])


def _concerned(index: Index, events: Iterable[Event]) -> dict[str, set[int]]:
    """What may look different in an index after these events, by kind."""
    ids: dict[str, set[int]] = defaultdict(set)
    named = set()
    for event in events:
        if isinstance(event, PublicChanged):
            ids[event.kind].add(event.id)
        elif isinstance(event, NamesChanged):
            named.add(event.topic_id)
    if "comment" in index.kinds:
        ids["comment"] |= _comments_within(ids)
    if named:
        for kind, more in named_after(named).items():
            ids[kind] |= more
    return {kind: ids[kind] for kind in index.kinds}


def _comments_within(ids: Mapping[str, set[int]]) -> set[int]:
    """Comments on these things and below these comments. Hiding what they stand on hides them."""
    below: set[int] = set()
    for kind in SUBJECTS:
        if ids.get(kind):
            below.update(db.session.scalars(sa.select(Comment.id).where(getattr(Comment, f"{kind}_id").in_(ids[kind]))))
    if ids.get("comment"):
        answers = sa.select(CommentAncestor.comment_id).where(CommentAncestor.ancestor_id.in_(ids["comment"]))
        below.update(db.session.scalars(answers))
    return below


def _write(index: Index, ids: Mapping[str, set[int]]) -> None:
    """Write the current state of these things, one commit for each batch."""
    for batch in _batches((kind, number) for kind in index.kinds for number in sorted(ids.get(kind, ()))):
        documents = _documents_of(batch)
        gone = {key_of(*pair) for pair in batch} - {document.key for document in documents}
        engine(index).update(documents, gone)


def _keys(ids: Mapping[str, set[int]]) -> set[str]:
    return {key_of(kind, number) for kind, numbers in ids.items() for number in numbers}


def _batches(pairs: Iterable[tuple[str, int]]) -> Iterator[list[tuple[str, int]]]:
    every = list(pairs)
    for start in range(0, len(every), BATCH):
        yield every[start : start + BATCH]


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
    """How indexes differ from the database, by keys. `waiting` is what the worker will see to anyway."""

    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    waiting: int = 0

    @property
    def differing(self) -> list[str]:
        """All keys at fault."""
        return [*self.missing, *self.extra, *self.stale]


def verify(*, repair: bool = False, progress: Progress | None = None, indexes: Sequence[Index] = INDEXES) -> Report:
    """Compare keys and fingerprints of indexes with the database; with `repair`, write what differs anew.

    The site may go on meanwhile: what differs at first sight is looked at once more with the writer's lock held, and
    what the outbox still names is no fault. Raises IndexUnavailable if there is no index to compare.
    """
    report = Report()
    for index in indexes:
        _verify_one(index, report, repair=repair, progress=progress)
    return report


def _verify_one(index: Index, report: Report, *, repair: bool, progress: Progress | None) -> None:
    db.session.rollback()
    suspicious = _differing_at_first_sight(index, progress)
    with engine(index).exclusive():
        db.session.rollback()
        waiting = _keys(_concerned(index, _events_waiting()))
        report.waiting += len(suspicious & waiting)
        for batch in _batches(split_key(key) for key in sorted(suspicious - waiting)):
            _compare(index, batch, report)
        if repair:
            faulty: dict[str, set[int]] = defaultdict(set)
            for kind, number in map(split_key, report.differing):
                faulty[kind].add(number)
            _write(index, faulty)


def _differing_at_first_sight(index: Index, progress: Progress | None) -> set[str]:
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
        sa.select(OutboxRow.event, OutboxRow.payload).where(OutboxRow.reaction.in_((REACTION, NAMES_REACTION)))
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
