"""Sanctions: measures against a person, each with a reason, an end and a way to appeal.

The sanction in force is also stored on the person (`suspended_at`, `suspended_until`, `warned_at`), where lower layers
check it before anything is written. Every change here locks the person's row first, and so does everything that submits
a text: a text is either sent before the suspension or refused after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.accounts import sessions
from app.accounts.models import Person
from app.foundation import clock
from app.foundation.access import require
from app.foundation.database import db
from app.foundation.errors import Conflict, Refused
from app.foundation.events import SanctionChanged, record
from app.foundation.text.strings import has_words
from app.moderation import policy
from app.moderation.audit import audit_log
from app.moderation.reasons import REASONS
from app.moderation.sanctions.models import Sanction, SanctionKind

WORDS_LONGEST = 2_000
LONGEST = timedelta(days=366)


def warn(actor: Person, person: Person, reason: str, words: str) -> Sanction:
    """Warn a person: they read it before they write again. Moderators may; administrators also the staff.

    Raises NotAllowed, and Refused without one of the reasons or without words.
    """
    return _impose(actor, person, SanctionKind.WARNING, reason, words)


def suspend(actor: Person, person: Person, reason: str, words: str, until: datetime) -> Sanction:
    """Let a person write nothing until a day, and end their sessions. Moderators may; administrators also the staff.

    Raises as `warn` does, and Refused for a day that is past or more than a year away.
    """
    if not clock.now() < until <= clock.now() + LONGEST:
        raise Refused("A suspension ends on a day within the next year.", "until")
    return _impose(actor, person, SanctionKind.SUSPENSION, reason, words, until)


def ban(actor: Person, person: Person, reason: str, words: str) -> Sanction:
    """Let a person write nothing any more, and end their sessions. Moderators may; administrators also the staff.

    Raises as `warn` does.
    """
    return _impose(actor, person, SanctionKind.BAN, reason, words)


def _impose(
    actor: Person, person: Person, kind: SanctionKind, reason: str, words: str, until: datetime | None = None
) -> Sanction:
    require(policy.may_sanction(actor, person), "You may not do this to this person.")
    if reason not in REASONS:
        raise Refused("Please choose the reason: the person is told which guideline it rests on.", "reason")
    if not has_words(words):
        raise Refused("Please say in words why: the person reads them.", "words")
    if len(words) > WORDS_LONGEST:
        raise Refused(f"Please use at most {WORDS_LONGEST:,} characters.", "words")
    _lock(person)
    made = Sanction(
        person_id=person.id, kind=kind, reason=reason, words=words.strip(), moderator_id=actor.id, until=until
    )
    db.session.add(made)
    db.session.flush()
    _hold(person)
    if not made.is_warning:
        sessions.end_all(person)
    actions = {SanctionKind.WARNING: "warn", SanctionKind.SUSPENSION: "suspend", SanctionKind.BAN: "ban"}
    audit_log.record(actor, actions[kind], person, reason=reason)
    record(SanctionChanged(made.id))
    return made


def lift(actor: Person, sanction: Sanction, *, told: bool = True) -> None:
    """End a sanction before its time. Moderators may who could impose it; it stays on record.

    `told` is False where an answered appeal tells of it. Raises NotAllowed, Conflict if it is over already.
    """
    require(policy.may_sanction(actor, sanction.person), "You may not do this to this person.")
    _lock(sanction.person)
    lifted = db.session.execute(
        sa.update(Sanction)
        .where(Sanction.id == sanction.id, Sanction.lifted_at.is_(None))
        .values(lifted_at=clock.now(), lifted_by_id=actor.id)
        .execution_options(synchronize_session=False)
    )
    if cast("sa.CursorResult[Any]", lifted).rowcount != 1:
        raise Conflict("Somebody else lifted this in the meantime.")
    db.session.refresh(sanction)
    _hold(sanction.person)
    if told:
        audit_log.record(actor, "lift", sanction.person, reason=sanction.reason)
        record(SanctionChanged(sanction.id))


def acknowledge(actor: Person, sanction: Sanction) -> None:
    """Say that one has read a warning; only the person warned can. Saying it again changes nothing."""
    require(sanction.person_id == actor.id and sanction.is_warning, "Only the person who was warned can say so.")
    _lock(actor)
    db.session.execute(
        sa.update(Sanction)
        .where(Sanction.id == sanction.id, Sanction.acknowledged_at.is_(None))
        .values(acknowledged_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(sanction)
    _hold(actor)


def sanctions_against(person: Person) -> Sequence[Sanction]:
    """Every sanction there ever was against a person, newest first."""
    return db.session.scalars(
        sa.select(Sanction)
        .options(joinedload(Sanction.moderator), joinedload(Sanction.lifted_by))
        .where(Sanction.person_id == person.id)
        .order_by(Sanction.id.desc())
    ).all()


def _lock(person: Person) -> None:
    """Wait for whoever changes or writes as this person at this moment. SQLite has one writer at a time anyway."""
    db.session.refresh(person, with_for_update=True)


def _hold(person: Person) -> None:
    """Put on the person what holds now: the suspension that lasts longest, the oldest warning that was not read."""
    holding = [each for each in sanctions_against(person) if not each.is_over]
    warnings = [each.created_at for each in holding if each.is_warning]
    suspensions = [each for each in holding if not each.is_warning]
    person.warned_at = min(warnings, default=None)
    person.suspended_at = min((each.created_at for each in suspensions), default=None)
    ends = [each.until for each in suspensions]
    person.suspended_until = None if None in ends else max((end for end in ends if end is not None), default=None)
    db.session.flush()
