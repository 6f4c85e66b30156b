"""Telling and reading follow-ups over HTTP."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.follow_ups import telling
from app.follow_ups.forms import FollowUpForm, form_about
from app.follow_ups.models import FollowUp
from app.foundation import contributions, database, forms
from app.foundation.access import member, prepare, public
from app.foundation.composing import Composed, compose
from app.foundation.contributions import PublicationState, is_public, latest_of, pending_of
from app.foundation.database import db
from app.foundation.errors import DomainError, Missing, Removed
from app.foundation.markup import Profile
from app.stories.models import Story
from app.topics.models import Topic

bp = Blueprint("follow_ups", __name__)


def _rendered(**_view_args: object) -> Composed:
    return compose(forms.cleaned(request.form.get("body"))[: telling.LONGEST + 1], Profile.STORY)


@bp.get("/follow-ups/<int:follow_up_id>")
@public
def show(follow_up_id: int) -> ResponseReturnValue:
    """Lead to its place under the story; show its author where it stands while it is not public."""
    follow_up = db.session.scalar(
        sa.select(FollowUp).where(FollowUp.id == follow_up_id, FollowUp.readable_by(current_user))
    )
    if follow_up is None:
        raise _gone(db.session.get(FollowUp, follow_up_id))
    if is_public(follow_up):
        return redirect(f"{follow_up.story.url}#follow-up-{follow_up.id}")
    return render_template("follow_ups/show.html", follow_up=follow_up, revision=latest_of(follow_up))


def _gone(follow_up: FollowUp | None) -> DomainError:
    if follow_up is not None and follow_up.published_at is not None:
        if follow_up.state is PublicationState.WITHDRAWN:
            return Removed(_("The person who wrote this has withdrawn it."))
        if follow_up.state is PublicationState.REMOVED:
            return Removed(_("This was removed by our moderators."))
    return Missing()


@bp.get("/stories/<int:story_id>/follow-up")
@member
def new(story_id: int) -> ResponseReturnValue:
    """The form to follow one's own story up."""
    story = _own_story(story_id)
    return _form_page(form_about(_treatments(story)), story)


@bp.post("/stories/<int:story_id>/follow-up")
@member
@prepare(_rendered)
def create(story_id: int) -> ResponseReturnValue:
    """Send a follow-up for review."""
    return _send(_own_story(story_id))


@bp.get("/follow-ups/<int:follow_up_id>/edit")
@member
def edit(follow_up_id: int) -> ResponseReturnValue:
    """The next version of one's own follow-up."""
    follow_up = _own(follow_up_id)
    form = form_about(_treatments(follow_up.story), latest_of(follow_up))
    return _form_page(form, follow_up.story, follow_up)


@bp.post("/follow-ups/<int:follow_up_id>/edit")
@member
@prepare(_rendered)
def change(follow_up_id: int) -> ResponseReturnValue:
    """Send the next version of one's own follow-up for review."""
    follow_up = _own(follow_up_id)
    return _send(follow_up.story, follow_up)


@bp.get("/follow-ups/<int:follow_up_id>/withdraw")
@member
def confirm_withdraw(follow_up_id: int) -> ResponseReturnValue:
    """Ask before a follow-up is withdrawn."""
    follow_up = _own(follow_up_id)
    return render_template(
        "follow_ups/withdraw.html", follow_up=follow_up, latest=latest_of(follow_up), pending=pending_of(follow_up)
    )


@bp.post("/follow-ups/<int:follow_up_id>/withdraw")
@member
def withdraw(follow_up_id: int) -> ResponseReturnValue:
    """Withdraw a follow-up, or only the version that waits."""
    follow_up = _own(follow_up_id)
    if request.form.get("what") == "revision":
        contributions.withdraw_revision(current_user, follow_up)
        flash(_("The new version is withdrawn. What was public before stays as it is."), "success")
    else:
        contributions.withdraw(current_user, follow_up)
        flash(_("Your follow-up is withdrawn. Nobody else can read it any more."), "success")
    return redirect(url_for("accounts.contributions"))


def _own_story(story_id: int) -> Story:
    story = db.session.get(Story, story_id)
    if story is None or story.live is None or not contributions.may_edit(current_user, story):
        raise Missing
    return story


def _own(follow_up_id: int) -> FollowUp:
    follow_up = db.session.get(FollowUp, follow_up_id)
    if follow_up is None or not contributions.may_edit(current_user, follow_up):
        raise Missing
    return follow_up


def _treatments(story: Story) -> list[Topic]:
    """What the story tells of, each once."""
    tried: Any = story.live.treatments if story.live else ()
    return list(dict.fromkeys(each.topic for each in tried))


def _send(story: Story, follow_up: FollowUp | None = None) -> ResponseReturnValue:
    form = form_about(_treatments(story))
    if not form.validate_on_submit():
        return _form_page(form, story, follow_up), 422
    try:
        content = form.content(g.prepared)
        if follow_up is None:
            telling.tell(current_user, story, content, forms.sent_key())
        else:
            telling.change(current_user, follow_up, content)
    except DomainError as error:
        forms.refuse(form, error)
        return _form_page(form, story, follow_up), error.status
    flash(_("Your follow-up is with our moderators. One of them reads it before anybody else can."), "success")
    return redirect(url_for("accounts.contributions"))


def _form_page(form: FollowUpForm, story: Story, follow_up: FollowUp | None = None) -> str:
    if form.errors:
        database.abandon()
    return render_template(
        "follow_ups/form.html",
        form=form,
        story=story,
        follow_up=follow_up,
        is_public=is_public(story),
        errors=forms.listed(form),
    )
