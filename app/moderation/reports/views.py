"""The pages on which a reader says that something should be looked at."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.comments.models import Comment
from app.follow_ups.models import FollowUp
from app.foundation import database
from app.foundation.access import or_404, public
from app.foundation.database import db
from app.foundation.errors import DomainError
from app.foundation.web import forms
from app.moderation.references import AnyContribution
from app.moderation.reports import reports
from app.moderation.reports.forms import ReportForm
from app.stories.models import Story

bp = Blueprint("reports", __name__)


@bp.get("/stories/<int:story_id>/report")
@public
def report_story(story_id: int) -> ResponseReturnValue:
    """The form to report a story."""
    return _report_page(_public(Story, story_id), ReportForm(formdata=None))


@bp.post("/stories/<int:story_id>/report")
@public
def send_story_report(story_id: int) -> ResponseReturnValue:
    """Report a story."""
    return _report(_public(Story, story_id))


@bp.get("/comments/<int:comment_id>/report")
@public
def report_comment(comment_id: int) -> ResponseReturnValue:
    """The form to report a comment."""
    return _report_page(_public(Comment, comment_id), ReportForm(formdata=None))


@bp.post("/comments/<int:comment_id>/report")
@public
def send_comment_report(comment_id: int) -> ResponseReturnValue:
    """Report a comment."""
    return _report(_public(Comment, comment_id))


@bp.get("/follow-ups/<int:follow_up_id>/report")
@public
def report_follow_up(follow_up_id: int) -> ResponseReturnValue:
    """The form to report a follow-up."""
    return _report_page(_public(FollowUp, follow_up_id), ReportForm(formdata=None))


@bp.post("/follow-ups/<int:follow_up_id>/report")
@public
def send_follow_up_report(follow_up_id: int) -> ResponseReturnValue:
    """Report a follow-up."""
    return _report(_public(FollowUp, follow_up_id))


def _public(model: type[Any], thing_id: int) -> Any:
    return or_404(db.session.scalar(sa.select(model).where(model.id == thing_id, model.public())))


def _report(thing: AnyContribution) -> ResponseReturnValue:
    form = ReportForm()
    if not form.validate_on_submit():
        database.roll_back()
        return _report_page(thing, form), 422
    try:
        reports.report(current_user, thing, form.category.data, form.words.data or "")
    except DomainError as error:
        forms.refuse(form, error)
        return _report_page(thing, form), error.status
    flash(_("Thank you. A moderator will look at it."), "success")
    return redirect(thing.subject.url if isinstance(thing, Comment) else thing.url)


def _report_page(thing: AnyContribution, form: ReportForm) -> str:
    return render_template("moderation/reports/report.html", thing=thing, form=form, errors=forms.all_errors(form))
