"""Decisions of moderators on contributions.

Every function takes the revision that the moderator has *read*. If the author has changed the text since, or another
moderator was faster, no row matches and the function raises Conflict: nobody approves words they have not seen.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from app.accounts.models import Person
from app.foundation import kinds
from app.foundation.access import Role, require
from app.foundation.contributions import publication, revisions
from app.foundation.contributions.models import Contribution, PublicationState
from app.foundation.contributions.revisions import Revision, RevisionState
from app.foundation.database import db
from app.foundation.errors import Conflict, Refused
from app.foundation.events import DecisionMade, PublicChanged, record
from app.moderation import policy
from app.moderation.appeals import statements
from app.moderation.audit import audit_log
from app.moderation.decisions.models import Action, Decision, DecisionNote
from app.moderation.queue import queue
from app.moderation.queue.models import QueueItem
from app.moderation.reasons import REASONS
from app.moderation.references import columns

NOTE_LONGEST = 2_000


def approve(actor: Person, revision: Revision, note: str = "") -> Decision:
    """Publish a pending revision. Moderators may, on what others wrote.

    Raises Conflict if it is not pending any more: decided by somebody else, withdrawn, or replaced by its author.
    """
    before = state_before(revision.contribution)
    item_id = _settle(actor, revision, RevisionState.APPROVED)
    publication.make_live(revision.contribution, revision)
    return record_decision(actor, Action.APPROVE, revision.contribution, revision, None, note, item_id, before)


def request_changes(actor: Person, revision: Revision, reason: str, note: str = "") -> Decision:
    """Ask the author to change a pending revision. Moderators may, on what others wrote.

    Raises Refused without a reason, Conflict as `approve` does.
    """
    check_reason(reason)
    before = state_before(revision.contribution)
    item_id = _settle(actor, revision, RevisionState.CHANGES_REQUESTED)
    if hand_back := kinds.of(revision).hand_back:
        hand_back(revision)
    return record_decision(
        actor, Action.REQUEST_CHANGES, revision.contribution, revision, reason, note, item_id, before
    )


def reject(actor: Person, revision: Revision, reason: str, note: str = "") -> Decision:
    """Reject a pending revision. Moderators may, on what others wrote.

    Raises Refused without a reason, Conflict as `approve` does.
    """
    check_reason(reason)
    before = state_before(revision.contribution)
    item_id = _settle(actor, revision, RevisionState.REJECTED)
    return record_decision(actor, Action.REJECT, revision.contribution, revision, reason, note, item_id, before)


def hide(actor: Person, contribution: Contribution, reason: str, note: str = "") -> Decision:
    """Hide a published contribution; it can be restored. Moderators may, on what others wrote.

    Closes its open reports. Raises Refused without a reason, Conflict if it is not published any more.
    """
    check_reason(reason)
    told = "This is not public any more: somebody else was faster."
    origin = (PublicationState.PUBLISHED,)
    return _turn(actor, contribution, Action.HIDE, origin, PublicationState.HIDDEN, reason, note, told)


def restore(actor: Person, contribution: Contribution, note: str = "") -> Decision:
    """Restore a hidden contribution. Moderators may, on what others wrote. Raises Conflict if it is not hidden."""
    told = "This is not hidden any more: somebody else was faster."
    origin = (PublicationState.HIDDEN,)
    return _turn(actor, contribution, Action.RESTORE, origin, PublicationState.PUBLISHED, None, note, told)


def remove(actor: Person, contribution: Contribution, reason: str, note: str = "") -> Decision:
    """Remove a published contribution for good; its page says so. Moderators may, on what others wrote.

    A pending revision stays pending, and approving it does not bring the contribution back. Raises
    Refused without a reason, Conflict if there is nothing to remove.
    """
    check_reason(reason)
    told = "This is not here any more: somebody else was faster."
    origin = (PublicationState.PUBLISHED, PublicationState.HIDDEN)
    return _turn(actor, contribution, Action.REMOVE, origin, PublicationState.REMOVED, reason, note, told)


def keep(actor: Person, contribution: Contribution) -> Decision:
    """Answer the open reports on a contribution: it stays as it is. The author is not told.

    Raises Conflict if no report is open any more.
    """
    require(policy.may_decide(actor, contribution))
    before = state_before(contribution)
    item_id = queue.close_reports(contribution)
    if item_id is None:
        raise Conflict("These reports were answered in the meantime.")
    return record_decision(actor, Action.KEEP, contribution, contribution.live, None, "", item_id, before)


def escalate(actor: Person, item: QueueItem, words: str = "") -> Decision:
    """Ask for a second reader: from now on only other moderators decide. Moderators may, on what others wrote.

    The note is for the other moderators. Raises Refused if there is nobody else, Conflict if it is not pending any
    more or somebody has asked already.
    """
    contribution = item.contribution
    require(policy.may_decide(actor, contribution), "Somebody else has to decide on what you wrote.")
    if not _others(actor, contribution):
        raise Refused("There is nobody else yet who could decide on this.", "note")
    asked = db.session.execute(
        sa.update(QueueItem)
        .where(QueueItem.id == item.id, queue.WAITING, QueueItem.escalated_by_id.is_(None))
        .values(escalated_by_id=actor.id)
        .execution_options(synchronize_session="fetch")
    )
    if cast("sa.CursorResult[Any]", asked).rowcount != 1:
        raise Conflict("Somebody decided on this, or asked for a second reader, while you were reading it.")
    before = state_before(contribution)
    return record_decision(actor, Action.ESCALATE, contribution, item.revision, None, words, item.id, before)


def _others(actor: Person, contribution: Contribution) -> bool:
    """Return whether anybody except this moderator could decide on it."""
    others = sa.select(Person.id).where(
        Person.role.in_([Role.MODERATOR, Role.ADMIN]),
        Person.not_suspended(),
        Person.id.not_in([actor.id, contribution.author_id]),
    )
    return bool(db.session.scalar(sa.select(others.exists())))


def overturn(actor: Person, decision: Decision, note: str, item_id: int | None) -> Decision | None:
    """Make the opposite decision after an appeal. Called by `appeals.answer`, which has checked who may.

    A revision that was refused is published, unless a newer one is public by now; what was hidden is restored. The
    answer to the appeal notifies the author. Returns None if there is nothing left to overturn.
    """
    if not statements.stands(decision):
        return None
    contribution, revision = decision.contribution, decision.revision
    before = state_before(contribution)
    if decision.action in statements.VERSION_RESTRICTIONS:
        assert revision is not None, "every decision on a version names it"
        action = Action.APPROVE
        _publish_after_all(contribution, revision)
    else:
        action = Action.RESTORE
        # If it was hidden when it was removed, it is hidden again.
        to = decision.state_before or PublicationState.PUBLISHED
        publication.change_state(contribution, contribution.state, to, told=_CHANGED_MEANWHILE)
        record(PublicChanged(contribution.kind, contribution.id))
    return _written(actor, action, contribution, revision, None, note, item_id, before)


_CHANGED_MEANWHILE = "This changed while you were reading it. Please look at it again."


def _publish_after_all(contribution: Contribution, revision: Revision) -> None:
    revisions.transition(revision, RevisionState.APPROVED, message=_CHANGED_MEANWHILE)
    if contribution.live is not None and contribution.live.number > revision.number:
        revisions.transition(revision, RevisionState.SUPERSEDED, message=_CHANGED_MEANWHILE)
    else:
        publication.make_live(contribution, revision)


def history(contribution: Contribution) -> list[Decision]:
    """Return all decisions on a contribution, oldest first."""
    decided = sa.select(Decision).where(Decision.about(contribution)).order_by(Decision.id)
    return list(db.session.scalars(decided).unique())


def _settle(actor: Person, revision: Revision, to: RevisionState) -> int | None:
    require(policy.may_decide(actor, revision.contribution), "Somebody else has to decide on what you wrote.")
    if not revision.is_pending:
        raise Conflict(_told(revision))
    item = queue.waiting_for(revision)
    require(item is None or item.escalated_by_id != actor.id, "You asked for a second reader: somebody else decides.")
    try:
        revisions.transition(revision, to, message="")
    except Conflict:
        db.session.refresh(revision)
        raise Conflict(_told(revision)) from None
    return queue.close_revision(revision.kind, revision.id)


def _told(revision: Revision) -> str:
    what = {
        RevisionState.SUPERSEDED: "The author sent a newer version while you were reading this one.",
        RevisionState.WITHDRAWN: "The author withdrew this text while you were reading it.",
    }
    return what.get(revision.state, "Somebody else decided on this while you were reading it.")


def _turn(
    actor: Person,
    contribution: Contribution,
    action: Action,
    origin: Collection[PublicationState],
    to: PublicationState,
    reason: str | None,
    note: str,
    told: str,
) -> Decision:
    require(policy.may_decide(actor, contribution), "Somebody else has to decide on what you wrote.")
    before = state_before(contribution)
    if before.state not in origin:
        raise Conflict(told)
    publication.change_state(contribution, before.state, to, told=told)
    item_id = queue.close_reports(contribution)
    record(PublicChanged(contribution.kind, contribution.id))
    return record_decision(actor, action, contribution, contribution.live, reason, note, item_id, before)


class StateBefore(NamedTuple):
    """The publication state and live revision of a contribution before a decision."""

    state: PublicationState
    live_id: int | None


def state_before(contribution: Contribution) -> StateBefore:
    """Return the present publication state and live revision of a contribution."""
    return StateBefore(contribution.state, contribution.live_revision_id)


def check_reason(reason: str) -> None:
    """Raise Refused unless this is the code of a guideline."""
    if reason not in REASONS:
        raise Refused("Please choose the reason: the author is told which guideline it rests on.", "reason")


def record_decision(
    actor: Person,
    action: Action,
    contribution: Contribution,
    revision: Any,
    reason: str | None,
    note: str,
    item_id: int | None,
    before: StateBefore,
) -> Decision:
    """Store a decision and record its events. For the functions of this package, which have checked who may decide."""
    if len(note) > NOTE_LONGEST:
        raise Refused(f"A note has at most {NOTE_LONGEST:,} characters.", "note")
    if not note.strip() and reason:
        note = str(REASONS[reason].note)
    decision = _written(actor, action, contribution, revision, reason, note, item_id, before)
    audit_log.record(actor, action, contribution, revision=revision, reason=reason)
    record(DecisionMade(decision.id))
    return decision


def _written(
    actor: Person,
    action: Action,
    contribution: Contribution,
    revision: Any,
    reason: str | None,
    note: str,
    item_id: int | None,
    before: StateBefore,
) -> Decision:
    decision = Decision(
        action=action,
        reason=reason,
        moderator_id=actor.id,
        item_id=item_id,
        state_before=before.state,
        live_before=before.live_id,
        **columns(contribution.kind, contribution.id, revision.id if revision else None),
    )
    if note.strip():
        decision.note = DecisionNote(text=note.strip())
    db.session.add(decision)
    db.session.flush()
    return decision
