"""Statements of reasons and appeals over HTTP: for authors under /account, for moderators under /moderation/appeals."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.foundation import database
from app.foundation.access import Role, member, or_404, staff
from app.foundation.errors import DomainError
from app.foundation.web import forms
from app.foundation.web.pagination import paginate
from app.moderation import addresses, policy
from app.moderation.appeals import appeals, statements
from app.moderation.appeals.forms import AnswerForm, AppealForm
from app.moderation.appeals.models import Appeal, AppealState
from app.moderation.appeals.statements import Statement
from app.moderation.decisions import undo
from app.moderation.decisions.models import Decision
from app.moderation.queue import filters
from app.moderation.reasons import REASONS
from app.moderation.sanctions import sanctions

bp = Blueprint("appeals", __name__)


@bp.get("/account/decisions/<int:decision_id>")
@member
def decision(decision_id: int) -> ResponseReturnValue:
    """The statement of reasons of a decision on one's own text."""
    return _statement_page(or_404(statements.for_decision(current_user, decision_id)), AppealForm(formdata=None))


@bp.post("/account/decisions/<int:decision_id>/appeal")
@member
def appeal_decision(decision_id: int) -> ResponseReturnValue:
    """Appeal against a decision."""
    return _appeal(or_404(statements.for_decision(current_user, decision_id)))


@bp.get("/account/sanctions/<int:sanction_id>")
@member
def sanction(sanction_id: int) -> ResponseReturnValue:
    """The statement of reasons of a sanction against oneself."""
    return _statement_page(or_404(statements.for_sanction(current_user, sanction_id)), AppealForm(formdata=None))


@bp.post("/account/sanctions/<int:sanction_id>/appeal")
@member
def appeal_sanction(sanction_id: int) -> ResponseReturnValue:
    """Appeal against a sanction."""
    return _appeal(or_404(statements.for_sanction(current_user, sanction_id)))


@bp.post("/account/sanctions/<int:sanction_id>/read")
@member
def read_warning(sanction_id: int) -> ResponseReturnValue:
    """Mark a warning as read."""
    statement = or_404(statements.for_sanction(current_user, sanction_id))
    assert not isinstance(statement.about, Decision), "asked for as a sanction"
    sanctions.acknowledge(current_user, statement.about)
    flash(_("Thank you for reading this. You can write again now."), "success")
    return redirect(url_for("accounts.contributions"))


def _appeal(statement: Statement) -> ResponseReturnValue:
    form = AppealForm()
    if not form.validate_on_submit():
        database.roll_back()
        return _statement_page(statement, form), 422
    try:
        appeals.submit(current_user, statement.about, form.words.data or "")
    except DomainError as error:
        forms.refuse(form, error)
        return _statement_page(_reloaded(statement), form), error.status
    flash(_("We’ve got your appeal. A different moderator will look at it."), "success")
    return redirect(url_of(statement))


def _reloaded(statement: Statement) -> Statement:
    """The statement read anew, after a roll-back."""
    read = statements.for_decision if isinstance(statement.about, Decision) else statements.for_sanction
    return or_404(read(current_user, statement.about.id))


def url_of(statement: Statement) -> str:
    """The address of a statement."""
    if isinstance(statement.about, Decision):
        return url_for("appeals.decision", decision_id=statement.about.id)
    return url_for("appeals.sanction", sanction_id=statement.about.id)


def _statement_page(statement: Statement, form: AppealForm) -> str:
    about = statement.about
    on_decision = isinstance(about, Decision)
    mine = (about.contribution.author_id if isinstance(about, Decision) else about.person_id) == current_user.id
    return render_template(
        "accounts/statement.html",
        statement=statement,
        about=about,
        on_decision=on_decision,
        mine=mine,
        form=form,
        errors=forms.all_errors(form) if mine else [],
        anybody_else=statement.appeal is None or appeals.has_eligible_moderator(statement.appeal),
        appeal_url=url_of(statement) + "/appeal",
        staff_url=addresses.of_contribution(about.kind, about.contribution.id) if isinstance(about, Decision) else None,
    )


@bp.get("/moderation/reports")
@staff(Role.MODERATOR)
def reports() -> ResponseReturnValue:
    """Redirect to the queue with the filter for reports."""
    return redirect(url_for("moderation.queue_list", kind="report"))


