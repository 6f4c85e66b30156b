"""Publishing, editing and withdrawing contributions, whatever their kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import set_committed_value

from app.foundation import clock
from app.foundation.access import require
from app.foundation.contributions import erasure_requests, revisions
from app.foundation.contributions.authorship import is_author, may_withdraw
from app.foundation.contributions.models import Publication, PublicationState
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db
from app.foundation.errors import Conflict, Refused
from app.foundation.events import PublicChanged, RevisionSetAside, RevisionSubmitted, record
from app.foundation.text.markup import RENDERER_VERSION

CHANGED_MEANWHILE = "This changed at the same moment. Please look at it again."


# What is to be erased does not go there again.
STATES_ERASURE_FORBIDS = (PublicationState.UNPUBLISHED, PublicationState.PUBLISHED)


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
    """Number a new version, let it wait, and say so. For the domain functions of each kind."""
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
    erasure_requests.lock_and_check(contribution)
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
    revisions.transition(waiting, to, message="A moderator decided at the same moment. Please look at it again.")
    record(RevisionSetAside(contribution.kind, contribution.id, waiting.id))
    return True


def staff_revision(page: Publication) -> dict[str, Any]:
    """The columns that every further revision of a page published by the staff has: approved as it is written."""
    return {
        page.kind: page,
        "number": page.live.number + 1 if page.live else 1,
        "state": RevisionState.APPROVED,
        "decided_at": clock.now(),
        "renderer_version": RENDERER_VERSION,
    }


def make_live(contribution: Any, revision: Any) -> None:
    """Let an approved revision be what the public reads. A hidden contribution stays hidden, with the new text.

    Raises Refused if something of it has to be settled before.
    """
    if revision.obstacle:
        raise Refused(revision.obstacle)
    if contribution.live is not None and contribution.live.id != revision.id:
        revisions.transition(contribution.live, RevisionState.SUPERSEDED, message=CHANGED_MEANWHILE)
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
        raise Conflict(CHANGED_MEANWHILE)
    since = revision.decided_at
    revisions.transition(revision, RevisionState.PENDING, message=CHANGED_MEANWHILE)
    table, _own = revisions_of(contribution)
    earlier = db.session.get(table, live_before) if live_before else None
    if earlier is not None and earlier.state is RevisionState.SUPERSEDED:
        revisions.transition(earlier, RevisionState.APPROVED, message=CHANGED_MEANWHILE)
    contribution.live = earlier
    db.session.flush()
    if after is not before:
        change_state(contribution, after, before)
    if contribution.published_at is not None and contribution.published_at >= since:
        contribution.published_at = None
    db.session.flush()
    erasure_requests.check(contribution)
    record(PublicChanged(contribution.kind, contribution.id))


def change_state(
    contribution: Any, origin: PublicationState, to: PublicationState, told: str = CHANGED_MEANWHILE
) -> None:
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
    if to in STATES_ERASURE_FORBIDS:
        erasure_requests.check(contribution)
    db.session.refresh(contribution)
