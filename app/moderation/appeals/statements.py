"""Statements of reasons: what the author of a restricted text, or a sanctioned person, is told, as a page of its own.

What was decided, about what, by which guideline, in the moderator's words exactly as written, and how to appeal. Never
who decided: a moderator speaks for the site.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.foundation import clock, kinds
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

# How long an appeal is possible.
APPEAL_MONTHS = 6

# Decisions against a revision, with its state afterwards; and against what was public, with its state afterwards.
VERSION_RESTRICTIONS = {Action.REJECT: RevisionState.REJECTED, Action.REQUEST_CHANGES: RevisionState.CHANGES_REQUESTED}
PUBLISHED_RESTRICTIONS = {Action.HIDE: PublicationState.HIDDEN, Action.REMOVE: PublicationState.REMOVED}
RESTRICTIONS = frozenset({*VERSION_RESTRICTIONS, *PUBLISHED_RESTRICTIONS})
# Decisions that have a statement. An author who disagrees with a redaction sends another version.
EXPLAINED = RESTRICTIONS | {Action.MASK}


@dataclass(frozen=True)
class Statement:
    """The statement of reasons for a decision or a sanction."""

    about: Decision | Sanction
    reason: Reason | None
    words: str
    stands: bool
    appeal_until: datetime
    appeal: Appeal | None
    # What was replaced, if a passage was redacted.
    change: Sequence[Sequence[Piece]] = ()

    @property
    def is_masking(self) -> bool:
        """Whether it is about a redaction, which restricts nothing except these words."""
        return isinstance(self.about, Decision) and self.about.action is Action.MASK

    @property
    def may_appeal(self) -> bool:
        """Whether an appeal is possible now: it holds, there is no appeal yet, and the time is not over."""
        return self.stands and self.appeal is None and clock.now() < self.appeal_until


def for_decision(actor: Any, decision_id: int) -> Statement | None:
    """Return the statement for a decision, for the author concerned and for moderators; None for everybody else."""
    decision = db.session.get(Decision, decision_id)
    # Nobody was told of a decision that was undone.
    if decision is None or decision.action not in EXPLAINED or decision.undone_by is not None:
        return None
    if decision.contribution.author_id != actor.id and not policy.may_moderate(actor):
        return None
    return Statement(
        about=decision,
        reason=REASONS.get(decision.reason or ""),
        words=decision.note.text if decision.note else "",
        stands=stands(decision),
        appeal_until=appeal_until(decision),
        appeal=appeal_against(decision),
        change=_replaced(decision) if decision.action is Action.MASK else (),
    )


def _replaced(decision: Decision) -> Sequence[Sequence[Piece]]:
    """Return the paragraphs in which a passage was redacted, as they were and as they are."""
    masked = decision.revision
    assert masked is not None, "masking makes a version"
    table, own = publication.revisions_of(decision.contribution)
    before = db.session.scalar(sa.select(table).where(own, table.number == masked.number - 1))
    if decision.live_before is not None and masked.state is not RevisionState.PENDING:
        # The public revision was redacted, whatever has been sent since.
        before = db.session.get(table, decision.live_before) or before
    if before is None:
        return ()
    paragraphs = (
        paragraph
        for text in kinds.of(masked).texts
        for paragraph in differences.paragraphs(text.of(before), text.of(masked))
    )
    return [paragraph for paragraph in paragraphs if any(piece.change != "same" for piece in paragraph)]


def for_sanction(actor: Any, sanction_id: int) -> Statement | None:
    """Return the statement for a sanction, for the person concerned and for moderators; None for everybody else."""
    sanction = db.session.get(Sanction, sanction_id)
    if sanction is None or (sanction.person_id != actor.id and not policy.may_moderate(actor)):
        return None
    return Statement(
        about=sanction,
        reason=REASONS.get(sanction.reason),
        words=sanction.words,
        stands=stands(sanction),
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


def stands(about: Decision | Sanction) -> bool:
    """Return whether it still holds: not undone, not superseded, and its contribution neither withdrawn nor to be
    erased by the author.
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
    """Return whether nothing was hidden or restored since: a later decision is the one that holds."""
    later = sa.select(Decision.id).where(
        Decision.about(decision.contribution),
        Decision.id > decision.id,
        Decision.action.in_([*PUBLISHED_RESTRICTIONS, Action.RESTORE]),
        Decision.id.not_in(sa.select(Decision.undoes_id).where(Decision.undoes_id.is_not(None))),
    )
    return not db.session.scalar(sa.select(later.exists()))


def appeal_until(about: Decision | Sanction) -> datetime:
    """Return until when an appeal is possible: the same day six months later, or the last day of a shorter month."""
    made = about.created_at
    year, month = divmod(made.year * 12 + made.month - 1 + APPEAL_MONTHS, 12)
    day = min(made.day, calendar.monthrange(year, month + 1)[1])
    return made.replace(year=year, month=month + 1, day=day)
