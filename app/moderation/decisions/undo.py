"""Undo: taking back a decision within seconds, recorded as a second decision.

The contribution and its queue item are as they were before, and the author is not told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.foundation import clock, kinds
from app.foundation.access import require
from app.foundation.contributions import erasure_requests, publication, revisions
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db
from app.foundation.errors import Conflict, Refused
from app.foundation.events import DecisionUndone, PublicChanged, record
from app.moderation.audit import audit_log
from app.moderation.decisions.models import Action, Decision
from app.moderation.queue import queue
from app.moderation.queue.models import QueueItem, Task
from app.moderation.references import columns

WITHIN = timedelta(seconds=30)

_ON_A_VERSION = {
    Action.REJECT: RevisionState.REJECTED,
    Action.REQUEST_CHANGES: RevisionState.CHANGES_REQUESTED,
}
_TURNED = {
    Action.HIDE: PublicationState.HIDDEN,
    Action.RESTORE: PublicationState.PUBLISHED,
    Action.REMOVE: PublicationState.REMOVED,
}
# What is loaded for the offer to undo a decision.
_TITLE = tuple(joinedload(Decision.revision_of(kind)).options(*kind.loading.title) for kind in kinds.all_kinds())


def last(actor: Any) -> Decision | None:
    """Return the decision that this moderator can still undo, their last one, or None after 30 seconds."""
    decision = db.session.scalar(
        sa.select(Decision)
        .options(joinedload(Decision.undone_by), joinedload(Decision.item), *_TITLE)
        .where(Decision.moderator_id == actor.id)
        .order_by(Decision.id.desc())
        .limit(1)
    )
    return decision if decision is not None and may_undo(actor, decision) else None


def may_undo(actor: Any, decision: Decision) -> bool:
    """Return whether the actor made it within the last 30 seconds and has not undone it. A redaction cannot be undone:
    the author may send another version.
    """
    return (
        decision.moderator_id == actor.id
        and decision.action not in (Action.UNDO, Action.MASK)
        and decision.undone_by is None
        and clock.now() - decision.created_at <= WITHIN
        and not _answers_an_appeal(decision)
    )


def _answers_an_appeal(decision: Decision) -> bool:
    """Return whether it answered an appeal. That cannot be undone, because the person has been told already."""
    return decision.item is not None and decision.item.task is Task.APPEAL


def seconds_left(decision: Decision) -> int:
    """Return for how many seconds a decision can still be undone."""
    return max(0, int((decision.created_at + WITHIN - clock.now()).total_seconds()))


def undo(actor: Person, decision: Decision) -> Decision:
    """Undo one's own decision. The moderator who made it may, for 30 seconds.

    What was public before is public again, and what was pending is pending again. Raises Refused if it is too late,
    Conflict if the author or another moderator has acted since.
    """
    require(decision.moderator_id == actor.id and actor.is_moderator, "Only who decided can undo it.")
    if not may_undo(actor, decision):
        raise Refused("A decision can be undone for 30 seconds. What is public can still be hidden.")
    contribution = decision.contribution
    _check_nothing_followed(decision)
    undone = Decision(
        action=Action.UNDO,
        moderator_id=actor.id,
        undoes_id=decision.id,
        item_id=decision.item_id,
        state_before=contribution.state,
        live_before=contribution.live_revision_id,
        **columns(decision.kind, contribution.id, decision.revision.id if decision.revision else None),
    )
    try:
        with db.session.begin_nested():
            db.session.add(undone)
    except IntegrityError:
        raise Conflict("This was undone already.") from None
    _put_back(decision)
    if decision.item_id is not None and decision.action is not Action.ESCALATE:
        queue.reopen(decision.item_id)
    audit_log.record(actor, Action.UNDO, contribution, revision=decision.revision, reason=decision.reason)
    record(DecisionUndone(decision.id))
    return undone


def _check_nothing_followed(decision: Decision) -> None:
    later = sa.select(Decision.id).where(Decision.about(decision.contribution), Decision.id > decision.id)
    if db.session.scalar(sa.select(later.exists())):
        raise Conflict("Something else was decided on this since. It stays as it is.")


def _put_back(decision: Decision) -> None:
    contribution, revision, before = decision.contribution, decision.revision, decision.state_before
    assert before is not None, "kept by every decision that can be undone"
    if decision.action is Action.APPROVE:
        publication.take_back_live(contribution, before, decision.live_before)
    elif decision.action in _ON_A_VERSION:
        _let_wait(decision, revision)
    elif decision.action in _TURNED:
        publication.change_state(contribution, _TURNED[decision.action], before)
        record(PublicChanged(contribution.kind, contribution.id))
    elif decision.action is Action.ESCALATE:
        db.session.execute(
            sa.update(QueueItem)
            .where(QueueItem.id == decision.item_id)
            .values(escalated_by_id=None)
            .execution_options(synchronize_session="fetch")
        )


def _let_wait(decision: Decision, revision: Any) -> None:
    contribution = decision.contribution
    is_as_left = contribution.state is decision.state_before and revision.state is _ON_A_VERSION[decision.action]
    if not is_as_left or publication.pending_of(contribution) is not None:
        raise Conflict("The author has gone on from there in the meantime. Your decision stays.")
    if take_back := kinds.of(revision).take_back:
        take_back(revision)
    revisions.transition(revision, RevisionState.PENDING, message=publication.CHANGED_MEANWHILE)
    erasure_requests.lock_and_check(contribution)
