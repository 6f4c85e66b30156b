"""Staff notes on people and contributions. For staff only; never shown to the person concerned.

A note is never changed: a correction is a further note. So every note is exactly what its author wrote.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.foundation.access import Actor, require
from app.foundation.contributions.models import Contribution
from app.foundation.database import db
from app.foundation.errors import Refused
from app.foundation.text.strings import has_words
from app.moderation import policy
from app.moderation.audit import audit_log
from app.moderation.people.models import StaffNote

MAX_LENGTH = 2_000
MAX_NOTES = 100


def add(actor: Person, target: Person | Contribution, text: str) -> StaffNote:
    """Add a note on a person or a contribution, and return it. Moderators may, but not on themselves or their own
    texts.

    Raises NotAllowed, and Refused if the note is empty or longer than MAX_LENGTH, or if there are MAX_NOTES already.
    """
    kind, person_id = _subject(target)
    require(policy.may_note(actor, person_id), _("You can’t add notes about yourself."))
    if not has_words(text):
        raise Refused(_("Write your note first."), "text")
    if len(text) > MAX_LENGTH:
        raise Refused(_("A note can have up to %(most)s characters.", most=f"{MAX_LENGTH:,}"), "text")
    if len(notes_on(target)) >= MAX_NOTES:
        raise Refused(
            _("There are already %(number)d notes here. Talk to your colleagues instead.", number=MAX_NOTES), "text"
        )
    note = StaffNote(kind=kind, subject_id=target.id, person_id=person_id, author_id=actor.id, text=text.strip())
    db.session.add(note)
    db.session.flush()
    audit_log.record(actor, "note", target)
    return note


def notes_on(target: Person | Contribution) -> Sequence[StaffNote]:
    """The notes on a person or a contribution, oldest first. The caller has checked that they may be read."""
    kind, _person = _subject(target)
    return db.session.scalars(
        sa.select(StaffNote)
        .options(joinedload(StaffNote.author))
        .where(StaffNote.kind == kind, StaffNote.subject_id == target.id)
        .order_by(StaffNote.id)
    ).all()


def readable_by(actor: Actor, target: Person | Contribution) -> Sequence[StaffNote]:
    """The notes that `actor` may read, oldest first: moderators any but those on themselves or their own texts."""
    _kind, person_id = _subject(target)
    return notes_on(target) if policy.may_note(actor, person_id) else []


def _subject(target: Person | Contribution) -> tuple[str, int]:
    """The kind that the note stores ('person' or that of the contribution), and the id of the person concerned."""
    return ("person", target.id) if isinstance(target, Person) else (target.kind, target.author_id)
