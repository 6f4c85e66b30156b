"""Erasing: an author has something they wrote removed for good, whatever moderators decided on it.

From the moment they ask, it is neither public nor in the queue. For some days they can change their mind; it is then as
if they had withdrawn it. After that the worker removes every word of it; ids, times and decisions stay. How the words
of a contribution are removed is declared by its kind (`Erasing` in `foundation/kinds.py`); whatever else keeps words
about it has a handler of `Erased` in `app/reactions.py`.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _

from app.foundation import clock, database, kinds
from app.foundation.access import Actor, require
from app.foundation.contributions import authorship, erasure_requests, publication
from app.foundation.contributions.erasure_requests import Erasure
from app.foundation.contributions.models import Contribution, PublicationState
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db, rows_changed, transaction
from app.foundation.errors import Conflict
from app.foundation.events import Erased, ErasureCancelled, ErasureRequested, PublicChanged, record

log = logging.getLogger(__name__)

BATCH = 100
_STATES_TO_WITHDRAW = (PublicationState.UNPUBLISHED, PublicationState.PUBLISHED)


def request(actor: Actor, contribution: Contribution) -> Erasure:
    """Ask for one's own contribution to be erased for good. Its author may, in any state. Asking again changes nothing.

    What was public or pending is withdrawn at once; what moderators hid or removed stays so. Raises NotAllowed for
    anybody else, Conflict when a moderator decides at the same moment.
    """
    require(authorship.may_erase(actor, contribution), _("Only the author can delete this."))
    # First the pending revision, then the contribution: whoever decides locks them in this order too.
    publication.set_aside_pending(contribution, RevisionState.WITHDRAWN)
    erasure_requests.lock(contribution)
    erasure = erasure_requests.request_for(contribution)
    if erasure is not None:
        return erasure
    db.session.refresh(contribution)
    # What was sent while we waited for the lock.
    publication.set_aside_pending(contribution, RevisionState.WITHDRAWN)
    if contribution.state in _STATES_TO_WITHDRAW:
        publication.change_state(contribution, contribution.state, PublicationState.WITHDRAWN)
    erasure = _add(contribution, grace_period())
    record(ErasureRequested(contribution.kind, contribution.id))
    record(PublicChanged(contribution.kind, contribution.id))
    return erasure


def grace_period() -> timedelta:
    """For how long a request can be taken back."""
    return timedelta(days=max(0, current_app.config["ERASE_AFTER_DAYS"]))


def cancel(actor: Actor, contribution: Contribution) -> None:
    """Take a request back: it is withdrawn then, or as moderators left it. Its author may, until it is erased.

    Raises NotAllowed for anybody else, Conflict when it is erased, or when nobody asked for it.
    """
    require(authorship.may_erase(actor, contribution), _("Only the author can change this."))
    deletion = sa.delete(Erasure).where(
        Erasure.kind == contribution.kind,
        Erasure.contribution_id == contribution.id,
        Erasure.done_at.is_(None),
    )
    if not rows_changed(deletion):
        if erasure_requests.is_requested(contribution):
            raise Conflict(_("It’s too late to undo this. It has been deleted."))
        raise Conflict(_("This isn’t waiting to be deleted."))
    record(ErasureCancelled(contribution.kind, contribution.id))


def carry_out_due() -> None:
    """Periodic task: erase what is due, each in a transaction of its own, and empty SQLite's write-ahead log."""
    due = sa.select(Erasure.id).where(Erasure.done_at.is_(None), Erasure.due_at <= clock.now()).order_by(Erasure.id)
    ids = db.session.scalars(due.limit(BATCH)).all()
    db.session.rollback()
    for erasure_id in ids:
        try:
            with transaction():
                _erase(erasure_id)
        except Exception as error:  # noqa: BLE001 - one that cannot be erased must not keep the others from it
            # Not the message: it may quote what somebody wrote.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("erasure %d failed: %s\n%s", erasure_id, type(error).__name__, where)  # noqa: TRY400 - see above
    # The log of a process that ended before this is emptied by the next one.
    if ids or current_app.extensions.get("salve.log_remembers", True):
        current_app.extensions["salve.log_remembers"] = not database.truncate_wal()


def _erase(erasure_id: int) -> None:
    """Erase one contribution, unless its author took the request back or another worker was faster."""
    row = db.session.execute(
        sa.update(Erasure)
        .where(Erasure.id == erasure_id, Erasure.done_at.is_(None))
        .values(done_at=clock.now())
        .returning(Erasure.kind, Erasure.contribution_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is not None:
        record(Erased(row.kind, row.contribution_id))


def set_aside_dependents(events: Sequence[ErasureRequested]) -> None:
    """Handler: withdraw what is pending and delete the drafts of what is erased together with a contribution.

    What is public of it disappears with what it belongs to.
    """
    for event in events:
        for contribution in _dependents(event):
            was_pending = publication.set_aside_pending(contribution, RevisionState.WITHDRAWN)
            if was_pending and contribution.state is PublicationState.UNPUBLISHED:
                publication.change_state(contribution, PublicationState.UNPUBLISHED, PublicationState.WITHDRAWN)
        _discard_drafts(event)


def clear(events: Sequence[Erased]) -> None:
    """Handler: remove every word of a contribution, as its kind says, and erase what is erased with it."""
    for event in events:
        kinds.get(event.kind).erasing.clear(event.id)
        for contribution in _dependents(event):
            erasure = erasure_requests.request_for(contribution) or _add(contribution, timedelta(0))
            _erase(erasure.id)
        _discard_drafts(event)


def _dependents(event: ErasureRequested | Erased) -> list[Contribution]:
    """The contributions, by the same author, that are erased with this one."""
    contributions: list[Contribution] = []
    for kind in kinds.all_kinds():
        if find := kind.erasing.erased_with.get(event.kind):
            contributions += find(event.id)
    return contributions


def _discard_drafts(event: ErasureRequested | Erased) -> None:
    for kind in kinds.all_kinds():
        if kind.erasing.discard_drafts:
            kind.erasing.discard_drafts(event.kind, event.id)


def _add(contribution: Contribution, grace: timedelta) -> Erasure:
    now = clock.now()
    erasure = Erasure(
        kind=contribution.kind,
        contribution_id=contribution.id,
        person_id=contribution.author_id,
        asked_at=now,
        due_at=now + grace,
    )
    db.session.add(erasure)
    db.session.flush()
    return erasure
