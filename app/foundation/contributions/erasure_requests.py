"""Requests to erase a contribution. The row stays when the words are gone, and says when that was.

What its author has asked to erase never becomes public again, whatever else happens to it: `lock_and_check` and `check`
are called wherever something could become pending or public.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation import clock
from app.foundation.contributions.models import Contribution
from app.foundation.database import Model, UTCDateTime, db
from app.foundation.errors import Conflict

TO_BE_ERASED = (
    "Its author has asked to erase this. Until it is erased they can take that back, under ‘Your contributions’."
)


class Erasure(Model):
    """That the author of a contribution asked to erase it, when that is due, and when it was done.

    It names the contribution by kind and id instead of a foreign key for each kind: contributions of every kind can be
    erased, and the row of a contribution is never deleted.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        sa.UniqueConstraint("kind", "contribution_id"),
        sa.Index("ix_erasures_due", "done_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    contribution_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def is_done(self) -> bool:
        """Whether the words are gone."""
        return self.done_at is not None


def request_for(contribution: Contribution) -> Erasure | None:
    """The request to erase a contribution, carried out or not; None if nobody asked."""
    return db.session.scalar(sa.select(Erasure).where(_of(contribution)))


def is_done(contribution: Contribution) -> bool:
    """Whether its words are gone."""
    return bool(db.session.scalar(sa.select(sa.exists().where(_of(contribution), Erasure.done_at.is_not(None)))))


def requests_for(keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Erasure]:
    """Return the erasure requests, carried out or not, of these contributions by kind and id. One statement."""
    ids: dict[str, list[int]] = defaultdict(list)
    for kind, contribution_id in keys:
        ids[kind].append(contribution_id)
    named = (sa.and_(Erasure.kind == kind, Erasure.contribution_id.in_(some)) for kind, some in ids.items())
    rows = db.session.scalars(sa.select(Erasure).where(sa.or_(sa.false(), *named)))
    return {(each.kind, each.contribution_id): each for each in rows}


def lock(contribution: Contribution) -> None:
    """Lock the row of a contribution until the transaction ends, against an erasure being asked for or carried out.

    Waits for whoever does that at the same moment. SQLite has one writer at a time anyway.
    """
    table = type(contribution)
    db.session.execute(sa.select(table.id).where(table.id == contribution.id).with_for_update(key_share=True))


def lock_and_check(contribution: Contribution) -> None:
    """Lock a contribution, then raise Conflict if its author has asked to erase it.

    Call it after writing its revisions: their rows are always locked before that of the contribution.
    """
    lock(contribution)
    check(contribution)


def check(contribution: Contribution) -> None:
    """Raise Conflict if its author has asked to erase it. For callers that have changed its row, which locks it."""
    if is_requested(contribution):
        raise Conflict(TO_BE_ERASED)


def is_requested(contribution: Contribution) -> bool:
    """Whether its author has asked to erase it, carried out or not."""
    return bool(db.session.scalar(sa.select(sa.exists().where(_of(contribution)))))


def _of(contribution: Contribution) -> sa.ColumnElement[bool]:
    return sa.and_(Erasure.kind == contribution.kind, Erasure.contribution_id == contribution.id)
