"""The queue: everything that waits for a moderator, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.comments.models import Comment
from app.foundation import clock
from app.foundation.database import db
from app.foundation.events import RevisionSetAside, RevisionSubmitted
from app.moderation.models import QueueItem, Task
from app.stories.models import Story
from app.stories.reading import WITH_ANSWERS

# The filters of the queue, in the order they are shown.
FILTERS: dict[str, sa.ColumnElement[bool]] = {
    "story": sa.and_(QueueItem.task == Task.REVISION, QueueItem.story_id.is_not(None)),
    "comment": sa.and_(QueueItem.task == Task.REVISION, QueueItem.comment_id.is_not(None)),
    "report": QueueItem.task == Task.REPORT,
}

WAITING = QueueItem.closed_at.is_(None)
_TITLES = (
    joinedload(QueueItem.story).joinedload(Story.live),
    joinedload(QueueItem.story).joinedload(Story.author),
    joinedload(QueueItem.story_revision),
    joinedload(QueueItem.comment).joinedload(Comment.live),
    joinedload(QueueItem.comment).joinedload(Comment.author),
    joinedload(QueueItem.comment_revision),
)


def columns(kind: str, contribution_id: int, revision_id: int | None) -> dict[str, int | None]:
    """The columns of `OnContribution` that point at this contribution and revision."""
    return {f"{kind}_id": contribution_id, f"{kind}_revision_id": revision_id}


def enter(events: Sequence[RevisionSubmitted]) -> None:
    """Reaction: what was sent waits from now on."""
    # The time is said here: left to its default it would be that of some later flush.
    since = clock.now()
    db.session.add_all(
        QueueItem(task=Task.REVISION, waiting_since=since, **columns(event.kind, event.id, event.revision_id))
        for event in events
    )


def leave(events: Sequence[RevisionSetAside]) -> None:
    """Reaction: what was withdrawn or replaced waits no longer."""
    for event in events:
        close_revision(event.kind, event.revision_id)


def close_revision(kind: str, revision_id: int) -> None:
    """Take a revision off the queue."""
    column = getattr(QueueItem, f"{kind}_revision_id")
    _close(sa.and_(QueueItem.task == Task.REVISION, column == revision_id))


def close_reports(contribution: Story | Comment) -> bool:
    """Take the open reports on a contribution off the queue. Answers whether there were any."""
    column = getattr(QueueItem, f"{contribution.kind}_id")
    return _close(sa.and_(QueueItem.task == Task.REPORT, column == contribution.id))


def _close(which: sa.ColumnElement[bool]) -> bool:
    result = db.session.execute(
        sa.update(QueueItem)
        .where(which, WAITING)
        .values(closed_at=clock.now())
        .execution_options(synchronize_session="fetch")
    )
    return bool(cast("sa.CursorResult[Any]", result).rowcount)


def waiting(kind: str | None = None, limit: int = 50, offset: int = 0) -> Sequence[QueueItem]:
    """Waiting items, oldest first; `kind` is one of FILTERS."""
    chosen = sa.and_(WAITING, FILTERS[kind]) if kind else WAITING
    return db.session.scalars(
        sa.select(QueueItem)
        .options(*_TITLES)
        .where(chosen)
        .order_by(QueueItem.waiting_since, QueueItem.id)
        .limit(limit)
        .offset(offset)
    ).all()


def counts() -> dict[str, int]:
    """How many items wait, by filter, and `all` of them."""
    row = db.session.execute(
        sa.select(*(sa.func.count().filter(condition).label(kind) for kind, condition in FILTERS.items())).where(
            WAITING
        )
    ).one()
    found = {kind: int(getattr(row, kind)) for kind in FILTERS}
    return {"all": sum(found.values()), **found}


def after(item: QueueItem, kind: str | None = None) -> QueueItem | None:
    """The item to read next: the oldest that waits, other than this one."""
    return next((each for each in waiting(kind, limit=2) if each.id != item.id), None)


def item(item_id: int) -> QueueItem | None:
    """One item with everything its page shows."""
    return db.session.scalar(
        sa.select(QueueItem)
        .options(
            *_TITLES,
            joinedload(QueueItem.story_revision).options(WITH_ANSWERS),
            joinedload(QueueItem.comment).selectinload(Comment.revisions),
        )
        .where(QueueItem.id == item_id)
    )
