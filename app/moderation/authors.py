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
from app.moderation.models import KINDS, REVISIONS, AnyContribution, Decision

LAST = 5


@dataclass(frozen=True)
class Glance:
    """A person's versions by state, and the last decisions on them."""

    person: Person
    by_state: Counter[RevisionState]
    decisions: Sequence[Decision]
    # Whether nothing of theirs was ever public; their name is read with this one.
    is_first: bool
    # Every decision on one of their contributions, oldest first.
    on_this: Sequence[Decision] = ()


def glance(person: Person, contribution: AnyContribution | None = None) -> Glance:
    """How this person's contributions fared so far, and all that was decided on one of them. Two statements."""
    states = sa.union_all(
        *(
            sa.select(revision.state, KINDS[kind].published_at.is_not(None).label("was_public"))
            .join(KINDS[kind], KINDS[kind].id == getattr(revision, f"{kind}_id"))
            .where(KINDS[kind].author_id == person.id)
            for kind, revision in REVISIONS.items()
        )
    ).subquery()
    counts = db.session.execute(
        sa.select(states.c.state, states.c.was_public, sa.func.count()).group_by(states.c.state, states.c.was_public)
    ).all()
    by_state = Counter[RevisionState]()
    for state, _was_public, count in counts:
        by_state[RevisionState(state)] += count
    # Each kind by its own index: the table of decisions grows for ever.
    theirs = (
        getattr(Decision, f"{kind}_id").in_(sa.select(model.id).where(model.author_id == person.id))
        for kind, model in KINDS.items()
    )
    last = sa.select(Decision.id).where(sa.or_(*theirs)).order_by(Decision.id.desc()).limit(LAST).subquery()
    wanted = [Decision.id.in_(sa.select(last.c.id))]
    if contribution is not None:
        wanted.append(getattr(Decision, f"{contribution.kind}_id") == contribution.id)
    decisions = db.session.scalars(
        sa.select(Decision)
        .options(joinedload(Decision.moderator), joinedload(Decision.note))
        .where(sa.or_(*wanted))
        .order_by(Decision.id)
    ).all()
    return Glance(
        person,
        by_state,
        decisions[::-1][:LAST],
        is_first=not any(was_public for _state, was_public, _count in counts),
        on_this=[each for each in decisions if contribution is not None and each.is_on(contribution)],
    )
