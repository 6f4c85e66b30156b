"""Sanctions: measures against a person, each with a reason, which the person can appeal against.

What is in force is stored on the person as well (`suspended_at`, `suspended_until`, `warned_at`), where lower packages
check it before a text is stored. Every function that changes a sanction locks the person first, and so does whatever
stores a text: a text is either stored before a suspension or refused after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from app.accounts import sessions
from app.accounts.models import Person
from app.foundation import clock
from app.foundation.access import require
from app.foundation.database import db, rows_changed
from app.foundation.errors import Conflict, Refused
from app.foundation.events import SanctionChanged, record
from app.foundation.text.strings import has_words
from app.moderation import policy
from app.moderation.audit import audit_log
from app.moderation.reasons import REASONS
from app.moderation.sanctions.models import Sanction, SanctionKind

WORDS_MAX_LENGTH = 2_000
MAX_SUSPENSION = timedelta(days=366)


def warn(actor: Person, person: Person, reason: str, words: str) -> Sanction:
    """Warn a person, who must read the warning before they can write again. Returns the sanction.

    Moderators may; only administrators may warn staff. `reason` is the code of a guideline, and `words` is shown to the
    person. Raises NotAllowed, and Refused for an unknown reason, or without words or with too many.
    """
    return _impose(actor, person, SanctionKind.WARNING, reason, words)


def suspend(actor: Person, person: Person, reason: str, words: str, until: datetime) -> Sanction:
    """Suspend a person until a date: they cannot write, and their sessions end. Returns the sanction.

    Moderators may; only administrators may suspend staff. Raises as `warn` does, and Refused unless `until` is within
    the next year.
    """
    if not clock.now() < until <= clock.now() + MAX_SUSPENSION:
        raise Refused(_("Choose a last day within the next year."), "until")
    return _impose(actor, person, SanctionKind.SUSPENSION, reason, words, until)


def ban(actor: Person, person: Person, reason: str, words: str) -> Sanction:
    """Ban a person: they cannot write any more, and their sessions end. Returns the sanction.

    Moderators may; only administrators may ban staff. Raises as `warn` does.
    """
    return _impose(actor, person, SanctionKind.BAN, reason, words)


def _impose(
    actor: Person, person: Person, kind: SanctionKind, reason: str, words: str, until: datetime | None = None
) -> Sanction:
    require(policy.may_sanction(actor, person), _("You can’t do this to this person."))
    if reason not in REASONS:
        raise Refused(_("Choose a reason. We tell the person which guideline it’s about."), "reason")
    if not has_words(words):
        raise Refused(_("Say why. The person will read it."), "words")
    if len(words) > WORDS_MAX_LENGTH:
        raise Refused(_("Use up to %(most)s characters.", most=f"{WORDS_MAX_LENGTH:,}"), "words")
    _lock(person)
    sanction = Sanction(
        person_id=person.id, kind=kind, reason=reason, words=words.strip(), moderator_id=actor.id, until=until
    )
    db.session.add(sanction)
    db.session.flush()
    _store_on_person(person)
    if not sanction.is_warning:
        sessions.end_all_sessions(person)
    actions = {SanctionKind.WARNING: "warn", SanctionKind.SUSPENSION: "suspend", SanctionKind.BAN: "ban"}
    audit_log.record(actor, actions[kind], person, reason=reason)
    record(SanctionChanged(sanction.id))
    return sanction


def lift(actor: Person, sanction: Sanction, *, notify: bool = True) -> None:
    """Lift a sanction before its end; it stays on record. Anybody may who could impose it.

    `notify` is False if the answer to an appeal informs the person already. Raises NotAllowed, and Conflict if it was
    lifted before.
    """
    require(policy.may_sanction(actor, sanction.person), _("You can’t do this to this person."))
    _lock(sanction.person)
    in_force = sa.and_(Sanction.id == sanction.id, Sanction.lifted_at.is_(None))
    if not rows_changed(sa.update(Sanction).where(in_force).values(lifted_at=clock.now(), lifted_by_id=actor.id)):
        raise Conflict(_("Someone else has already lifted this."))
    db.session.refresh(sanction)
    _store_on_person(sanction.person)
    if notify:
        audit_log.record(actor, "lift", sanction.person, reason=sanction.reason)
        record(SanctionChanged(sanction.id))


def acknowledge(actor: Person, sanction: Sanction) -> None:
    """Record that a warning was read. Only the person warned may. Doing it again changes nothing. Raises NotAllowed."""
    require(policy.may_acknowledge(actor, sanction), _("Only the person who was warned can mark this as read."))
    _lock(actor)
    unread = sa.and_(Sanction.id == sanction.id, Sanction.acknowledged_at.is_(None))
    rows_changed(sa.update(Sanction).where(unread).values(acknowledged_at=clock.now()))
    db.session.refresh(sanction)
    _store_on_person(actor)


def sanctions_against(person: Person) -> Sequence[Sanction]:
    """All sanctions against a person, newest first, including those that are over."""
    return db.session.scalars(
        sa.select(Sanction)
        .options(joinedload(Sanction.moderator), joinedload(Sanction.lifted_by))
        .where(Sanction.person_id == person.id)
        .order_by(Sanction.id.desc())
    ).all()


def _lock(person: Person) -> None:
    """Lock the row of a person, so that nobody else sanctions them or stores a text of theirs in this transaction.

    SQLite has only one writer at a time anyway.
    """
    db.session.refresh(person, with_for_update=True)


def _store_on_person(person: Person) -> None:
    """Store on the person what is in force: the suspension that ends last, and the oldest unread warning."""
    in_force = [each for each in sanctions_against(person) if not each.is_over]
    warnings = [each.created_at for each in in_force if each.is_warning]
    suspensions = [each for each in in_force if not each.is_warning]
    person.warned_at = min(warnings, default=None)
    person.suspended_at = min((each.created_at for each in suspensions), default=None)
    ends = [each.until for each in suspensions]
    person.suspended_until = None if None in ends else max((end for end in ends if end is not None), default=None)
    db.session.flush()
