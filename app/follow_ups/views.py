"""Telling and reading follow-ups over HTTP."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user

from app.follow_ups import drafts, form_controller
from app.follow_ups.kind import FOLLOW_UP
from app.follow_ups.models import FollowUp
from app.foundation.access import member, prepare, public
from app.foundation.contributions import authorship, erasure_requests, tombstones
from app.foundation.contributions.publication import is_public, latest_of
from app.foundation.database import db
from app.foundation.errors import Missing, Removed
from app.foundation.web import withdrawal
from app.stories.models import Story

bp = Blueprint("follow_ups", __name__)

withdrawal.add_views(bp, FollowUp, lazy_gettext("Your follow-up is withdrawn. Nobody else can read it any more."))


@bp.get("/follow-ups/<int:follow_up_id>")
@public
def show(follow_up_id: int) -> ResponseReturnValue:
    """Lead to its place under the story; show its author where it stands while it is not public."""
    follow_up = db.session.scalar(
        sa.select(FollowUp).where(FollowUp.id == follow_up_id, FollowUp.readable_by(current_user))
    )
    if follow_up is None:
        raise tombstones.error_for(db.session.get(FollowUp, follow_up_id), FOLLOW_UP.tombstones)
    if is_public(follow_up):
        return redirect(f"{follow_up.story.url}#follow-up-{follow_up.id}")
    if erasure_requests.is_done(follow_up):
        raise Removed(FOLLOW_UP.tombstones.erased)
    return render_template("follow_ups/show.html", follow_up=follow_up, revision=latest_of(follow_up))


@bp.get("/stories/<int:story_id>/follow-up")
@member
def new(story_id: int) -> ResponseReturnValue:
    """The form to follow one's own story up, as it was left."""
    return form_controller.opened(_own_story(story_id))


@bp.post("/stories/<int:story_id>/follow-up")
@member
@prepare(form_controller.rendered)
def create(story_id: int) -> ResponseReturnValue:
    """A follow-up of one's own story: keep it as a draft, or send it for review."""
    return form_controller.pressed(_own_story(story_id))


@bp.post("/stories/<int:story_id>/follow-up/draft")
@member
@prepare(form_controller.marked)
def keep_new(story_id: int) -> ResponseReturnValue:
    """Keep a follow-up while it is typed; answers in JSON, as `stories.keep` does."""
    return form_controller.keep(_own_story(story_id))


@bp.post("/stories/<int:story_id>/follow-up/discard")
@member
def discard_new(story_id: int) -> ResponseReturnValue:
    """Throw away the follow-up that was begun."""
    return _discard(_own_story(story_id))


@bp.get("/follow-ups/<int:follow_up_id>/edit")
@member
def edit(follow_up_id: int) -> ResponseReturnValue:
    """The next version of one's own follow-up: from the draft of it, or from the version sent last."""
    follow_up = authorship.own_to_edit(current_user, FollowUp, follow_up_id)
    return form_controller.opened(follow_up.story, follow_up)


@bp.post("/follow-ups/<int:follow_up_id>/edit")
@member
@prepare(form_controller.rendered)
def change(follow_up_id: int) -> ResponseReturnValue:
    """The next version of one's own follow-up: keep it as a draft, or send it for review."""
    follow_up = authorship.own_to_edit(current_user, FollowUp, follow_up_id)
    return form_controller.pressed(follow_up.story, follow_up)


@bp.post("/follow-ups/<int:follow_up_id>/draft")
@member
@prepare(form_controller.marked)
def keep_next(follow_up_id: int) -> ResponseReturnValue:
    """Keep the next version of a follow-up while it is typed; answers in JSON, as `stories.keep` does."""
    follow_up = authorship.own_to_edit(current_user, FollowUp, follow_up_id)
    return form_controller.keep(follow_up.story, follow_up)


@bp.post("/follow-ups/<int:follow_up_id>/discard")
@member
def discard_next(follow_up_id: int) -> ResponseReturnValue:
    """Throw away the next version of a follow-up that was begun."""
    follow_up = authorship.own_to_edit(current_user, FollowUp, follow_up_id)
    return _discard(follow_up.story, follow_up)


def _discard(story: Story, follow_up: FollowUp | None = None) -> ResponseReturnValue:
    drafts.discard_of(current_user, story, follow_up)
    flash(_("The draft is gone."), "success")
    return redirect(url_for("accounts.contributions"))


def _own_story(story_id: int) -> Story:
    story = authorship.own(current_user, Story, story_id)
    if story.live is None:
        raise Missing
    authorship.check_editable(current_user, story)
    return story
