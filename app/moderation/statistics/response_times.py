"""How long it takes from being sent to being decided, by what was decided of late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.foundation import clock, kinds
from app.foundation.database import db
from app.foundation.kinds import AnyKind
from app.moderation.decisions.models import Action, Decision
from app.moderation.queue.models import QueueItem, Task

# Fewer decisions say nothing about the next one.
MIN_DECISIONS = 20
ON_VERSIONS = (Action.APPROVE, Action.REQUEST_CHANGES, Action.REJECT)


@dataclass(frozen=True)
class ResponseTimes:
    """Within which time half, and nine in ten, were decided; and of how many this was measured."""

    half: timedelta
    most: timedelta
    decisions: int


def recent(kind: str | None = None, days: int = 30, fewest: int = MIN_DECISIONS) -> ResponseTimes | None:
    """How long the versions decided in the last `days` had waited, all or of one kind; None if too few to tell.

    What its author withdrew or replaced was not decided and does not count. One statement.
    """
    waits = sa.union_all(
        *(_waits(each, days) for each in ([kinds.get(kind)] if kind else kinds.all_kinds()))
    ).subquery()
    place = sa.func.row_number().over(order_by=waits.c.seconds)
    ranked = sa.select(waits.c.seconds, place.label("place"), sa.func.count().over().label("all")).subquery()
    # Nearest rank, upwards: of 20 the tenth and the eighteenth, so that 'half' and 'nine in ten' are true as said.
    half, most = (ranked.c.all + 1) // 2, (9 * ranked.c.all + 9) // 10
    rows = db.session.execute(
        sa.select(ranked.c.seconds, ranked.c.all).where(ranked.c.place.in_([half, most])).order_by(ranked.c.place)
    ).all()
    if not rows or rows[0].all < fewest:
        return None
    return ResponseTimes(timedelta(seconds=rows[0].seconds), timedelta(seconds=rows[-1].seconds), rows[0].all)


def _waits(kind: AnyKind, days: int) -> sa.Select[float]:
    """Seconds that each version of this kind had waited when it was decided. Begins at the index of the queue."""
    contribution, revision = QueueItem.id_of(kind), QueueItem.revision_id_of(kind)
    decided = sa.exists().where(
        Decision.id_of(kind) == contribution,
        Decision.revision_id_of(kind) == revision,
        Decision.action.in_(ON_VERSIONS),
    )
    return sa.select(_seconds(QueueItem.waiting_since, QueueItem.closed_at).label("seconds")).where(
        QueueItem.closed_at >= clock.now() - timedelta(days=days),
        QueueItem.task == Task.REVISION,
        contribution.is_not(None),
        decided,
    )


def _seconds(since: Any, until: Any) -> sa.ColumnElement[float]:
    if db.engine.dialect.name == "sqlite":
        return sa.func.round((sa.func.julianday(until) - sa.func.julianday(since)) * 86_400)
    return sa.cast(sa.func.round(sa.extract("epoch", until - since)), sa.Float)
