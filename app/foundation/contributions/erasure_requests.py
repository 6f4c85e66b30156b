"""Erasure requests. Their rows remain after the text has been erased.

A contribution with an erasure request never becomes public again, whatever else happens to it: `publication` calls
`lock_and_check` or `check` in every function that could publish it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation import clock
from app.foundation.database import Model, UTCDateTime, db
from app.foundation.errors import Conflict

TOLD = "Its author has asked to erase this. Until it is erased they can take that back, under ‘Your contributions’."


class Erasure(Model):
    """A request by the author to erase a contribution: when it was made, when it is due, and when it was carried out.

    It refers to the contribution by kind and id instead of by a foreign key for each kind: every kind can be erased,
    and the row of a contribution is never deleted.
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
        """Whether the text has been erased."""
        return self.done_at is not None


def request_for(contribution: Any) -> Erasure | None:
    """Return the erasure request of a contribution, carried out or not, or None."""
    return db.session.scalar(sa.select(Erasure).where(_of(contribution)))


def is_done(contribution: Any) -> bool:
    """Return whether the text of a contribution has been erased."""
    return bool(db.session.scalar(sa.select(sa.exists().where(_of(contribution), Erasure.done_at.is_not(None)))))


def requests_for(keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Erasure]:
    """Return the erasure requests, carried out or not, of these contributions by kind and id. One statement."""
    ids: dict[str, list[int]] = defaultdict(list)
    for kind, contribution_id in keys:
        ids[kind].append(contribution_id)
    named = (sa.and_(Erasure.kind == kind, Erasure.contribution_id.in_(some)) for kind, some in ids.items())
    rows = db.session.scalars(sa.select(Erasure).where(sa.or_(sa.false(), *named)))
    return {(each.kind, each.contribution_id): each for each in rows}


def lock(contribution: Any) -> None:
    """Lock the contribution's row until the end of the transaction, as every function does that requests, cancels or
    carries out an erasure. SQLite has only one writer anyway.
    """
    table = type(contribution)
    db.session.execute(sa.select(table.id).where(table.id == contribution.id).with_for_update(key_share=True))


def lock_and_check(contribution: Any) -> None:
    """Raise Conflict if there is an erasure request, and prevent one until this transaction ends.

    Call it after writing revisions: their rows are always locked before the contribution's.
    """
    lock(contribution)
    check(contribution)


def check(contribution: Any) -> None:
    """Raise Conflict if there is an erasure request. For callers that have locked the row by changing it."""
    if is_requested(contribution):
        raise Conflict(TOLD)


def is_requested(contribution: Any) -> bool:
    """Return whether there is an erasure request, carried out or not."""
    return bool(db.session.scalar(sa.select(sa.exists().where(_of(contribution)))))


def _of(contribution: Any) -> sa.ColumnElement[bool]:
    return sa.and_(Erasure.kind == contribution.kind, Erasure.contribution_id == contribution.id)
