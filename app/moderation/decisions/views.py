"""Bulk decisions over HTTP: choose the items, see what will happen, confirm it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from flask_login import current_user

from app.foundation import database
from app.foundation.access import Role, staff
from app.foundation.contributions.revisions import Revision
from app.foundation.errors import DomainError
from app.foundation.web import forms
from app.moderation.decisions import bulk
from app.moderation.decisions.bulk import BulkOutcome
from app.moderation.decisions.forms import ReasonForm
from app.moderation.queue import filters
from app.moderation.reasons import REASONS

bp = Blueprint("bulk", __name__)


@bp.get("/moderation/several")
@staff(Role.MODERATOR)
def choose() -> ResponseReturnValue:
    """The pending revisions of one author, or with one signal, to be ticked and decided on together."""
    return _page(ReasonForm(formdata=None))


@bp.post("/moderation/several")
@staff(Role.MODERATOR)
def decide() -> ResponseReturnValue:
    """Show what will happen; once that is confirmed, do it."""
    form = ReasonForm()
    action, reason, note = request.form.get("decision", ""), form.reason.data or "", form.note.data or ""
    read = bulk.parse_selection(request.form.getlist("items"))
    try:
        if not form.validate_on_submit():
            database.roll_back()
            return _page(form), 422
        outcome = bulk.decide(current_user, read, action, reason, note)
    except DomainError as error:
        forms.refuse(form, error)
        return _page(form, str(error)), error.status
    if not request.form.get("sure"):
        # The decisions were made to see which of them can be, and are rolled back until they are confirmed.
        database.roll_back()
        return _confirmation_page(form, action, read, outcome)
    message = ngettext("Decided on %(num)s item.", "Decided on %(num)s items.", len(outcome.decided))
    if outcome.skipped:
        message += " " + ngettext(
            "%(num)s had changed, so we left it as it is.",
            "%(num)s had changed, so we left them as they are.",
            len(outcome.skipped),
        )
    flash(message, "success" if outcome.decided else "warning")
    return redirect(url_for("moderation.queue_list", **filters.from_arguments(request.args).arguments()))


def _confirmation_page(form: ReasonForm, action: str, read: Sequence[Revision], outcome: BulkOutcome) -> str:
    reason = REASONS.get(form.reason.data or "")
    return render_template(
        "moderation/decisions/bulk_confirm.html",
        queue_filters=filters.from_arguments(request.args),
        revisions=[revision for revision in read if revision not in outcome.skipped],
        skipped=outcome.skipped,
        action=action,
        reason=reason,
        note=form.note.data or (reason.note if reason else ""),
        form=form,
    )


def _page(form: ReasonForm, message: str = "") -> str:
    queue_filters = filters.from_arguments(request.args)
    return render_template(
        "moderation/decisions/bulk.html",
        queue_filters=queue_filters,
        items=bulk.eligible_items(queue_filters),
        ticked=request.form.getlist("items"),
        form=form,
        errors=forms.all_errors(form),
        message=message,
        reasons=REASONS,
    )
