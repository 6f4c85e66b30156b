"""Undo: a moderator takes a decision back within seconds, which is a second decision on record.

The text goes back to the state it was in, the item to its place in the queue, and the author is told of neither.
"""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.foundation import clock, kinds
from app.foundation.access import Actor, require
from app.foundation.contributions import erasure_requests, publication
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db
from app.foundation.errors import Conflict, Refused
from app.foundation.events import DecisionUndone, PublicChanged, record
from app.moderation import policy
from app.moderation.appeals.statements import VERSION_RESTRICTIONS
from app.moderation.audit import audit_log
from app.moderation.decisions import decisions
from app.moderation.decisions.models import Action, Decision
from app.moderation.queue import queue
from app.moderation.queue.models import QueueItem
from app.moderation.references import columns

_STATE_CHANGES = {change.action: change for change in (decisions.HIDE, decisions.RESTORE, decisions.REMOVE)}
# What the line needs that offers to undo a decision: the words the revision is known by.
_TITLE_LOADERS = tuple(
    joinedload(Decision.revision_of(kind)).options(*kind.loading.title) for kind in kinds.all_kinds()
)


def last(actor: Actor) -> Decision | None:
    """The last decision of this moderator, if they can still undo it."""
    decision = db.session.scalar(
        sa.select(Decision)
        .options(joinedload(Decision.undone_by), joinedload(Decision.item), *_TITLE_LOADERS)
        .where(Decision.moderator_id == actor.id)
        .order_by(Decision.id.desc())
        .limit(1)
    )
    return decision if decision is not None and policy.may_undo(actor, decision) else None


def seconds_left(decision: Decision) -> int:
    """For how many seconds a decision can still be undone."""
    return max(0, int((decision.created_at + policy.UNDO_WITHIN - clock.now()).total_seconds()))


def undo(actor: Person, decision: Decision) -> Decision:
    """Undo one's own decision. The moderator who made it may, for 30 seconds.

    What was public before is public again, and what was pending is pending again. Raises NotAllowed for anybody else,
    Refused when it is too late, Conflict when the author or another moderator has done something since.
    """
    require(decision.moderator_id == actor.id and actor.is_moderator, _("Only the moderator who decided can undo it."))
    if not policy.may_undo(actor, decision):
        raise Refused(
            _("It’s too late to undo this. You could do so for 30 seconds. If it’s public, you can still hide it.")
        )
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
        raise Conflict(_("This has already been undone.")) from None
    _restore_state(decision)
    if decision.item_id is not None and decision.action is not Action.ESCALATE:
        queue.reopen(decision.item_id)
    audit_log.record(actor, Action.UNDO, contribution, revision=decision.revision, reason=decision.reason)
    record(DecisionUndone(decision.id))
    return undone


def _check_nothing_followed(decision: Decision) -> None:
    """Raise Conflict if there is a later decision on the same contribution."""
    later = sa.select(Decision.id).where(Decision.about(decision.contribution), Decision.id > decision.id)
    if db.session.scalar(sa.select(later.exists())):
        raise Conflict(_("There’s been another decision on this since, so yours can’t be undone."))


def _restore_state(decision: Decision) -> None:
    """Bring the contribution and the revision back to the state before the decision."""
    contribution, before = decision.contribution, decision.state_before
    assert before is not None, "kept by every decision that can be undone"
    if decision.action is Action.APPROVE:
        publication.undo_make_live(contribution, before, decision.live_before)
    elif decision.action in VERSION_RESTRICTIONS:
        _make_pending_again(decision)
    elif decision.action in _STATE_CHANGES:
        publication.change_state(contribution, _STATE_CHANGES[decision.action].to, before)
        record(PublicChanged(contribution.kind, contribution.id))
    elif decision.action is Action.ESCALATE:
        db.session.execute(
            sa.update(QueueItem)
            .where(QueueItem.id == decision.item_id)
            .values(escalated_by_id=None)
            .execution_options(synchronize_session="fetch")
        )


def _make_pending_again(decision: Decision) -> None:
    """Undo a rejection or a request for changes. Raises Conflict if the author has sent or withdrawn anything since."""
    contribution, revision = decision.contribution, decision.revision
    assert revision is not None, "every decision on a revision names it"
    unchanged = contribution.state is decision.state_before and revision.state is VERSION_RESTRICTIONS[decision.action]
    if not unchanged or publication.pending_of(contribution) is not None:
        raise Conflict(_("The author has already started a new version, so your decision can’t be undone."))
    if delete_draft := kinds.of(revision).delete_draft:
        delete_draft(revision)
    publication.transition(revision, RevisionState.PENDING, message=publication.CHANGED_MEANWHILE)
    erasure_requests.lock_and_check(contribution)
