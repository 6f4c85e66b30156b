"""The two views by which an author withdraws a contribution: a page that asks first, and the form on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_login import current_user

from app.foundation.access import Actor, member
from app.foundation.contributions import authorship, publication
from app.foundation.contributions.models import Contribution

A = TypeVar("A", bound=Actor)
C = TypeVar("C", bound=Contribution)


def add_views(
    bp: Blueprint,
    model: type[C],
    withdrawn: LazyString,
    withdraw_whole: Callable[[A, C], None] = publication.withdraw,
) -> None:
    """Add `confirm_withdraw` and `withdraw` of one kind to its blueprint; of stories at '/stories/<story_id>/withdraw'.

    The page is the template 'withdraw.html' of the blueprint's folder, which extends 'accounts/withdraw.html'.
    `withdrawn` is what its author reads afterwards; `withdraw_whole` is the domain function, which gets the actor and
    the contribution.
    """
    parameter = f"{model.kind}_id"
    address = f"/{model.kinds}/<int:{parameter}>/withdraw"

    @member
    def confirm_withdraw(**ids: int) -> ResponseReturnValue:
        """Ask before a contribution is withdrawn."""
        contribution = authorship.own_to_edit(current_user, model, ids[parameter])
        return render_template(
            f"{bp.name}/withdraw.html",
            contribution=contribution,
            latest=publication.latest_of(contribution),
            pending=publication.pending_of(contribution),
        )

    @member
    def withdraw(**ids: int) -> ResponseReturnValue:
        """Withdraw a contribution, or only its pending revision."""
        contribution = authorship.own_to_edit(current_user, model, ids[parameter])
        if request.form.get("what") == "revision":
            publication.withdraw_revision(current_user, contribution)
            flash(_("You’ve withdrawn the new version. The version that was public stays as it is."), "success")
        else:
            withdraw_whole(current_user, contribution)
            flash(str(withdrawn), "success")
        return redirect(url_for("accounts.contributions"))

    bp.add_url_rule(address, view_func=confirm_withdraw, methods=["GET"])
    bp.add_url_rule(address, view_func=withdraw, methods=["POST"])
