"""Statements of reasons: what the author of a restricted text, or a sanctioned person, is told, as a page of its own.

What was decided, on what, by which guideline, in the moderator's words exactly as written, and how to object. Never who
decided: a moderator speaks for the site.
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

# How long one can object.
APPEAL_MONTHS = 6

# Decisions against a version, and what it is then; against what was public, and what that is then.
VERSION_RESTRICTIONS = {Action.REJECT: RevisionState.REJECTED, Action.REQUEST_CHANGES: RevisionState.CHANGES_REQUESTED}
PUBLISHED_RESTRICTIONS = {Action.HIDE: PublicationState.HIDDEN, Action.REMOVE: PublicationState.REMOVED}
RESTRICTIONS = frozenset({*VERSION_RESTRICTIONS, *PUBLISHED_RESTRICTIONS})
# What its author is told on a page of its own. Whoever disagrees with a masked passage sends another version.
EXPLAINED = RESTRICTIONS | {Action.MASK}


@dataclass(frozen=True)
class Statement:
    """What the page of a decision or a sanction says."""

    about: Decision | Sanction
    reason: Reason | None
    words: str
    stands: bool
    appeal_until: datetime
    appeal: Appeal | None
    # What was replaced, where a passage was masked.
    change: Sequence[Sequence[Piece]] = ()

    @property
    def is_masking(self) -> bool:
        """Whether a passage was replaced: that takes nothing away but these words."""
        return isinstance(self.about, Decision) and self.about.action is Action.MASK

    @property
    def may_appeal(self) -> bool:
        """Whether it can be objected to now: it stands, nobody has objected, and the time is not over."""
        return self.stands and self.appeal is None and clock.now() < self.appeal_until


def for_decision(actor: Any, decision_id: int) -> Statement | None:
    """The statement on a decision, for the author it restricts and for moderators; None for everybody else."""
    decision = db.session.get(Decision, decision_id)
    # Of what was taken back within seconds nobody was told.
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
    """The paragraphs in which words were masked, as they were and as they are."""
    masked = decision.revision
    assert masked is not None, "masking makes a version"
    table, own = publication.revisions_of(decision.contribution)
    before = db.session.scalar(sa.select(table).where(own, table.number == masked.number - 1))
    if decision.live_before is not None and masked.state is not RevisionState.PENDING:
        # What was public was masked, whatever was sent meanwhile.
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
    """The statement on a sanction, for the person it is against and for moderators; None for everybody else."""
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
    """The appeal against a decision or a sanction, if there is one."""
    column = Appeal.decision_id if isinstance(about, Decision) else Appeal.sanction_id
    return db.session.scalar(sa.select(Appeal).where(column == about.id))


def appeals_against(decisions: Sequence[Decision]) -> dict[int, Appeal]:
    """The appeals against any of these decisions, by the decision's id. One statement."""
    ids = [decision.id for decision in decisions]
    rows = db.session.scalars(sa.select(Appeal).where(Appeal.decision_id.in_(ids))) if ids else ()
    return {appeal.decision_id: appeal for appeal in rows if appeal.decision_id is not None}


def stands(about: Decision | Sanction) -> bool:
    """Whether it still holds: not taken back, not overtaken, and what it is about neither withdrawn nor to be erased by
    its author.
    """
    if isinstance(about, Sanction):
        # A warning that was read stays on record, and can be objected to.
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
    """Whether nothing was hidden or restored since: what was hidden again is hidden by the later decision."""
    later = sa.select(Decision.id).where(
        Decision.about(decision.contribution),
        Decision.id > decision.id,
        Decision.action.in_([*PUBLISHED_RESTRICTIONS, Action.RESTORE]),
        Decision.id.not_in(sa.select(Decision.undoes_id).where(Decision.undoes_id.is_not(None))),
    )
    return not db.session.scalar(sa.select(later.exists()))


def appeal_until(about: Decision | Sanction) -> datetime:
    """Until when one can object: the same day six months later, or the last of a shorter month."""
    made = about.created_at
    year, month = divmod(made.year * 12 + made.month - 1 + APPEAL_MONTHS, 12)
    day = min(made.day, calendar.monthrange(year, month + 1)[1])
    return made.replace(year=year, month=month + 1, day=day)
