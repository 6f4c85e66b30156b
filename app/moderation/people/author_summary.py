"""A summary of the decisions about an author, for the moderators' page of an item. For staff only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.foundation import kinds
from app.foundation.contributions.models import Contribution
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db
from app.moderation.decisions.models import Decision

MAX_DECISIONS = 5


@dataclass(frozen=True)
class AuthorSummary:
    """The numbers of a person's revisions by state, and the latest decisions on them."""

    person: Person
    by_state: Counter[RevisionState]
    decisions: Sequence[Decision]
    # Whether nothing of theirs has been published yet, so that the moderator also has to read the user name.
    is_first: bool
    # All decisions on the given contribution, oldest first.
    decisions_on_contribution: Sequence[Decision] = ()


def summarise(person: Person, contribution: Contribution | None = None) -> AuthorSummary:
    """The summary of a person, with all decisions on `contribution` if one of theirs is given. Two statements."""
    by_state, is_first = _revision_counts(person)
    decisions = _decisions(person, contribution)
    return AuthorSummary(
        person,
        by_state,
        decisions[::-1][:MAX_DECISIONS],
        is_first,
        decisions_on_contribution=[
            each for each in decisions if contribution is not None and each.is_about(contribution)
        ],
    )


def _revision_counts(person: Person) -> tuple[Counter[RevisionState], bool]:
    """The numbers of their revisions by state, and whether nothing of theirs has ever been published."""
    versions = sa.union_all(
        *(
            sa.select(kind.revision_model.state, kind.model.published_at.is_not(None).label("was_public"))
            .join(kind.model, kind.model.id == kind.revision_parent)
            .where(kind.model.author_id == person.id)
            for kind in kinds.all_kinds()
        )
    ).subquery()
    each = (versions.c.state, versions.c.was_public)
    counts = db.session.execute(sa.select(*each, sa.func.count()).group_by(*each)).all()
    by_state = Counter[RevisionState]()
    for state, _was_public, count in counts:
        by_state[RevisionState(state)] += count
    return by_state, not any(was_public for _state, was_public, _count in counts)


def _decisions(person: Person, contribution: Contribution | None) -> Sequence[Decision]:
    """The latest decisions about this person, and all on the contribution, oldest first."""
    last = (
        sa.select(Decision.id)
        .where(Decision.written_by(person))
        .order_by(Decision.id.desc())
        .limit(MAX_DECISIONS)
        .subquery()
    )
    wanted: list[sa.ColumnElement[bool]] = [Decision.id.in_(sa.select(last.c.id))]
    if contribution is not None:
        wanted.append(Decision.about(contribution))
    return db.session.scalars(
        sa.select(Decision)
        .options(joinedload(Decision.moderator), joinedload(Decision.note))
        .where(sa.or_(*wanted))
        .order_by(Decision.id)
    ).all()
