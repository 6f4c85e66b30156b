"""Publishing, editing and withdrawing contributions of any kind.

The domain functions of a kind check who is asking and what was submitted, and then call these. Every change of state is
a conditional UPDATE: if two people act at the same moment, one succeeds and the other gets Conflict.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

import sqlalchemy as sa
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import set_committed_value

from app.foundation import clock
from app.foundation.access import Actor, require
from app.foundation.contributions import erasure_requests
from app.foundation.contributions.authorship import is_author, may_withdraw
from app.foundation.contributions.models import Contribution, HasRevisions, Publication, PublicationState
from app.foundation.contributions.revisions import TRANSITIONS, Revision, RevisionState
from app.foundation.database import db, rows_changed
from app.foundation.errors import Conflict, Refused
from app.foundation.events import PublicChanged, RevisionSetAside, RevisionSubmitted, record
from app.foundation.text.markup import RENDERER_VERSION

Row = TypeVar("Row")
R = TypeVar("R", bound=Revision)

CHANGED_MEANWHILE = _l("This changed at the same moment. Look at it again.")

# The states that a contribution may not enter once its author has asked to erase it.
STATES_ERASURE_FORBIDS = (PublicationState.UNPUBLISHED, PublicationState.PUBLISHED)


def is_public(publication: Publication) -> bool:
    """Whether everybody may read it, as `public()` of its model defines."""
    table = type(publication)
    return bool(db.session.scalar(sa.select(table.id).where(table.id == publication.id, table.public())))


def revisions_of(publication: HasRevisions[R]) -> tuple[type[R], sa.ColumnElement[bool]]:
    """The model of the revisions of a publication, and the SQL condition for those of this one."""
    table: type[R] = sa.inspect(type(publication)).relationships["live"].mapper.class_
    return table, getattr(table, f"{publication.kind}_id") == publication.id


def pending_of(contribution: HasRevisions[R]) -> R | None:
    """The pending revision of a contribution; None if there is none."""
    table, own = revisions_of(contribution)
    return db.session.scalar(sa.select(table).where(own, table.state == RevisionState.PENDING))


def latest_of(contribution: HasRevisions[R]) -> R:
    """The revision that was submitted last, in any state."""
    table, own = revisions_of(contribution)
    return db.session.scalars(sa.select(table).where(own).order_by(table.number.desc()).limit(1)).one()


def add_once(new: object, existing: sa.Select[Row]) -> bool:
    """Add a row unless `existing` selects one, and return whether it was added.

    For forms that may be submitted twice, perhaps at the same moment: a unique constraint then decides, and the row
    that was inserted first stays.
    """
    if db.session.scalar(existing) is not None:
        return False
    try:
        with db.session.begin_nested():
            db.session.add(new)
    except IntegrityError:
        return False
    return True


def add_revision(contribution: Contribution, revision: Revision) -> None:
    """Add a pending revision, which the caller has checked, and record RevisionSubmitted."""
    append_revision(contribution, revision)
    record(RevisionSubmitted(contribution.kind, contribution.id, revision.id))


def append_revision(publication: Publication, revision: Revision) -> None:
    """Add a revision to a publication, with the next number."""
    db.session.flush()
    table, own = revisions_of(publication)
    last = db.session.scalar(sa.select(sa.func.max(table.number)).where(own))
    revision.number = (last or 0) + 1
    setattr(revision, publication.kind, publication)
    db.session.add(revision)
    db.session.flush()


def copy_revision(revision: R, **changes: object) -> R:
    """A new revision with the texts and answers of this one, except for `changes`. It is not added to the session."""
    own = {"id", "number", "state", "created_at", "decided_at", f"{revision.kind}_id"}
    return _copy(revision, own, changes)


def _copy(row: Row, leave_out: Collection[str], changes: Mapping[str, object]) -> Row:
    mapper = sa.inspect(type(row))
    copied = {each.key: getattr(row, each.key) for each in mapper.column_attrs if each.key not in leave_out}
    for relationship in mapper.relationships:
        if relationship.cascade.delete_orphan:
            numbered = relationship.mapper.local_table.autoincrement_column
            own = {column.key for column in (*relationship.remote_side, numbered) if column is not None}
            copied[relationship.key] = [_copy(child, own, {}) for child in getattr(row, relationship.key)]
    return type(row)(**{**copied, **changes})


def replace_revision(contribution: Contribution, revision: Revision) -> None:
    """Add a pending revision in place of the pending one, if there is one, which becomes superseded.

    A withdrawn contribution becomes unpublished, so that approving the revision publishes it. Raises Conflict if its
    author has asked to erase it, or if a moderator decides at the same moment.
    """
    set_aside_pending(contribution, RevisionState.SUPERSEDED)
    erasure_requests.lock_and_check(contribution)
    if contribution.state is PublicationState.WITHDRAWN:
        change_state(contribution, PublicationState.WITHDRAWN, PublicationState.UNPUBLISHED)
    add_revision(contribution, revision)


def withdraw(actor: Actor, contribution: Contribution) -> None:
    """Withdraw one's own contribution, whether published or pending, and its pending revision.

    Raises NotAllowed for anybody but the author, and Conflict if a moderator decides at the same moment.
    """
    require(may_withdraw(actor, contribution), _("Only the author can withdraw this."))
    set_aside_pending(contribution, RevisionState.WITHDRAWN)
    change_state(contribution, contribution.state, PublicationState.WITHDRAWN)
    record(PublicChanged(contribution.kind, contribution.id))


def withdraw_revision(actor: Actor, contribution: Contribution) -> None:
    """Withdraw the pending revision of one's own contribution; what is public stays.

    Raises NotAllowed for anybody but the author, and Conflict if nothing is pending any more.
    """
    require(is_author(actor, contribution), _("Only the author can withdraw this."))
    if not set_aside_pending(contribution, RevisionState.WITHDRAWN):
        raise Conflict(_("This is no longer waiting. A moderator has made a decision."))


def set_aside_pending(contribution: Contribution, to: RevisionState) -> bool:
    """Move the pending revision to the state `to` without a decision, and return whether there was one.

    Raises Conflict if a moderator decides on it at the same moment.
    """
    pending = pending_of(contribution)
    if pending is None:
        return False
    transition(pending, to, message=_("A moderator made a decision at the same moment. Look at it again."))
    record(RevisionSetAside(contribution.kind, contribution.id, pending.id))
    return True


def staff_revision_columns(page: Publication) -> dict[str, object]:
    """The columns that every new revision of a staff page has in common: it is approved when it is created."""
    return {
        page.kind: page,
        "number": page.live.number + 1 if page.live else 1,
        "state": RevisionState.APPROVED,
        "decided_at": clock.now(),
        "renderer_version": RENDERER_VERSION,
    }


def make_live(contribution: Publication, revision: Revision) -> None:
    """Make an approved revision the live one, and publish the contribution if it was unpublished.

    A hidden contribution stays hidden, with the new text. Records PublicChanged. Raises Refused if the revision has an
    obstacle, and Conflict if the live revision changes at the same moment.
    """
    if revision.obstacle:
        raise Refused(revision.obstacle)
    is_reworded = contribution.live is not None and contribution.live.id != revision.id
    if contribution.live is not None and is_reworded:
        transition(contribution.live, RevisionState.SUPERSEDED, message=CHANGED_MEANWHILE)
    db.session.flush()
    table = type(contribution)
    # Decided by the database at the time of the UPDATE: the state in memory may be out of date.
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
    record(PublicChanged(contribution.kind, contribution.id, is_reworded))


def undo_make_live(contribution: Contribution, before: PublicationState, live_before: int | None) -> None:
    """Undo `make_live`: the revision with the id `live_before` is live again, the approved one pending again.

    `before` is the state of the contribution before the approval. If the approval was its first publication, the date
    of publication is removed. Raises Conflict if a newer revision is pending, if the state has changed since, or if its
    author has asked to erase it.
    """
    revision = contribution.live
    if revision is None or pending_of(contribution) is not None:
        raise Conflict(_("The author has sent a newer version. Decide on that one instead."))
    # Approving publishes what was unpublished, and leaves any other state as it is.
    after = PublicationState.PUBLISHED if before is PublicationState.UNPUBLISHED else before
    if contribution.state is not after:
        raise Conflict(CHANGED_MEANWHILE)
    approved_at = revision.decided_at
    transition(revision, RevisionState.PENDING, message=CHANGED_MEANWHILE)
    table, _own = revisions_of(contribution)
    earlier = db.session.get(table, live_before) if live_before else None
    if earlier is not None and earlier.state is RevisionState.SUPERSEDED:
        transition(earlier, RevisionState.APPROVED, message=CHANGED_MEANWHILE)
    contribution.live = earlier
    db.session.flush()
    if after is not before:
        change_state(contribution, after, before)
    if contribution.published_at and approved_at and contribution.published_at >= approved_at:
        contribution.published_at = None
    db.session.flush()
    erasure_requests.check(contribution)
    record(PublicChanged(contribution.kind, contribution.id, is_reworded=earlier is not None))


def change_state(
    contribution: Contribution,
    origin: PublicationState,
    to: PublicationState,
    message: str | LazyString = CHANGED_MEANWHILE,
) -> None:
    """Move a contribution from the state `origin` to the state `to`.

    Raises Conflict with `message` if it is no longer in `origin`, and Conflict if its author has asked to erase it and
    `to` is one of STATES_ERASURE_FORBIDS.
    """
    table = type(contribution)
    if not rows_changed(sa.update(table).where(table.id == contribution.id, table.state == origin).values(state=to)):
        raise Conflict(message)
    # Checked after the UPDATE has locked the row, so that a concurrent request for erasure is not missed.
    if to in STATES_ERASURE_FORBIDS:
        erasure_requests.check(contribution)
    db.session.refresh(contribution)


def transition(revision: Revision, to: RevisionState, *, message: str | LazyString) -> None:
    """Move a revision to another state, or raise Conflict with `message` if it is not in the state it was read in.

    Raises ValueError for a transition that `TRANSITIONS` does not allow from the state in memory.
    """
    origin = revision.state
    if to not in TRANSITIONS[origin]:
        raise ValueError(f"{origin} does not lead to {to}")
    table = type(revision)
    now = clock.now()
    change = sa.update(table).where(table.id == revision.id, table.state == origin).values(state=to, decided_at=now)
    if not rows_changed(change):
        raise Conflict(message)
    # Nothing else of a revision ever changes: what was written just now need not be read again.
    set_committed_value(revision, "state", to)
    set_committed_value(revision, "decided_at", now)
