"""Deciding on several items at once over HTTP: choose, look at what will happen, do it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from flask_login import current_user

from app.foundation import database, forms
from app.foundation.access import Role, staff
from app.foundation.errors import DomainError
from app.moderation import choosing, several
from app.moderation.forms import ReasonForm
from app.moderation.reasons import REASONS
from app.moderation.several import Outcome

bp = Blueprint("several", __name__)


@bp.get("/moderation/several")
@staff(Role.MODERATOR)
def choose() -> ResponseReturnValue:
    """What waits of one author, or with one signal, to be ticked and decided on together."""
    return _page(ReasonForm(formdata=None))


@bp.post("/moderation/several")
@staff(Role.MODERATOR)
def decide() -> ResponseReturnValue:
    """Show what will happen; when that was confirmed, let it happen."""
    form = ReasonForm()
    verb, reason, note = request.form.get("decision", ""), form.reason.data or "", form.note.data or ""
    read = several.read(request.form.getlist("items"))
    try:
        if not form.validate_on_submit():
            database.abandon()
            return _page(form), 422
        outcome = several.decide(current_user, read, verb, reason, note)
    except DomainError as error:
        forms.refuse(form, error)
        return _page(form, str(error)), error.status
    if not request.form.get("sure"):
        # It was done to see that it can be, and is taken back: nothing is written by looking.
        database.abandon()
        return _sure_page(form, verb, read, outcome)
    told = ngettext("%(num)s decided.", "%(num)s decided.", len(outcome.made))
    if outcome.left:
        told += " " + ngettext(
            "One had changed meanwhile and was left as it is.",
            "%(num)s had changed meanwhile and were left as they are.",
            len(outcome.left),
        )
    flash(told, "success" if outcome.made else "warning")
    return redirect(url_for("moderation.desk", **choosing.asked(request.args).arguments()))


def _sure_page(form: ReasonForm, verb: str, read: Sequence[Any], outcome: Outcome) -> str:
    reason = REASONS.get(form.reason.data or "")
    return render_template(
        "moderation/several_sure.html",
        choice=choosing.asked(request.args),
        revisions=[revision for revision in read if revision not in outcome.left],
        left=outcome.left,
        verb=verb,
        reason=reason,
        note=form.note.data or (reason.note if reason else ""),
        form=form,
    )


def _page(form: ReasonForm, told: str = "") -> str:
    choice = choosing.asked(request.args)
    return render_template(
        "moderation/several.html",
        choice=choice,
        items=several.offered(choice),
        ticked=request.form.getlist("items"),
        form=form,
        errors=forms.listed(form),
        told=told,
        most=several.MOST,
        reasons=REASONS,
    )
