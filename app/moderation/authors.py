"""The author of an item at a glance: how their contributions fared so far. For staff only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.comments.models import Comment
from app.follow_ups.models import FollowUp
from app.foundation.database import db
from app.foundation.revisions import RevisionState
from app.moderation.models import KINDS, REVISIONS, Decision
from app.stories.models import Story

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
    by_state: Counter[RevisionState] = Counter()
    for kind, revision in REVISIONS.items():
        contribution = KINDS[kind]
        rows = db.session.execute(
            sa.select(revision.state, sa.func.count())
            .join(contribution, contribution.id == getattr(revision, f"{kind}_id"))
            .where(contribution.author_id == person.id)
            .group_by(revision.state)
        )
        by_state.update({state: count for state, count in rows})  # noqa: C416 - rows are not tuples to a type checker
    decisions = db.session.scalars(
        sa.select(Decision)
        .options(joinedload(Decision.moderator))
        .outerjoin(Decision.story)
        .outerjoin(Decision.comment)
        .outerjoin(Decision.follow_up)
        .where(sa.or_(Story.author_id == person.id, Comment.author_id == person.id, FollowUp.author_id == person.id))
        .order_by(Decision.id.desc())
        .limit(LAST)
    ).all()
    return Glance(person, by_state, decisions)
