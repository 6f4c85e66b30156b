"""Erasures: what its author wants gone for good. The row is also the tombstone: it stays when the text is gone.

What is asked to be erased never becomes public again, whatever else happens to it: see `check_none` and `check`, which
`contributions` asks whenever something could.
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
    """That the author of a contribution asked to erase it, from when on it may be done, and when it was.

    It names the contribution by kind and id, without a key of its own for each kind: whatever is published can be
    erased, and a contribution is never deleted.
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
        """The text is gone."""
        return self.done_at is not None


def request_for(contribution: Any) -> Erasure | None:
    """The erasure of a contribution, asked for or done."""
    return db.session.scalar(sa.select(Erasure).where(_of(contribution)))


def is_done(contribution: Any) -> bool:
    """Whether its text is gone."""
    return bool(db.session.scalar(sa.select(sa.exists().where(_of(contribution), Erasure.done_at.is_not(None)))))


def requests_for(keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Erasure]:
    """The erasures, asked for or done, of these contributions by kind and id. One statement."""
    ids: dict[str, list[int]] = defaultdict(list)
    for kind, contribution_id in keys:
        ids[kind].append(contribution_id)
    named = (sa.and_(Erasure.kind == kind, Erasure.contribution_id.in_(some)) for kind, some in ids.items())
    rows = db.session.scalars(sa.select(Erasure).where(sa.or_(sa.false(), *named)))
    return {(each.kind, each.contribution_id): each for each in rows}


def lock(contribution: Any) -> None:
    """Wait for whoever asks for an erasure, or erases, at this very moment; until the end of the transaction they wait
    for us. SQLite has one writer anyway.
    """
    table = type(contribution)
    db.session.execute(sa.select(table.id).where(table.id == contribution.id).with_for_update(key_share=True))


def lock_and_check(contribution: Any) -> None:
    """Raise Conflict if its author asked to erase it, and keep them from doing so until this transaction ends.

    To be asked after its versions were written: their rows are always locked before its own.
    """
    lock(contribution)
    check(contribution)


def check(contribution: Any) -> None:
    """The same for whoever has changed its row in this transaction, which locks it."""
    if is_requested(contribution):
        raise Conflict(TOLD)


def is_requested(contribution: Any) -> bool:
    """Whether its author asked to erase it, done or not."""
    return bool(db.session.scalar(sa.select(sa.exists().where(_of(contribution)))))


def _of(contribution: Any) -> sa.ColumnElement[bool]:
    return sa.and_(Erasure.kind == contribution.kind, Erasure.contribution_id == contribution.id)
