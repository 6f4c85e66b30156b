"""Contributions: what people publish, whatever it is. A story and a comment are moderated alike because of this page.

A contribution stands in one publication state and points at the revision that the public reads. Its revisions come and
go through the queue meanwhile. Here are the predicates and the moves that hold for every kind; what is particular to
a kind (what a version consists of, who else must be public) stays in its room.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from app.foundation import clock, erasures, revisions
from app.foundation.access import require
from app.foundation.database import UTCDateTime, coded, db
from app.foundation.errors import Conflict, Refused
from app.foundation.events import PublicChanged, RevisionSetAside, RevisionSubmitted, record
from app.foundation.revisions import RevisionState

CHANGED = "This changed at the same moment. Please look at it again."


class PublicationState(enum.StrEnum):
    """Where a contribution stands as a whole, whatever revisions of it wait."""

    UNPUBLISHED = "unpublished"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"


# What is to be erased does not go there again.
COMING_BACK = (PublicationState.UNPUBLISHED, PublicationState.PUBLISHED)


class Contribution:
    """Mixin: a thing that people publish. Subclasses set `kind`, `kinds`, `live_revision_id` and `live`.

    The table of its revisions points back with a column named after the kind: `story_id`, `comment_id`, ... `kinds` is
    what its kind is called in the addresses of the desk.
    """

    kind: str
    kinds: str

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[PublicationState] = mapped_column(coded(PublicationState), default=PublicationState.UNPUBLISHED)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def is_published(self) -> bool:
        """Stands in public, as far as its own state goes. Whether it is visible is for `public()` to say."""
        return self.state is PublicationState.PUBLISHED


def may_write(actor: Any) -> bool:
    """Is somebody, not suspended, and has read what they were warned of."""
    return bool(actor.is_authenticated and not actor.is_suspended and actor.warned_at is None)


def check_may_write(actor: Any) -> None:
    """For verbs that keep what somebody sends: raise NotAllowed, with what keeps them from writing.

    Waits for whoever suspends this person at this very moment, so that nothing is sent after a suspension.
    """
    require(bool(actor.is_authenticated))
    db.session.refresh(actor, with_for_update={"read": True})
    require(
        not actor.is_suspended, "You cannot write here at present. ‘Your contributions’ says why, and how to appeal."
    )
    require(
        actor.warned_at is None,
        "A moderator has written to you. Please read it first, under ‘Your contributions’; your words are kept here.",
    )


def is_author(actor: Any, thing: Any) -> bool:
    """Wrote it."""
    return bool(actor.is_authenticated and thing.author_id == actor.id)


def may_edit(actor: Any, contribution: Any) -> bool:
    """Is the author, and it was not removed for good. Whether they may write at all is asked when they send it."""
    return is_author(actor, contribution) and contribution.state is not PublicationState.REMOVED


def may_withdraw(actor: Any, contribution: Any) -> bool:
    """Is the author, and there is something to withdraw."""
    over = (PublicationState.REMOVED, PublicationState.WITHDRAWN)
    return is_author(actor, contribution) and contribution.state not in over


def is_public(thing: Any) -> bool:
    """Whether everyone sees this very thing, by the predicate of its kind."""
    table = type(thing)
    return bool(db.session.scalar(sa.select(table.id).where(table.id == thing.id, table.public())))


def revisions_of(contribution: Any) -> tuple[Any, sa.ColumnElement[bool]]:
    """The class of a contribution's revisions, and the condition that picks its own."""
    table = sa.inspect(type(contribution)).relationships["live"].mapper.class_
    return table, getattr(table, f"{contribution.kind}_id") == contribution.id


def pending_of(contribution: Any) -> Any | None:
    """The version that waits for a moderator, if one does."""
    table, own = revisions_of(contribution)
    return db.session.scalar(sa.select(table).where(own, table.state == RevisionState.PENDING))


def latest_of(contribution: Any) -> Any:
    """The version sent last, whatever became of it."""
    table, own = revisions_of(contribution)
    return db.session.scalars(sa.select(table).where(own).order_by(table.number.desc()).limit(1)).one()


def add_once(new: Any, same: sa.Select[Any]) -> bool:
    """Add a row unless `same` finds that it is there already: the form was sent twice, perhaps at this very moment."""
    if db.session.scalar(same) is not None:
        return False
    try:
        with db.session.begin_nested():
            db.session.add(new)
    except IntegrityError:
        return False
    return True


def add_revision(contribution: Any, revision: Any) -> None:
    """Number a new version, let it wait, and say so. For the verbs of each kind, which have checked it."""
    number(contribution, revision)
    record(RevisionSubmitted(contribution.kind, contribution.id, revision.id))


def number(contribution: Any, revision: Any) -> None:
    """Let a version be the next one of its contribution."""
    db.session.flush()
    table, own = revisions_of(contribution)
    last = db.session.scalar(sa.select(sa.func.max(table.number)).where(own))
    revision.number = (last or 0) + 1
    setattr(revision, contribution.kind, contribution)
    db.session.add(revision)
    db.session.flush()


def copy_revision(revision: Any, **changes: Any) -> Any:
    """Another version that says what this one says, its answers included, except for `changes`. Not yet added."""
    own = {"id", "number", "state", "created_at", "decided_at", f"{revision.kind}_id"}
    return _copy(revision, own, changes)


