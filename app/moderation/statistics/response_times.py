"""Response times: how long recent decisions took, from submission to decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from app.foundation import clock, kinds
from app.foundation.database import db
from app.foundation.kinds import AnyKind
from app.moderation.decisions.models import Action, Decision
from app.moderation.queue.models import QueueItem, Task

# With fewer decisions there are no figures: they would say little about the next decision.
MIN_DECISIONS = 20
REVISION_ACTIONS = (Action.APPROVE, Action.REQUEST_CHANGES, Action.REJECT)

Moment = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]


@dataclass(frozen=True)
class ResponseTimes:
    """The times within which half (`median`) and nine in ten (`percentile_90`) of `decisions` decisions were made."""

    median: timedelta
    percentile_90: timedelta
    decisions: int


def recent(kind: str | None = None, days: int = 30, min_decisions: int = MIN_DECISIONS) -> ResponseTimes | None:
    """The response times of the decisions of the last `days` days, of one kind or of all.

    None if there were fewer than `fewest`. Withdrawn and superseded revisions do not count. One statement.
    """
    waits = sa.union_all(
        *(_waits(each, days) for each in ([kinds.get(kind)] if kind else kinds.all_kinds()))
    ).subquery()
    place = sa.func.row_number().over(order_by=waits.c.seconds)
    ranked = sa.select(waits.c.seconds, place.label("place"), sa.func.count().over().label("all")).subquery()
    # Nearest rank, rounded up: of 20 the tenth and the eighteenth, so that 'half' and 'nine in ten' are true.
    median, percentile_90 = (ranked.c.all + 1) // 2, (9 * ranked.c.all + 9) // 10
    rows = db.session.execute(
        sa.select(ranked.c.seconds, ranked.c.all)
        .where(ranked.c.place.in_([median, percentile_90]))
        .order_by(ranked.c.place)
    ).all()
    if not rows or rows[0].all < min_decisions:
        return None
    return ResponseTimes(timedelta(seconds=rows[0].seconds), timedelta(seconds=rows[-1].seconds), rows[0].all)


def _waits(kind: AnyKind, days: int) -> sa.Select[float]:
    """Selects the seconds from submission to decision for the revisions of a kind. Uses the index of the queue."""
    contribution, revision = QueueItem.id_of(kind), QueueItem.revision_id_of(kind)
    decided = sa.exists().where(
        Decision.id_of(kind) == contribution,
        Decision.revision_id_of(kind) == revision,
        Decision.action.in_(REVISION_ACTIONS),
    )
    return sa.select(_seconds(QueueItem.waiting_since, QueueItem.closed_at).label("seconds")).where(
        QueueItem.closed_at >= clock.now() - timedelta(days=days),
        QueueItem.task == Task.REVISION,
        contribution.is_not(None),
        decided,
    )


def _seconds(since: Moment, until: Moment) -> sa.ColumnElement[float]:
    if db.engine.dialect.name == "sqlite":
        return sa.func.round((sa.func.julianday(until) - sa.func.julianday(since)) * 86_400)
    return sa.cast(sa.func.round(sa.extract("epoch", until - since)), sa.Float)
