"""Notices: creating them when something is decided, counting unseen ones, marking them as seen."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.database import db
from app.foundation.events import AppealAnswered, DecisionMade, DecisionUndone, ReportsAnswered, SanctionChanged
from app.moderation.appeals.models import Appeal
from app.moderation.decisions.models import VISIBLE_TO_AUTHOR, Decision
from app.moderation.queue.models import QueueItem
from app.moderation.reports.models import Report
from app.moderation.sanctions.models import Sanction
from app.notifications.models import Notice


def notify_author(events: Sequence[DecisionMade]) -> None:
    """Event handler: notify the author of a decision on their text, except of those that only concern moderators."""
    for event in events:
        decision = db.session.get_one(Decision, event.decision_id)
        if decision.action in VISIBLE_TO_AUTHOR:
            db.session.add(Notice(person_id=decision.contribution.author_id, decision_id=decision.id))


def delete_notices(events: Sequence[DecisionUndone]) -> None:
    """Event handler: delete the notices of a decision that was undone, the author's and the reporters'."""
    undone = [event.decision_id for event in events]
    items = sa.select(Decision.item_id).where(Decision.id.in_(undone))
    reports = sa.select(Report.id).where(Report.item_id.in_(items))
    db.session.execute(
        sa.delete(Notice)
        .where(sa.or_(Notice.decision_id.in_(undone), Notice.report_id.in_(reports)))
        .execution_options(synchronize_session=False)
    )


def notify_appellant(events: Sequence[AppealAnswered]) -> None:
    """Event handler: notify the person who appealed that there is an answer."""
    for event in events:
        appeal = db.session.get_one(Appeal, event.appeal_id)
        db.session.add(Notice(person_id=appeal.person_id, appeal_id=appeal.id))


def notify_sanctioned(events: Sequence[SanctionChanged]) -> None:
    """Event handler: notify a person of a sanction, and again when it is lifted."""
    for event in events:
        sanction = db.session.get_one(Sanction, event.sanction_id)
        notice = db.session.scalar(sa.select(Notice).where(Notice.sanction_id == sanction.id))
        if notice is None:
            db.session.add(Notice(person_id=sanction.person_id, sanction_id=sanction.id))
        else:
            notice.seen_at = None


def notify_reporters(events: Sequence[ReportsAnswered]) -> None:
    """Event handler: notify reporters with an account, once, that a moderator looked at what they reported."""
    for event in events:
        answered = (
            sa.select(Report)
            .join(Report.item)
            .where(
                Report.id_of(event.kind) == event.id,
                Report.reporter_id.is_not(None),
                QueueItem.closed_at.is_not(None),
                ~sa.exists().where(Notice.report_id == Report.id),
            )
        )
        db.session.add_all(
            Notice(person_id=report.reporter_id, report_id=report.id) for report in db.session.scalars(answered)
        )


def count_unseen(person: Person) -> int:
    """How many notices this person has not seen."""
    return db.session.scalar(sa.select(sa.func.count(Notice.id)).where(_unseen_by(person))) or 0


def mark_seen(person: Person, notice_ids: Collection[int] | None = None) -> None:
    """Mark these notices of a person as seen, or all of them if none are named."""
    named = sa.true() if notice_ids is None else Notice.id.in_(notice_ids)
    db.session.execute(
        sa.update(Notice)
        .where(_unseen_by(person), named)
        .values(seen_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _unseen_by(person: Person) -> sa.ColumnElement[bool]:
    return sa.and_(Notice.person_id == person.id, Notice.seen_at.is_(None))
