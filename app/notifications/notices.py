"""Notices: telling a person what was decided, and knowing what they have not seen."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.database import db
from app.foundation.events import DecisionMade
from app.moderation.models import Action, Decision
from app.notifications.models import Notice


def tell_author(events: Sequence[DecisionMade]) -> None:
    """Reaction: the author is told of a decision on their text, but not that a report on it came to nothing."""
    for event in events:
        decision = db.session.get_one(Decision, event.decision_id)
        if decision.action is not Action.KEEP:
            db.session.add(Notice(person_id=decision.contribution.author_id, decision_id=decision.id))


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
