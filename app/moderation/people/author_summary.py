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
from app.moderation.sanctions.models import Sanction

MAX_DECISIONS = 5
_PUBLISHED, _SANCTIONS = "published", "sanctions"


@dataclass(frozen=True)
class AuthorSummary:
    """The record of a person in numbers, and the latest decisions on what they sent."""

    person: Person
    # How many of their contributions have ever been public, and how many sanctions they have had.
    published: int
    sanctions: int
    # How many of the versions they sent are in which state.
    by_state: Counter[RevisionState]
    decisions: Sequence[Decision]
    # All decisions on the given contribution, oldest first.
    decisions_on_contribution: Sequence[Decision] = ()

    @property
    def is_first(self) -> bool:
        """Whether nothing of theirs has been published yet, so that the moderator also has to read the user name."""
        return not self.published


def summarise(person: Person, contribution: Contribution | None = None) -> AuthorSummary:
    """The summary of a person, with all decisions on `contribution` if one of theirs is given. Two statements."""
    numbers = _numbers(person)
    decisions = _decisions(person, contribution)
    return AuthorSummary(
        person,
        published=numbers[_PUBLISHED],
        sanctions=numbers[_SANCTIONS],
        by_state=Counter({state: numbers[state.value] for state in RevisionState}),
        decisions=decisions[::-1][:MAX_DECISIONS],
        decisions_on_contribution=[
            each for each in decisions if contribution is not None and each.is_about(contribution)
        ],
    )


def _numbers(person: Person) -> Counter[str]:
    """How many contributions of theirs were public, versions by state, and sanctions. One statement."""
    selects: list[sa.Select[str]] = [
        sa.select(sa.literal(_SANCTIONS).label("what")).where(Sanction.person_id == person.id)
    ]
    for kind in kinds.all_kinds():
        contribution, revision = kind.model, kind.revision_model
        by_them = contribution.author_id == person.id
        selects += [
            sa.select(sa.literal(_PUBLISHED)).where(by_them, contribution.published_at.is_not(None)),
            sa.select(sa.cast(revision.state, sa.String))
            .join(contribution, contribution.id == kind.revision_parent)
            .where(by_them),
        ]
    counted = sa.union_all(*selects).subquery()
    rows = db.session.execute(sa.select(counted.c.what, sa.func.count()).group_by(counted.c.what))
    return Counter({str(what): int(count) for what, count in rows})


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