def _copy(row: Any, leave: Collection[str], changes: Mapping[str, Any]) -> Any:
    mapper = sa.inspect(type(row))
    copied = {each.key: getattr(row, each.key) for each in mapper.column_attrs if each.key not in leave}
    for relationship in mapper.relationships:
        if relationship.cascade.delete_orphan:
            numbered = relationship.mapper.local_table.autoincrement_column
            own = {column.key for column in (*relationship.remote_side, numbered) if column is not None}
            copied[relationship.key] = [_copy(child, own, {}) for child in getattr(row, relationship.key)]
    return type(row)(**{**copied, **changes})


def replace_revision(contribution: Any, revision: Any) -> None:
    """Let a new version wait in place of the one that waits, if one does. A withdrawn contribution comes back.

    Raises Conflict for what is to be erased.
    """
    set_aside_pending(contribution, RevisionState.SUPERSEDED)
    erasures.check_none(contribution)
    if contribution.state is PublicationState.WITHDRAWN:
        change_state(contribution, PublicationState.WITHDRAWN, PublicationState.UNPUBLISHED)
    add_revision(contribution, revision)


def withdraw(actor: Any, contribution: Any) -> None:
    """Take one's own contribution back, published or waiting. Raises NotAllowed for anybody but the author."""
    require(may_withdraw(actor, contribution), "Only its author can withdraw it.")
    set_aside_pending(contribution, RevisionState.WITHDRAWN)
    change_state(contribution, contribution.state, PublicationState.WITHDRAWN)
    record(PublicChanged(contribution.kind, contribution.id))


def withdraw_revision(actor: Any, contribution: Any) -> None:
    """Take back the version that waits; what is public stays. Raises NotAllowed for anybody but the author."""
    require(is_author(actor, contribution), "Only its author can withdraw it.")
    if not set_aside_pending(contribution, RevisionState.WITHDRAWN):
        raise Conflict("Nothing of this is waiting any more: it was decided in the meantime.")


def set_aside_pending(contribution: Any, to: RevisionState) -> bool:
    """Let the version that waits wait no longer. Answers whether there was one."""
    waiting = pending_of(contribution)
    if waiting is None:
        return False
    revisions.move(waiting, to, told="A moderator decided at the same moment. Please look at it again.")
    record(RevisionSetAside(contribution.kind, contribution.id, waiting.id))
    return True


def make_live(contribution: Any, revision: Any) -> None:
    """Let an approved revision be what the public reads. A hidden contribution stays hidden, with the new text.

    Raises Refused if something of it has to be settled before.
    """
    if revision.obstacle:
        raise Refused(revision.obstacle)
    if contribution.live is not None and contribution.live.id != revision.id:
        revisions.move(contribution.live, RevisionState.SUPERSEDED, told=CHANGED)
    db.session.flush()
    table = type(contribution)
    # Whether it was published before is for the database to say, at the moment of writing.
    begins = table.state == PublicationState.UNPUBLISHED
    state, published_at = db.session.execute(
        sa.update(table)
        .where(table.id == contribution.id)
        .values(
            live_revision_id=revision.id,
            state=sa.case((begins, PublicationState.PUBLISHED), else_=table.state),
            published_at=sa.case((begins, sa.func.coalesce(table.published_at, clock.now())), else_=table.published_at),
        )
        .returning(table.state, table.published_at)
        .execution_options(synchronize_session=False)
    ).one()
    written = {"state": state, "published_at": published_at, "live_revision_id": revision.id, "live": revision}
    for name, value in written.items():
        set_committed_value(contribution, name, value)
    record(PublicChanged(contribution.kind, contribution.id))


def take_back_live(contribution: Any, before: PublicationState, live_before: int | None) -> None:
    """Undo `make_live`: what was public before is again, the approved version waits anew. A publication that
    began with it never was. Raises Conflict if something newer waits or went live.
    """
    revision = contribution.live
    if revision is None or pending_of(contribution) is not None:
        raise Conflict("The author has sent a newer version in the meantime: please decide on that one.")
    # Approving publishes what was not published, and leaves anything else where it stood.
    after = PublicationState.PUBLISHED if before is PublicationState.UNPUBLISHED else before
    if contribution.state is not after:
        raise Conflict(CHANGED)
    since = revision.decided_at
    revisions.move(revision, RevisionState.PENDING, told=CHANGED)
    table, _own = revisions_of(contribution)
    earlier = db.session.get(table, live_before) if live_before else None
    if earlier is not None and earlier.state is RevisionState.SUPERSEDED:
        revisions.move(earlier, RevisionState.APPROVED, told=CHANGED)
    contribution.live = earlier
    db.session.flush()
    if after is not before:
        change_state(contribution, after, before)
    if contribution.published_at is not None and contribution.published_at >= since:
        contribution.published_at = None
    db.session.flush()
    erasures.check(contribution)
    record(PublicChanged(contribution.kind, contribution.id))


def change_state(contribution: Any, origin: PublicationState, to: PublicationState, told: str = CHANGED) -> None:
    """Move a contribution from one publication state to another, or raise Conflict if it is no longer there, or if it
    would come back although its author has asked to erase it.
    """
    table = type(contribution)
    result = db.session.execute(
        sa.update(table)
        .where(table.id == contribution.id, table.state == origin)
        .values(state=to)
        .execution_options(synchronize_session=False)
    )
    if cast("sa.CursorResult[Any]", result).rowcount != 1:
        raise Conflict(told)
    # Asked after its row was written: whoever asked for an erasure in between has waited, or we have.
    if to in COMING_BACK:
        erasures.check(contribution)
    db.session.refresh(contribution)
