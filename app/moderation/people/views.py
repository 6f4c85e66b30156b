"""Views for staff: the page of a person, with their contributions, sanctions and staff notes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import registration
from app.accounts.models import Person
from app.foundation import database
from app.foundation.access import Role, or_404, staff
from app.foundation.database import db
from app.foundation.errors import DomainError, Refused
from app.foundation.web import forms
from app.moderation import policy
from app.moderation.appeals import appeals
from app.moderation.people import author_summary, notes
from app.moderation.people.forms import NoteForm
from app.moderation.reasons import REASONS
from app.moderation.sanctions import sanctions
from app.moderation.sanctions.forms import SanctionForm
from app.moderation.sanctions.models import Sanction, SanctionKind

bp = Blueprint("people", __name__)


@bp.get("/moderation/people/<username>")
@staff(Role.MODERATOR)
def show(username: str) -> ResponseReturnValue:
    """Show the page of a person."""
    return _page(_person_or_404(username))


@bp.post("/moderation/people/<username>/notes")
@staff(Role.MODERATOR)
def note(username: str) -> ResponseReturnValue:
    """Add a staff note on a person."""
    form = NoteForm()

    def add(person: Person) -> None:
        notes.add(current_user, person, form.text.data or "")

    return _handle_form(username, form, add, _("Note saved. Only staff can see it."))


@bp.post("/moderation/people/<username>/sanctions")
@staff(Role.MODERATOR)
def impose(username: str) -> ResponseReturnValue:
    """Warn, suspend or ban a person."""
    form = SanctionForm()
    done = _("Done. We’ve sent the person your message and told them how to appeal.")
    return _handle_form(username, form, lambda person: _impose(person, form), done)


def _handle_form(
    username: str, form: NoteForm | SanctionForm, carry_out: Callable[[Person], None], done: str
) -> ResponseReturnValue:
    """Carry out what a form on the page of a person asks for; if it is refused, show the page again with the reason."""
    person = _person_or_404(username)
    try:
        if not form.validate_on_submit():
            database.roll_back()
            return _page(_person_or_404(username), form), 422
        carry_out(person)
    except DomainError as error:
        forms.refuse(form, error)
        return _page(_person_or_404(username), form), error.status
    flash(done, "success")
    return redirect(url_for("people.show", username=username))


def _impose(person: Person, form: SanctionForm) -> None:
    reason, words = form.reason.data or "", form.words.data or ""
    if form.kind.data == SanctionKind.WARNING:
        sanctions.warn(current_user, person, reason, words)
    elif form.kind.data == SanctionKind.BAN:
        sanctions.ban(current_user, person, reason, words)
    elif form.until.data is None:
        raise Refused(_("Enter the last day of the suspension."), "until")
    else:
        # The suspension includes its last day.
        end = datetime.combine(form.until.data, time(), UTC)
        sanctions.suspend(current_user, person, reason, words, _day_after(end))


def _day_after(moment: datetime) -> datetime:
    try:
        return moment + timedelta(days=1)
    except OverflowError:
        return moment


@bp.post("/moderation/sanctions/<int:sanction_id>/lift")
@staff(Role.MODERATOR)
def lift(sanction_id: int) -> ResponseReturnValue:
    """Lift a sanction."""
    sanction = or_404(db.session.get(Sanction, sanction_id))
    username = sanction.person.username
    sanctions.lift(current_user, sanction)
    flash(_("Lifted. We’ve told the person."), "success")
    return redirect(url_for("people.show", username=username))


def _person_or_404(username: str) -> Person:
    return or_404(registration.find_by_username(username))


def _page(person: Person, form: NoteForm | SanctionForm | None = None) -> str:
    """The page of a person, with the form that was sent and refused, if one was."""
    note_form = form if isinstance(form, NoteForm) else NoteForm(formdata=None)
    sanction_form = form if isinstance(form, SanctionForm) else SanctionForm(formdata=None)
    may_sanction = policy.may_sanction(current_user, person)
    may_note = person.id != current_user.id
    return render_template(
        "moderation/people/show.html",
        person=person,
        author_summary=author_summary.summarise(person),
        sanctions=sanctions.sanctions_against(person),
        appeals=appeals.open_appeals_by(person),
        notes=notes.readable_by(current_user, person),
        note_form=note_form,
        sanction_form=sanction_form,
        may_sanction=may_sanction,
        may_note=may_note,
        reasons=REASONS,
        errors=[
            *(forms.all_errors(sanction_form) if may_sanction else []),
            *(forms.all_errors(note_form) if may_note else []),
        ],
    )
