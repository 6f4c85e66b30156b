"""The author of an item at a glance: how their contributions fared so far. For staff only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.foundation.database import db
from app.foundation.revisions import RevisionState
from app.moderation.models import KINDS, REVISIONS, Decision

LAST = 5


@dataclass(frozen=True)
class Glance:
    """A person's versions by state, and the last decisions on them."""

    person: Person
    by_state: Counter[RevisionState]
    decisions: Sequence[Decision]

    @property
    def is_first(self) -> bool:
        """Whether nothing of theirs was ever approved; their name is read with this one."""
        return not (self.by_state[RevisionState.APPROVED] or self.by_state[RevisionState.SUPERSEDED])


def glance(person: Person) -> Glance:
    """How this person's contributions fared so far."""
    states = sa.union_all(
        *(
            sa.select(revision.state)
            .join(KINDS[kind], KINDS[kind].id == getattr(revision, f"{kind}_id"))
            .where(KINDS[kind].author_id == person.id)
            for kind, revision in REVISIONS.items()
        )
    ).subquery()
    counts = db.session.execute(sa.select(states.c.state, sa.func.count()).group_by(states.c.state))
    by_state = Counter({RevisionState(state): count for state, count in counts})
    # Each kind by its own index: the table of decisions grows for ever.
    theirs = (
        getattr(Decision, f"{kind}_id").in_(sa.select(model.id).where(model.author_id == person.id))
        for kind, model in KINDS.items()
    )
    decisions = db.session.scalars(
        sa.select(Decision)
        .options(joinedload(Decision.moderator))
        .where(sa.or_(*theirs))
        .order_by(Decision.id.desc())
        .limit(LAST)
    ).all()
    return Glance(person, by_state, decisions)
