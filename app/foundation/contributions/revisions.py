"""Revisions: what a moderator reads and decides on.

What a person sends is an immutable revision; a contribution points at its live one. The allowed moves stand in one
table, and a move is one conditional UPDATE, so that of two people deciding at once exactly one succeeds.
"""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from app.foundation import clock
from app.foundation.database import UTCDateTime, db, enum_column
from app.foundation.errors import Conflict


def one_pending_index(kind: str) -> sa.Index:
    """Of one contribution one text waits at a time; a newer one takes its place. For the table of its revisions."""
    pending = sa.text("state = 'pending'")
    return sa.Index(
        f"uq_{kind}_revisions_pending", f"{kind}_id", unique=True, sqlite_where=pending, postgresql_where=pending
    )


class RevisionState(enum.StrEnum):
    """Where a revision stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    CHANGES_REQUESTED = "changes_requested"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


TRANSITIONS: dict[RevisionState, frozenset[RevisionState]] = {
    RevisionState.PENDING: frozenset(
        {
            RevisionState.APPROVED,
            RevisionState.REJECTED,
            RevisionState.CHANGES_REQUESTED,
            RevisionState.WITHDRAWN,
            RevisionState.SUPERSEDED,
        }
    ),
    # A newer approved revision takes the place of the one before; an undo lets it wait again.
    RevisionState.APPROVED: frozenset({RevisionState.SUPERSEDED, RevisionState.PENDING}),
    # An appeal upheld publishes it as it is; an undo lets it wait again.
    RevisionState.REJECTED: frozenset({RevisionState.APPROVED, RevisionState.PENDING}),
    RevisionState.CHANGES_REQUESTED: frozenset(
        {RevisionState.APPROVED, RevisionState.SUPERSEDED, RevisionState.WITHDRAWN, RevisionState.PENDING}
    ),
    RevisionState.WITHDRAWN: frozenset(),
    # What was public before comes back when the approval of its successor is undone.
    RevisionState.SUPERSEDED: frozenset({RevisionState.APPROVED}),
}


class Revision:
    """Mixin: number within its contribution, author, state, times. The text columns are the feature's own."""

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    state: Mapped[RevisionState] = mapped_column(enum_column(RevisionState), default=RevisionState.PENDING)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    renderer_version: Mapped[int]

    @declared_attr
    def editor_id(cls) -> Mapped[int | None]:
        """Who wrote this revision, where it was not the contribution's author."""
        return mapped_column(sa.ForeignKey("people.id"))

    @property
    def obstacle(self) -> str | None:
        """Why this version cannot become public yet, in a sentence; None if nothing stands in its way."""
        return None

    @property
    def is_pending(self) -> bool:
        """Waits for a moderator."""
        return self.state is RevisionState.PENDING


def transition(revision: Any, to: RevisionState, *, told: str) -> None:
    """Move a revision to another state, or raise Conflict with `told` if it is no longer where it was read.

    Raises ValueError for a move that the table above does not allow from the state in memory.
    """
    origin = cast("RevisionState", revision.state)
    if to not in TRANSITIONS[origin]:
        raise ValueError(f"{origin} does not lead to {to}")
    table = type(revision)
    now = clock.now()
    result = db.session.execute(
        sa.update(table)
        .where(table.id == revision.id, table.state == origin)
        .values(state=to, decided_at=now)
        .execution_options(synchronize_session=False)
    )
    if cast("sa.CursorResult[Any]", result).rowcount != 1:
        raise Conflict(told)
    # Nothing else of a revision ever changes: what was written just now need not be read again.
    set_committed_value(revision, "state", to)
    set_committed_value(revision, "decided_at", now)
