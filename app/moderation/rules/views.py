"""Views for moderators: reading, trying and saving the screening rules."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.foundation import database
from app.foundation.access import Role, staff
from app.foundation.errors import DomainError
from app.foundation.web import forms
from app.moderation.rules import dry_run, rules
from app.moderation.rules.dry_run import DryRun
from app.moderation.rules.forms import RulesForm
from app.moderation.rules.rules import Rules

bp = Blueprint("rules", __name__)


@bp.get("/moderation/rules")
@staff(Role.MODERATOR)
def show() -> ResponseReturnValue:
    """Show the rules in force, in a form, and their history."""
    in_force = rules.current()
    form = RulesForm(
        formdata=None,
        data={
            **{name: getattr(in_force, name) for name in rules.THRESHOLDS},
            "blocked": "\n".join(in_force.blocked),
            "suspect": "\n".join(in_force.suspect),
        },
    )
    return _page(form, rules.newest_id())


@bp.post("/moderation/rules")
@staff(Role.MODERATOR)
def change() -> ResponseReturnValue:
    """Show a dry run of the submitted rules, or save them."""
    form = RulesForm()
    based_on = _posted_version()
    if not form.validate_on_submit():
        database.roll_back()
        return _page(form, based_on), 422
    submitted = _rules(form)
    try:
        if "save" not in request.form:
            submitted.check()
            # The dry run only reads, and takes a while: give up the write lock first.
            database.roll_back()
            return _page(form, based_on, dry_run.dry_run(submitted))
        rules.save(current_user, submitted, based_on=based_on)
    except DomainError as error:
        forms.refuse(form, error)
        # After a conflict the form is based on the newest version, so that saving again replaces it.
        return _page(form, rules.newest_id()), error.status
    flash(_("Rules saved. They apply to everything sent from now on."), "success")
    return redirect(url_for("rules.show"))


def _rules(form: RulesForm) -> Rules:
    numbers: dict[str, int] = {name: form[name].data for name in rules.THRESHOLDS}
    return Rules(
        rules.parse_word_list(form.blocked.data or ""), rules.parse_word_list(form.suspect.data or ""), **numbers
    )


def _posted_version() -> int:
    sent = request.form.get("over", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0


def _page(form: RulesForm, based_on: int, dry_run_result: DryRun | None = None) -> str:
    return render_template(
        "moderation/rules/rules.html",
        form=form,
        based_on=based_on,
        dry_run=dry_run_result,
        shown=dry_run.MAX_LISTED,
        history=rules.history(),
        errors=forms.all_errors(form),
    )
