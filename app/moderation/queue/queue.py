"""The moderation queue. Urgent items come first; otherwise the item that is due first."""

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

# How long after entering the queue an item is due, by task.
DUE_AFTER = {
    Task.REVISION: timedelta(hours=24),
    Task.REPORT: timedelta(hours=12),
    Task.APPEAL: timedelta(hours=72),
}
DUE_WHEN_URGENT = timedelta(hours=1)

IS_OPEN = QueueItem.closed_at.is_(None)
# The order of the queue: what is urgent, then what is due first.
ORDER = (QueueItem.priority, QueueItem.due_at, QueueItem.id)
# Loader options for the contribution and the revision of each item, without a further statement.
CONTRIBUTION_LOADERS = tuple(
    option
    for kind in kinds.all_kinds()
    for option in (
        joinedload(QueueItem.contribution_of(kind)).options(*kind.loading.queue),
        joinedload(QueueItem.revision_of(kind)),
    )
)
# A loader option for the number of signals about the revision of an item.
SIGNAL_COUNT_LOADER = with_expression(
    QueueItem.signals,
    sa.select(sa.func.count(SignalRow.id))
    .where(
        SignalRow.of_kind == sa.case(*((QueueItem.id_of(kind).is_not(None), kind.name) for kind in kinds.all_kinds())),
        SignalRow.revision_id == sa.func.coalesce(*(QueueItem.revision_id_of(kind) for kind in kinds.all_kinds())),
    )
    .correlate(QueueItem)
    .scalar_subquery(),
)


def add_submitted(events: Sequence[RevisionSubmitted]) -> None:
    """Event handler: add an item to the queue for each submitted revision."""
    # One time for all items: the column default would be evaluated later, when they are flushed.
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


def close_set_aside(events: Sequence[RevisionSetAside]) -> None:
    """Event handler: close the items of revisions that were withdrawn or superseded."""
    for event in events:
        close_revision(event.kind, event.revision_id)


def make_urgent(kind: str, revision_id: int) -> None:
    """Make the open item of a revision urgent, so that it comes before all other items, and due within an hour."""
    due = clock.now() + DUE_WHEN_URGENT
    db.session.execute(
        sa.update(QueueItem)
        .where(_of_revision(kind, revision_id), IS_OPEN)
        .values(priority=Priority.URGENT, due_at=due)
        .execution_options(synchronize_session="fetch")
    )


def close_revision(kind: str, revision_id: int) -> int | None:
    """Close the item of a revision. Returns the id of the item, or None if it was not open."""
    return _close(_of_revision(kind, revision_id))


def close_reports(contribution: Contribution) -> int | None:
    """Close the item of the open reports on a contribution, and record ReportsAnswered.

    Returns the id of the item, or None if no report was open.
    """
    closed = _close(_of_reports(contribution))
    if closed is not None:
        record(ReportsAnswered(contribution.kind, contribution.id))
    return closed


def reopen(item_id: int) -> None:
    """Reopen a closed item. It returns to its former place in the queue, since its dates have not changed."""
    db.session.execute(
        sa.update(QueueItem)
        .where(QueueItem.id == item_id)
        .values(closed_at=None)
        .execution_options(synchronize_session="fetch")
    )


def open_item_of(revision: Revision) -> QueueItem | None:
    """The open item of a revision; None if there is none."""
    return db.session.scalar(sa.select(QueueItem).where(_of_revision(revision.kind, revision.id), IS_OPEN))


def _of_revision(kind: str, revision_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(QueueItem.task == Task.REVISION, QueueItem.revision_id_of(kind) == revision_id)


def _of_reports(contribution: Contribution) -> sa.ColumnElement[bool]:
    return sa.and_(QueueItem.task == Task.REPORT, QueueItem.about(contribution))


def _close(condition: sa.ColumnElement[bool]) -> int | None:
    """Close the one open item that matches a condition, and return its id.

    Returns None if there is none, or if another transaction closes it at the same moment.
    """
    closed = db.session.scalars(
        sa.update(QueueItem)
        .where(condition, IS_OPEN)
        .values(closed_at=clock.now())
        .returning(QueueItem.id)
        .execution_options(synchronize_session="fetch")
    )
    return closed.one_or_none()


def item_for_page(item_id: int) -> QueueItem | None:
    """An item by its id, with everything loaded that its page shows of the contribution; None if there is none."""
    return db.session.scalar(
        sa.select(QueueItem)
        .options(
            *CONTRIBUTION_LOADERS,
            SIGNAL_COUNT_LOADER,
            *(
                joinedload(QueueItem.contribution_of(kind)).options(*kind.loading.item)
                for kind in kinds.all_kinds()
                if kind.loading.item
            ),
        )
        .where(QueueItem.id == item_id)
    )


def item_for_decision(item_id: int) -> QueueItem | None:
    """An item by its id, with what a decision needs: contribution, author and revision. None if there is none."""
    items = db.session.scalars(
        sa.select(QueueItem)
        .options(
            *CONTRIBUTION_LOADERS,
            *(
                joinedload(QueueItem.revision_of(kind)).options(*kind.loading.decision)
                for kind in kinds.all_kinds()
                if kind.loading.decision
            ),
        )
        .where(QueueItem.id == item_id)
    )
    return items.unique().one_or_none()
