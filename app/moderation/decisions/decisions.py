"""Decisions of moderators on contributions.

A decision on a revision names the one that the moderator *read*. If its author has changed the text since, or another
moderator was faster, the conditional UPDATE finds no row and Conflict is raised: nobody approves words they have not
seen. Every decision is put on record and in the audit log, and its author is told of most of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from app.accounts.models import Person
from app.foundation import kinds
from app.foundation.access import Role, require
from app.foundation.contributions import publication
from app.foundation.contributions.models import Contribution, PublicationState
from app.foundation.contributions.revisions import Revision, RevisionState
from app.foundation.database import db, rows_changed
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

NOTE_MAX_LENGTH = 2_000
NOT_YOUR_OWN = lazy_gettext("You wrote this, so another moderator has to decide on it.")
_CHANGED_MEANWHILE = lazy_gettext("This changed while you were reading it. Look at it again.")


class StateBefore(NamedTuple):
    """The state of a contribution before a decision, to go back to: its own, and the id of its live revision."""

    state: PublicationState
    live_id: int | None


@dataclass(frozen=True)
class DecisionRecord:
    """What is put on record of a decision. `item_id` is the item of the queue that it closed, if it closed one."""

    action: Action
    contribution: Contribution
    revision: Revision | None
    before: StateBefore
    reason: str | None = None
    note: str = ""
    item_id: int | None = None


@dataclass(frozen=True)
class StateChange:
    """A decision on something published: the states it can be made in, the state it leads to, and what a moderator
    reads who was too late.
    """

    action: Action
    origins: tuple[PublicationState, ...]
    to: PublicationState
    too_late: LazyString


HIDE = StateChange(
    Action.HIDE,
    (PublicationState.PUBLISHED,),
    PublicationState.HIDDEN,
    lazy_gettext("This is no longer public. Someone else decided first."),
)
RESTORE = StateChange(
    Action.RESTORE,
    (PublicationState.HIDDEN,),
    PublicationState.PUBLISHED,
    lazy_gettext("This is no longer hidden. Someone else decided first."),
)
REMOVE = StateChange(
    Action.REMOVE,
    (PublicationState.PUBLISHED, PublicationState.HIDDEN),
    PublicationState.REMOVED,
    lazy_gettext("This is no longer here. Someone else decided first."),
)


def approve(actor: Person, revision: Revision, note: str = "") -> Decision:
    """Publish a pending revision. Moderators may, on what others wrote.

    Raises Conflict if it is not pending any more: decided by somebody else, withdrawn, or replaced by its author.
    """
    contribution = revision.contribution
    before = state_before(contribution)
    item_id = _decide_on(actor, revision, RevisionState.APPROVED)
    publication.make_live(contribution, revision)
    return record_decision(
        actor, DecisionRecord(Action.APPROVE, contribution, revision, before, note=note, item_id=item_id)
    )


def request_changes(actor: Person, revision: Revision, reason: str, note: str = "") -> Decision:
    """Ask the author for another version, which kinds with drafts leave them a draft for. Moderators may, on what
    others wrote.

    Raises Refused without a reason, Conflict as `approve` does.
    """
    check_reason(reason)
    before = state_before(revision.contribution)
    item_id = _decide_on(actor, revision, RevisionState.CHANGES_REQUESTED)
    if create_draft := kinds.of(revision).create_draft:
        create_draft(revision)
    return record_decision(
        actor,
        DecisionRecord(Action.REQUEST_CHANGES, revision.contribution, revision, before, reason, note, item_id),
    )


def reject(actor: Person, revision: Revision, reason: str, note: str = "") -> Decision:
    """Decide that a revision will not be published. Moderators may, on what others wrote.

    Raises Refused without a reason, Conflict as `approve` does.
    """
    check_reason(reason)
    before = state_before(revision.contribution)
    item_id = _decide_on(actor, revision, RevisionState.REJECTED)
    return record_decision(
        actor, DecisionRecord(Action.REJECT, revision.contribution, revision, before, reason, note, item_id)
    )


def hide(actor: Person, contribution: Contribution, reason: str, note: str = "") -> Decision:
    """Hide a published contribution; it can be restored. Moderators may, on what others wrote.

    Closes its open reports. Raises Refused without a reason, Conflict if it is not published any more.
    """
    check_reason(reason)
    return _change_state(actor, contribution, HIDE, reason, note)


def restore(actor: Person, contribution: Contribution, note: str = "") -> Decision:
    """Publish again what was hidden. Moderators may, on what others wrote. Raises Conflict if it is not hidden."""
    return _change_state(actor, contribution, RESTORE, None, note)


def remove(actor: Person, contribution: Contribution, reason: str, note: str = "") -> Decision:
    """Remove something that was published, for good; its page says so. Moderators may, on what others wrote.

    A pending revision stays pending, and approving it does not bring the contribution back. Raises Refused without a
    reason, Conflict if it is neither published nor hidden.
    """
    check_reason(reason)
    return _change_state(actor, contribution, REMOVE, reason, note)


def keep(actor: Person, contribution: Contribution) -> Decision:
    """Answer open reports: it was read again and stays as it is. Its author is not told. Moderators may, on what others
    wrote.

    Raises Conflict if no report is open any more.
    """
    require(policy.may_decide(actor, contribution))
    before = state_before(contribution)
    item_id = queue.close_reports(contribution)
    if item_id is None:
        raise Conflict(_("Someone else has already answered these reports."))
    return record_decision(actor, DecisionRecord(Action.KEEP, contribution, contribution.live, before, item_id=item_id))


def escalate(actor: Person, item: QueueItem, words: str = "") -> Decision:
    """Ask for a second opinion: from now on only other moderators decide. Moderators may, on what others wrote.

    The words are for the other moderators. Raises Refused if there is nobody else, Conflict if the item is closed or
    somebody asked before.
    """
    contribution = item.contribution
    require(policy.may_decide(actor, contribution), str(NOT_YOUR_OWN))
    if not _has_other_moderators(actor, contribution):
        raise Refused(_("There’s no other moderator yet who could decide on this."), "note")
    unasked = sa.and_(QueueItem.id == item.id, queue.IS_OPEN, QueueItem.escalated_by_id.is_(None))
    if not rows_changed(sa.update(QueueItem).where(unasked).values(escalated_by_id=actor.id), synchronize="fetch"):
        raise Conflict(_("Someone else decided on this, or asked for a second opinion, while you were reading it."))
    before = state_before(contribution)
    return record_decision(
        actor, DecisionRecord(Action.ESCALATE, contribution, item.revision, before, note=words, item_id=item.id)
    )


def _has_other_moderators(actor: Person, contribution: Contribution) -> bool:
    """Whether anybody but this moderator could decide on it."""
    others = sa.select(Person.id).where(
        Person.role.in_([Role.MODERATOR, Role.ADMIN]),
        Person.not_suspended(),
        Person.id.not_in([actor.id, contribution.author_id]),
    )
    return bool(db.session.scalar(sa.select(others.exists())))


def overturn(actor: Person, decision: Decision, note: str, item_id: int | None) -> Decision | None:
    """Do the opposite of a decision after an appeal. Called by `appeals.answer`, which has checked who may.

    A revision that was not published is, unless a newer one is public by now; what was hidden is restored. The author
    is told by the answer to the appeal. Returns None if the decision does not stand any more, so that nothing is to be
    done.
    """
    if not statements.is_in_force(decision):
        return None
    contribution, revision = decision.contribution, decision.revision
    before = state_before(contribution)
    if decision.action in statements.VERSION_RESTRICTIONS:
        assert revision is not None, "every decision on a revision names it"
        action = Action.APPROVE
        _publish_overturned(contribution, revision)
    else:
        action = Action.RESTORE
        # If it was hidden when it was removed, it is hidden again.
        to = decision.state_before or PublicationState.PUBLISHED
        publication.change_state(contribution, contribution.state, to, str(_CHANGED_MEANWHILE))
        record(PublicChanged(contribution.kind, contribution.id))
    return _insert(actor, DecisionRecord(action, contribution, revision, before, note=note, item_id=item_id))


def _publish_overturned(contribution: Contribution, revision: Revision) -> None:
    publication.transition(revision, RevisionState.APPROVED, message=str(_CHANGED_MEANWHILE))
    if contribution.live is not None and contribution.live.number > revision.number:
        publication.transition(revision, RevisionState.SUPERSEDED, message=str(_CHANGED_MEANWHILE))
    else:
        publication.make_live(contribution, revision)


def history(contribution: Contribution) -> list[Decision]:
    """Return all decisions on a contribution, oldest first."""
    decided = sa.select(Decision).where(Decision.about(contribution)).order_by(Decision.id)
    return list(db.session.scalars(decided).unique())


def _decide_on(actor: Person, revision: Revision, to: RevisionState) -> int | None:
    """Move a pending revision to another state and close its item of the queue; return the id of the item."""
    require(policy.may_decide(actor, revision.contribution), str(NOT_YOUR_OWN))
    if not revision.is_pending:
        raise Conflict(_why_too_late(revision))
    item = queue.open_item_of(revision)
    require(
        item is None or item.escalated_by_id != actor.id,
        _("You asked for a second opinion, so another moderator has to decide."),
    )
    try:
        publication.transition(revision, to, message="")
    except Conflict:
        db.session.refresh(revision)
        raise Conflict(_why_too_late(revision)) from None
    return queue.close_revision(revision.kind, revision.id)


def _why_too_late(revision: Revision) -> str:
    messages = {
        RevisionState.SUPERSEDED: _("The author has sent a newer version. Decide on that one instead."),
        RevisionState.WITHDRAWN: _("The author withdrew this while you were reading it."),
    }
    return str(messages.get(revision.state, _("Someone else decided on this while you were reading it.")))


def _change_state(
    actor: Person, contribution: Contribution, change: StateChange, reason: str | None, note: str
) -> Decision:
    require(policy.may_decide(actor, contribution), str(NOT_YOUR_OWN))
    before = state_before(contribution)
    if before.state not in change.origins:
        raise Conflict(str(change.too_late))
    publication.change_state(contribution, before.state, change.to, str(change.too_late))
    item_id = queue.close_reports(contribution)
    record(PublicChanged(contribution.kind, contribution.id))
    return record_decision(
        actor, DecisionRecord(change.action, contribution, contribution.live, before, reason, note, item_id)
    )


def state_before(contribution: Contribution) -> StateBefore:
    """The state of a contribution now, to be recorded with the decision that changes it."""
    return StateBefore(contribution.state, contribution.live_revision_id)


def check_reason(reason: str) -> None:
    """Raise Refused unless this is the code of a guideline."""
    if reason not in REASONS:
        raise Refused(_("Choose a reason. We tell the author which guideline it’s about."), "reason")


def record_decision(actor: Person, entry: DecisionRecord) -> Decision:
    """Put a decision on record and in the audit log, and record DecisionMade. The caller has checked who may.

    A decision with a reason and without a note gets the note of that reason. Raises Refused if the note is too long.
    """
    if len(entry.note) > NOTE_MAX_LENGTH:
        raise Refused(_("A note can have up to %(most)s characters.", most=f"{NOTE_MAX_LENGTH:,}"), "note")
    decision = _insert(actor, entry)
    audit_log.record(actor, entry.action, entry.contribution, revision=entry.revision, reason=entry.reason)
    record(DecisionMade(decision.id))
    return decision


def _insert(actor: Person, entry: DecisionRecord) -> Decision:
    note = entry.note.strip() or (str(REASONS[entry.reason].note) if entry.reason else "")
    decision = Decision(
        action=entry.action,
        reason=entry.reason,
        moderator_id=actor.id,
        item_id=entry.item_id,
        state_before=entry.before.state,
        live_before=entry.before.live_id,
        **columns(entry.contribution.kind, entry.contribution.id, entry.revision.id if entry.revision else None),
    )
    if note:
        decision.note = DecisionNote(text=note)
    db.session.add(decision)
    db.session.flush()
    return decision
