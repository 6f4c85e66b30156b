"""The queue: everything that waits for a moderator. Whoever may be in danger first, then by when it is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, with_expression

from app.foundation import clock, kinds
from app.foundation.contributions.models import Contribution
from app.foundation.contributions.revisions import Revision
from app.foundation.database import db
from app.foundation.events import ReportsAnswered, RevisionSetAside, RevisionSubmitted, record
from app.moderation.queue.models import Priority, QueueItem, Task
from app.moderation.references import columns
from app.moderation.screening.models import SignalRow

# By when a moderator should have read it, from the moment it came.
DUE_AFTER = {
    Task.REVISION: timedelta(hours=24),
    Task.REPORT: timedelta(hours=12),
    Task.APPEAL: timedelta(hours=72),
}
DUE_WHEN_URGENT = timedelta(hours=1)

WAITING = QueueItem.closed_at.is_(None)
# What the queue shows of each item, in a fixed number of statements.
TITLES = tuple(
    option
    for kind in kinds.all_kinds()
    for option in (
        joinedload(QueueItem.contribution_of(kind)).options(*kind.loading.queue),
        joinedload(QueueItem.revision_of(kind)),
    )
)
# How many signals there are about the version of an item.
WITH_SIGNALS = with_expression(
    QueueItem.signals,
    sa.select(sa.func.count(SignalRow.id))
    .where(
        SignalRow.of_kind == sa.case(*((QueueItem.id_of(kind).is_not(None), kind.name) for kind in kinds.all_kinds())),
        SignalRow.revision_id == sa.func.coalesce(*(QueueItem.revision_id_of(kind) for kind in kinds.all_kinds())),
    )
    .correlate(QueueItem)
    .scalar_subquery(),
)


def enter(events: Sequence[RevisionSubmitted]) -> None:
    """Reaction: what was sent waits from now on."""
    # The time is said here: left to its default it would be that of some later flush.
    now = clock.now()
    db.session.add_all(
        QueueItem(
            task=Task.REVISION,
            waiting_since=now,
            due_at=now + DUE_AFTER[Task.REVISION],
            **columns(event.kind, event.id, event.revision_id),
        )
        for event in events
    )


def leave(events: Sequence[RevisionSetAside]) -> None:
    """Reaction: what was withdrawn or replaced waits no longer."""
    for event in events:
        close_revision(event.kind, event.revision_id)


def make_urgent(kind: str, revision_id: int) -> None:
    """Let a revision that waits be read before all others."""
    due = clock.now() + DUE_WHEN_URGENT
    db.session.execute(
        sa.update(QueueItem)
        .where(_of_revision(kind, revision_id), WAITING)
        .values(priority=Priority.URGENT, due_at=due)
        .execution_options(synchronize_session="fetch")
    )


def close_revision(kind: str, revision_id: int) -> int | None:
    """Take a revision off the queue. Answers its item, if it waited."""
    return _close(_of_revision(kind, revision_id))


def close_reports(contribution: Contribution) -> int | None:
    """Take the open reports on a contribution off the queue. Answers their item, if there were any."""
    closed = _close(_of_reports(contribution))
    if closed is not None:
        record(ReportsAnswered(contribution.kind, contribution.id))
    return closed


def reopen(item_id: int) -> None:
    """Let an item wait again where it stood."""
    db.session.execute(
        sa.update(QueueItem)
        .where(QueueItem.id == item_id)
        .values(closed_at=None)
        .execution_options(synchronize_session="fetch")
    )


def waiting_for(revision: Revision) -> QueueItem | None:
    """The item by which a revision waits."""
    return db.session.scalar(sa.select(QueueItem).where(_of_revision(revision.kind, revision.id), WAITING))


def _of_revision(kind: str, revision_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(QueueItem.task == Task.REVISION, QueueItem.revision_id_of(kind) == revision_id)


def _of_reports(contribution: Contribution) -> sa.ColumnElement[bool]:
    return sa.and_(QueueItem.task == Task.REPORT, QueueItem.about(contribution))


def _close(which: sa.ColumnElement[bool]) -> int | None:
    """Close one item: at most one waits for the same. Of two who close it at once the second finds nothing waiting."""
    closed = db.session.scalars(
        sa.update(QueueItem)
        .where(which, WAITING)
        .values(closed_at=clock.now())
        .returning(QueueItem.id)
        .execution_options(synchronize_session="fetch")
    )
    return closed.one_or_none()


def item(item_id: int) -> QueueItem | None:
    """One item with what it is about, where that stands, and the version that waits."""
    return db.session.scalar(
        sa.select(QueueItem)
        .options(
            *TITLES,
            WITH_SIGNALS,
            *(
                joinedload(QueueItem.contribution_of(kind)).options(*kind.loading.item)
                for kind in kinds.all_kinds()
                if kind.loading.item
            ),
        )
        .where(QueueItem.id == item_id)
    )


def to_decide(item_id: int) -> QueueItem | None:
    """One item with what deciding needs: what it is about, by whom, and the version that waits."""
    found = db.session.scalars(
        sa.select(QueueItem)
        .options(
            *TITLES,
            *(
                joinedload(QueueItem.revision_of(kind)).options(*kind.loading.decision)
                for kind in kinds.all_kinds()
                if kind.loading.decision
            ),
        )
        .where(QueueItem.id == item_id)
    )
    return found.unique().one_or_none()
