"""Statements of reasons: a page for the author of a restricted text, or for a person who was sanctioned.

It says what was decided, on what, by which guideline, in the moderator's words exactly as written, and how to appeal;
never who decided, since a moderator speaks for the site.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.foundation import clock, kinds
from app.foundation.access import Actor
from app.foundation.contributions import erasure_requests, publication
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db
from app.moderation import policy
from app.moderation.appeals.models import Appeal
from app.moderation.decisions.models import Action, Decision
from app.moderation.queue import differences
from app.moderation.queue.differences import Piece
from app.moderation.reasons import REASONS, Reason
from app.moderation.sanctions.models import Sanction

# For how many months a decision can be appealed.
APPEAL_MONTHS = 6

# Decisions that restrict a revision, with the state it is in then; and those that restrict what was published.
VERSION_RESTRICTIONS = {Action.REJECT: RevisionState.REJECTED, Action.REQUEST_CHANGES: RevisionState.CHANGES_REQUESTED}
PUBLISHED_RESTRICTIONS = {Action.HIDE: PublicationState.HIDDEN, Action.REMOVE: PublicationState.REMOVED}
RESTRICTIONS = frozenset({*VERSION_RESTRICTIONS, *PUBLISHED_RESTRICTIONS})
# Decisions with a statement. A redaction cannot be appealed: whoever disagrees sends another version.
ACTIONS_WITH_STATEMENT = RESTRICTIONS | {Action.REDACT}


@dataclass(frozen=True)
class Statement:
    """The statement of reasons for a decision or a sanction."""

    about: Decision | Sanction
    reason: Reason | None
    words: str
    is_in_force: bool
    appeal_until: datetime
    appeal: Appeal | None
    # The paragraphs in which a redaction replaced words.
    change: Sequence[Sequence[Piece]] = ()

    @property
    def is_redaction(self) -> bool:
        """Whether it is about a redaction, which takes nothing away but these words."""
        return isinstance(self.about, Decision) and self.about.action is Action.REDACT

    @property
    def may_appeal(self) -> bool:
        """Whether it can be appealed now: it is in force, nobody has appealed, and the time is not over."""
        return self.is_in_force and self.appeal is None and clock.now() < self.appeal_until


def for_decision(actor: Actor, decision_id: int) -> Statement | None:
    """The statement on a decision, for the author it restricts and for moderators; None for everybody else."""
    decision = db.session.get(Decision, decision_id)
    # Nobody was told of a decision that was undone within seconds.
    if decision is None or decision.action not in ACTIONS_WITH_STATEMENT or decision.undone_by is not None:
        return None
    if not policy.may_read_statement(actor, decision):
        return None
    return Statement(
        about=decision,
        reason=REASONS.get(decision.reason or ""),
        words=decision.note.text if decision.note else "",
        is_in_force=is_in_force(decision),
        appeal_until=appeal_until(decision),
        appeal=appeal_against(decision),
        change=_replaced_words(decision) if decision.action is Action.REDACT else (),
    )


def _replaced_words(decision: Decision) -> Sequence[Sequence[Piece]]:
    """The paragraphs in which a redaction replaced words, as they were and as they are."""
    redacted = decision.revision
    assert redacted is not None, "a redaction makes a revision"
    table, own = publication.revisions_of(decision.contribution)
    before = db.session.scalar(sa.select(table).where(own, table.number == redacted.number - 1))
    if decision.live_before is not None and redacted.state is not RevisionState.PENDING:
        # The live revision was redacted, whatever was sent meanwhile.
        before = db.session.get(table, decision.live_before) or before
    if before is None:
        return ()
    paragraphs = (
        paragraph
        for text in kinds.of(redacted).texts
        for paragraph in differences.compare_paragraphs(text.of(before), text.of(redacted))
    )
    return [paragraph for paragraph in paragraphs if any(piece.change != "same" for piece in paragraph)]


def for_sanction(actor: Actor, sanction_id: int) -> Statement | None:
    """The statement on a sanction, for the person it is against and for moderators; None for everybody else."""
    sanction = db.session.get(Sanction, sanction_id)
    if sanction is None or not policy.may_read_statement(actor, sanction):
        return None
    return Statement(
        about=sanction,
        reason=REASONS.get(sanction.reason),
        words=sanction.words,
        is_in_force=is_in_force(sanction),
        appeal_until=appeal_until(sanction),
        appeal=appeal_against(sanction),
    )


def appeal_against(about: Decision | Sanction) -> Appeal | None:
    """Return the appeal against a decision or a sanction, or None."""
    column = Appeal.decision_id if isinstance(about, Decision) else Appeal.sanction_id
    return db.session.scalar(sa.select(Appeal).where(column == about.id))


def appeals_against(decisions: Sequence[Decision]) -> dict[int, Appeal]:
    """Return the appeals against these decisions, by the id of the decision. One statement."""
    ids = [decision.id for decision in decisions]
    rows = db.session.scalars(sa.select(Appeal).where(Appeal.decision_id.in_(ids))) if ids else ()
    return {appeal.decision_id: appeal for appeal in rows if appeal.decision_id is not None}


def is_in_force(about: Decision | Sanction) -> bool:
    """Whether it still applies: it was not reversed or replaced by a later decision, and its author has neither
    withdrawn what it is about nor asked to erase it.
    """
    if isinstance(about, Sanction):
        # A warning that has been read stays on record, and can be appealed against.
        return about.lifted_at is None and (about.is_warning or not about.is_over)
    contribution = about.contribution
    if erasure_requests.is_requested(contribution):
        return False
    if about.action in VERSION_RESTRICTIONS:
        revision, over = about.revision, (PublicationState.WITHDRAWN, PublicationState.REMOVED)
        return (
            revision is not None
            and revision.state is VERSION_RESTRICTIONS[about.action]
            and contribution.state not in over
        )
    return contribution.state is PUBLISHED_RESTRICTIONS.get(about.action) and _is_last_of_its_kind(about)


def _is_last_of_its_kind(decision: Decision) -> bool:
    """Whether nothing was hidden, removed or restored since: what was hidden again is hidden by the later decision."""
    later = sa.select(Decision.id).where(
        Decision.about(decision.contribution),
        Decision.id > decision.id,
        Decision.action.in_([*PUBLISHED_RESTRICTIONS, Action.RESTORE]),
        Decision.id.not_in(sa.select(Decision.undoes_id).where(Decision.undoes_id.is_not(None))),
    )
    return not db.session.scalar(sa.select(later.exists()))


def appeal_until(about: Decision | Sanction) -> datetime:
    """Until when it can be appealed: the same day six months later, or the last day of a shorter month."""
    made = about.created_at
    year, month = divmod(made.year * 12 + made.month - 1 + APPEAL_MONTHS, 12)
    day = min(made.day, calendar.monthrange(year, month + 1)[1])
    return made.replace(year=year, month=month + 1, day=day)
