"""What moderation removes when the author of a contribution erases it.

Decisions, reports and entries of the audit log stay: that there was something, what was decided, by which guideline and
when. Their words go: notes to the author, the words of reports, appeals and their answers, staff notes.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from app.foundation import clock, kinds
from app.foundation.database import db
from app.foundation.events import Erased, ErasureCancelled, ErasureRequested, ReportsAnswered, record
from app.moderation.appeals.models import Appeal, AppealState
from app.moderation.decisions.models import Decision, DecisionNote
from app.moderation.people.models import StaffNote
from app.moderation.queue.models import QueueItem, Task
from app.moderation.references import ContributionReference
from app.moderation.reports.models import Report
from app.moderation.screening.models import SignalRow, TextBand


def close_queue_items(events: Sequence[ErasureRequested]) -> None:
    """Handler: close all open items of what is to be erased. Those who reported it are told that it is gone."""
    for event in events:
        if kinds.find(event.kind):
            closed = db.session.scalars(
                sa.update(QueueItem)
                .where(_on(QueueItem, event), QueueItem.closed_at.is_(None))
                .values(closed_at=clock.now())
                .returning(QueueItem.task)
                .execution_options(synchronize_session="fetch")
            ).all()
            if Task.REPORT in closed:
                record(ReportsAnswered(event.kind, event.id))


def reopen_queue_items(events: Sequence[ErasureCancelled]) -> None:
    """Handler: open the item of an unanswered appeal again. Everything else was withdrawn."""
    for event in events:
        if kinds.find(event.kind):
            db.session.execute(
                sa.update(QueueItem)
                .where(QueueItem.id.in_(sa.select(Appeal.item_id).where(_open_appeals(event))))
                .values(closed_at=None)
                .execution_options(synchronize_session="fetch")
            )


def clear(events: Sequence[Erased]) -> None:
    """Handler: remove the words written about what is erased, and its signals and fingerprints."""
    for event in events:
        if kinds.find(event.kind):
            _clear(event)


def _clear(event: Erased) -> None:
    kind = kinds.get(event.kind)
    versions = sa.select(kind.revision_model.id).where(kind.revision_parent == event.id)
    decisions = sa.select(Decision.id).where(_on(Decision, event))
    statements: list[sa.Delete | sa.Update] = [
        sa.delete(DecisionNote).where(DecisionNote.decision_id.in_(decisions)),
        sa.update(Report).where(_on(Report, event)).values(words=""),
        # Appeals without an answer are deleted: nobody will answer them.
        sa.delete(Appeal).where(_open_appeals(event)),
        sa.update(Appeal).where(Appeal.decision_id.in_(decisions)).values(words="", answer=""),
        sa.delete(StaffNote).where(StaffNote.kind == event.kind, StaffNote.subject_id == event.id),
        *(
            sa.delete(table).where(table.of_kind == event.kind, table.revision_id.in_(versions))
            for table in (SignalRow, TextBand)
        ),
    ]
    for statement in statements:
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()


def _open_appeals(event: Erased | ErasureCancelled) -> sa.ColumnElement[bool]:
    decisions = sa.select(Decision.id).where(_on(Decision, event))
    return sa.and_(Appeal.decision_id.in_(decisions), Appeal.state == AppealState.OPEN)


def _on(
    table: type[ContributionReference], event: Erased | ErasureRequested | ErasureCancelled
) -> sa.ColumnElement[bool]:
    condition: sa.ColumnElement[bool] = table.id_of(event.kind) == event.id
    return condition
