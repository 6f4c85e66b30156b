"""Notices: telling a person what was decided, and knowing what they have not seen."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.database import db
from app.foundation.events import DecisionMade, DecisionUndone
from app.moderation.models import TOLD, Decision
from app.notifications.models import Notice


def tell_author(events: Sequence[DecisionMade]) -> None:
    """Reaction: the author is told of a decision on their text, but not of what is between moderators."""
    for event in events:
        decision = db.session.get_one(Decision, event.decision_id)
        if decision.action in TOLD:
            db.session.add(Notice(person_id=decision.contribution.author_id, decision_id=decision.id))


def take_back(events: Sequence[DecisionUndone]) -> None:
    """Reaction: of a decision that was undone within seconds the author is told nothing."""
    undone = [event.decision_id for event in events]
    db.session.execute(
        sa.delete(Notice).where(Notice.decision_id.in_(undone)).execution_options(synchronize_session=False)
    )


def unseen(person: Person) -> int:
    """How many notices this person has not seen."""
    return db.session.scalar(sa.select(sa.func.count(Notice.id)).where(_unseen_by(person))) or 0


def mark_seen(person: Person) -> None:
    """A person has seen what they were told."""
    db.session.execute(
        sa.update(Notice)
        .where(_unseen_by(person))
        .values(seen_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _unseen_by(person: Person) -> sa.ColumnElement[bool]:
    return sa.and_(Notice.person_id == person.id, Notice.seen_at.is_(None))
