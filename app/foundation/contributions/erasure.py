"""Erasing: an author wants something they wrote gone for good. It wins over everything else.

From the moment they ask it is out of the public and waits for nobody. For some days they can change their mind, and it
is then as if they had withdrawn it. After that the worker removes every word of it; ids, times and decisions stay. What
the rooms keep of a contribution they clear themselves: see `Erased` in `reactions`.
"""

from __future__ import annotations

import logging
import traceback
from datetime import timedelta
from typing import Any, cast

import sqlalchemy as sa
from flask import current_app

from app.foundation import clock, database
from app.foundation.access import require
from app.foundation.contributions import authorship, erasure_requests, publication
from app.foundation.contributions.erasure_requests import Erasure
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db, transaction
from app.foundation.errors import Conflict
from app.foundation.events import Erased, ErasureAsked, ErasureTakenBack, PublicChanged, record

log = logging.getLogger(__name__)

BATCH = 100
_SHOWN = (PublicationState.UNPUBLISHED, PublicationState.PUBLISHED)


def may_erase(actor: Any, contribution: Any) -> bool:
    """Wrote it, whatever became of it; also who is suspended."""
    return authorship.is_author(actor, contribution)


def request(actor: Any, contribution: Any) -> Erasure:
    """Have one's own contribution erased for good. Its author may, in any state. Asking again changes nothing.

    What was public or waited is withdrawn at once; what the staff hid or removed stays so. Raises NotAllowed for
    anybody else, Conflict when a moderator decides at this very moment.
    """
    require(may_erase(actor, contribution), "Only its author can erase it.")
    # First the version that waits, then the contribution: in this order, as whoever decides on it takes them.
    publication.set_aside_pending(contribution, RevisionState.WITHDRAWN)
    erasure_requests.lock(contribution)
    asked = erasure_requests.request_for(contribution)
    if asked is not None:
        return asked
    db.session.refresh(contribution)
    # What came in while we waited.
    publication.set_aside_pending(contribution, RevisionState.WITHDRAWN)
    if contribution.state in _SHOWN:
        publication.change_state(contribution, contribution.state, PublicationState.WITHDRAWN)
    asked = _add(contribution, grace_period())
    record(ErasureAsked(contribution.kind, contribution.id))
    record(PublicChanged(contribution.kind, contribution.id))
    return asked


def grace_period() -> timedelta:
    """For how long it can be taken back."""
    return timedelta(days=max(0, current_app.config["ERASE_AFTER_DAYS"]))


def cancel(actor: Any, contribution: Any) -> None:
    """Have it not erased after all: it is withdrawn then, or as the staff left it. Its author may, until it is done.

    Raises NotAllowed for anybody else, Conflict when it is erased, or when nobody asked for it.
    """
    require(may_erase(actor, contribution), "Only its author can take that back.")
    taken_back = db.session.execute(
        sa.delete(Erasure)
        .where(
            Erasure.kind == contribution.kind,
            Erasure.contribution_id == contribution.id,
            Erasure.done_at.is_(None),
        )
        .execution_options(synchronize_session=False)
    )
    if cast("sa.CursorResult[Any]", taken_back).rowcount != 1:
        if erasure_requests.is_requested(contribution):
            raise Conflict("It is too late for that: it is erased already.")
        raise Conflict("Nothing of this waits to be erased.")
    record(ErasureTakenBack(contribution.kind, contribution.id))


def carry_out_due() -> None:
    """For the worker: erase what is due, each in a transaction of its own, and let the database file forget it."""
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
    # What a process did not get to before it ended, the next one does.
    if ids or current_app.extensions.get("salve.log_remembers", True):
        current_app.extensions["salve.log_remembers"] = not database.truncate_wal()


def _erase(erasure_id: int) -> None:
    """Erase one, unless its author took that back or another worker was faster."""
    row = db.session.execute(
        sa.update(Erasure)
        .where(Erasure.id == erasure_id, Erasure.done_at.is_(None))
        .values(done_at=clock.now())
        .returning(Erasure.kind, Erasure.contribution_id)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is not None:
        record(Erased(row.kind, row.contribution_id))


def erase_with(contribution: Any) -> None:
    """Erase what stands under something that is erased, by the same author. For the rooms, while they clear."""
    asked = erasure_requests.request_for(contribution) or _add(contribution, timedelta(0))
    _erase(asked.id)


def _add(contribution: Any, regret: timedelta) -> Erasure:
    now = clock.now()
    asked = Erasure(
        kind=contribution.kind,
        contribution_id=contribution.id,
        person_id=contribution.author_id,
        asked_at=now,
        due_at=now + regret,
    )
    db.session.add(asked)
    db.session.flush()
    return asked
