"""Views for reporting a contribution, with an address for each kind."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.foundation import database, kinds
from app.foundation.access import or_404, public
from app.foundation.contributions.models import Contribution
from app.foundation.database import db
from app.foundation.errors import DomainError
from app.foundation.kinds import AnyKind
from app.foundation.web import forms
from app.moderation.reports import reports
from app.moderation.reports.forms import ReportForm

bp = Blueprint("reports", __name__)


def _add_routes(kind: AnyKind) -> None:
    """Add the two routes of a kind: for stories `/stories/<int:story_id>/report`, named `report_story` and
    `send_story_report`.
    """

    @public
    def form(**ids: int) -> ResponseReturnValue:
        return _page(kind, _public(kind, ids[kind.id_column]), ReportForm(formdata=None))

    @public
    def send(**ids: int) -> ResponseReturnValue:
        return _report(kind, _public(kind, ids[kind.id_column]))

    address = f"/{kind.plural}/<int:{kind.id_column}>/report"
    bp.add_url_rule(address, f"report_{kind.name}", form, methods=["GET"])
    bp.add_url_rule(address, f"send_{kind.name}_report", send, methods=["POST"])


for _kind in kinds.all_kinds():
    _add_routes(_kind)


def _public(kind: AnyKind, contribution_id: int) -> Contribution:
    model: type[Contribution] = kind.model
    return or_404(db.session.scalar(sa.select(model).where(model.id == contribution_id, model.public())))


def _report(kind: AnyKind, contribution: Contribution) -> ResponseReturnValue:
    form = ReportForm()
    if not form.validate_on_submit():
        database.roll_back()
        return _page(kind, contribution, form), 422
    try:
        reports.report(current_user, contribution, form.category.data, form.words.data or "")
    except DomainError as error:
        forms.refuse(form, error)
        return _page(kind, contribution, form), error.status
    flash(_("Thank you. A moderator will look at it."), "success")
    return redirect(kind.return_url(contribution) if kind.return_url else contribution.url)


def _page(kind: AnyKind, contribution: Contribution, form: ReportForm) -> str:
    return render_template(
        "moderation/reports/report.html",
        kind=kind,
        title=kind.title(contribution.live) if kind.title else "",
        contribution=contribution,
        form=form,
        errors=forms.all_errors(form),
    )