@bp.get("/moderation/appeals")
@staff(Role.MODERATOR)
def appeal_list() -> ResponseReturnValue:
    """The open appeals, or those that have been answered."""
    answered = request.args.get("show") == "answered"
    page = paginate(appeals.list_appeals(is_open=not answered))
    return render_template(
        "moderation/appeals/list.html",
        page=page,
        answered=answered,
        waiting=appeals.count_open(),
        reasons=REASONS,
        may_answer=policy.may_answer,
    )


@bp.get("/moderation/appeals/<int:appeal_id>")
@staff(Role.MODERATOR)
def appeal(appeal_id: int) -> ResponseReturnValue:
    """An appeal: the decision, the text of the appeal, and the answer."""
    return _appeal_page(or_404(appeals.by_id(current_user, appeal_id)), AnswerForm(formdata=None))


@bp.post("/moderation/appeals/<int:appeal_id>")
@staff(Role.MODERATOR)
def answer(appeal_id: int) -> ResponseReturnValue:
    """Answer an appeal."""
    appeal = or_404(appeals.by_id(current_user, appeal_id))
    form = AnswerForm()
    outcomes = {"uphold": AppealState.UPHELD, "overturn": AppealState.OVERTURNED}
    outcome = or_404(outcomes.get(request.form.get("outcome", "")))
    try:
        if not form.validate_on_submit():
            database.roll_back()
            return _appeal_page(or_404(appeals.by_id(current_user, appeal_id)), form), 422
        appeals.answer(current_user, appeal, outcome, form.answer.data or "")
    except DomainError as error:
        forms.refuse(form, error)
        return _appeal_page(or_404(appeals.by_id(current_user, appeal_id)), form, error=error), error.status
    overturned = outcome is AppealState.OVERTURNED
    flash(
        _("Overturned. We’ve told the author.") if overturned else _("The decision stands. We’ve told the author."),
        "success",
    )
    if "queue" not in request.args:
        return redirect(url_for("appeals.appeal_list"))
    # Whoever came from the queue goes on to its next item.
    queue_filters = filters.from_arguments(request.args)
    following = filters.next_after(appeal.item, queue_filters) if appeal.item is not None else None
    if following is None:
        return redirect(url_for("moderation.queue_list", **queue_filters.arguments()))
    return redirect(url_for("moderation.item", item_id=following, **queue_filters.arguments()))


def _neighbours(appeal: Appeal) -> dict[str, str]:
    """The addresses of the items before and after an appeal that was opened from the queue, by the key that leads
    there.
    """
    if "queue" not in request.args:
        return {}
    queue_filters = filters.from_arguments(request.args)
    if appeal.item is None:
        # An appeal against a sanction comes before the items of the queue.
        neighbouring_items = {"k": [], "j": filters.items_page(queue_filters, 1)}
    else:
        neighbours = filters.neighbours(appeal.item, queue_filters, 1, 1)
        neighbouring_items = {"k": neighbours.before, "j": neighbours.after}
    return {
        key: url_for("moderation.item", item_id=items[0].id, **queue_filters.arguments())
        for key, items in neighbouring_items.items()
        if items
    }


def _appeal_page(appeal: Appeal, form: AnswerForm, error: DomainError | None = None) -> str:
    against = appeal.against
    may_answer = policy.may_answer(current_user, appeal)
    is_decision = isinstance(against, Decision)
    is_conflict = error is not None and error.status != 422
    return render_template(
        "moderation/appeals/show.html",
        appeal=appeal,
        against=against,
        on_decision=is_decision,
        is_in_force=statements.is_in_force(against),
        reason=REASONS.get(against.reason or ""),
        form=form,
        error=error,
        errors=forms.all_errors(form) if may_answer and appeal.is_open and not is_conflict else [],
        may_answer=may_answer,
        anybody_else=appeals.has_eligible_moderator(appeal),
        steps=_neighbours(appeal),
        # The decision made on the item before this one can be undone from here.
        undoable=undo.last(current_user),
        queue_filters=filters.from_arguments(request.args),
        contribution_url=(
            addresses.of_contribution(against.kind, against.contribution.id) if isinstance(against, Decision) else None
        ),
    )
