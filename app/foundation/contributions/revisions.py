"""Revisions: what a moderator reads and decides on.

What a person sends is an immutable revision; a contribution points at its live one. `TRANSITIONS` holds the allowed
transitions, which `publication.transition` makes.
"""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING, cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from app.foundation import clock
from app.foundation.database import UTCDateTime, enum_column

if TYPE_CHECKING:
    from app.foundation.contributions.models import Contribution


def revision_constraints(kind: str) -> tuple[sa.UniqueConstraint, sa.Index]:
    """The constraints on the revisions of a kind: a number occurs once per contribution, and at most one is pending."""
    parent, pending = f"{kind}_id", sa.text("state = 'pending'")
    one_pending = sa.Index(
        f"uq_{kind}_revisions_pending", parent, unique=True, sqlite_where=pending, postgresql_where=pending
    )
    return sa.UniqueConstraint(parent, "number"), one_pending


class RevisionState(enum.StrEnum):
    """The state of a revision."""

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
    """Mixin: number within its contribution, state, times. Each kind adds the columns of its texts and answers."""

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    state: Mapped[RevisionState] = mapped_column(enum_column(RevisionState), default=RevisionState.PENDING)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    renderer_version: Mapped[int]

    if TYPE_CHECKING:
        # Set by the revisions of contributions, for whoever handles every kind alike.
        kind: str
        body_source: Mapped[str]
        body_html: Mapped[str]

    @declared_attr
    def editor_id(cls) -> Mapped[int | None]:
        """The moderator who made this revision by redacting one of the author's."""
        return mapped_column(sa.ForeignKey("people.id"))

    @property
    def contribution(self) -> Contribution:
        """What this is a revision of: the relationship that is named after the kind."""
        return cast("Contribution", getattr(self, self.kind))

    @property
    def obstacle(self) -> str | None:
        """Why this revision cannot be published yet, in a sentence; None if it can."""
        return None

    @property
    def is_pending(self) -> bool:
        """Whether a moderator has to decide on it."""
        return self.state is RevisionState.PENDING
