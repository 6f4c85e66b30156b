"""Reading and writing stories over HTTP."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user

from app.comments import threads as discussion
from app.comments.forms import CommentForm
from app.follow_ups import queries as follow_ups
from app.foundation.access import member, or_404, prepare, public
from app.foundation.contributions import authorship, erasure_requests, publication, tombstones
from app.foundation.contributions.drafts import discard as discard_draft
from app.foundation.contributions.publication import latest_of
from app.foundation.database import db
from app.foundation.errors import Removed
from app.foundation.web import forms, withdrawal
from app.outcomes import counting
from app.search.results import story_filters, story_lists
from app.stories import authoring, drafts, form_controller, queries
from app.stories import thanks as stories_thanks
from app.stories.content import fields_of
from app.stories.forms import StoryForm, form_from
from app.stories.kind import STORY
from app.stories.models import Story, StoryDraft

bp = Blueprint("stories", __name__)

withdrawal.add_views(
    bp, Story, lazy_gettext("Your story is withdrawn. Nobody else can read it any more."), authoring.withdraw
)


@bp.get("/stories")
@public
def listing() -> ResponseReturnValue:
    """All public stories that meet the filters of the address."""
    filters = story_filters.from_arguments(request.args)
    counted = [counting.counted_stories(filters.condition, filters.treatment, filters.effect)]
    listed = story_lists.story_list(filters, None, *(counted if filters.counted else ()))
    return render_template("stories/list.html", listed=listed)


@bp.get("/stories/<int:story_id>/<slug>")
@bp.get("/stories/<int:story_id>", defaults={"slug": None})
@public
def show(story_id: int, slug: str | None) -> ResponseReturnValue:
    """One story: its journey, its words, its comments."""
    story = queries.for_page(story_id, current_user)
    if story is None:
        raise tombstones.error_for(db.session.get(Story, story_id), STORY.tombstones)
    is_public = publication.is_public(story)
    erasure = None if is_public else erasure_requests.request_for(story)
    if erasure is not None and erasure.is_done:
        raise Removed(STORY.tombstones.erased)
    if slug != story.slug:
        return redirect(story.url)
    return render_template(
        "stories/show.html",
        story=story,
        is_public=is_public,
        erasure=erasure,
        revision=story.live if is_public else latest_of(story),
        thread=discussion.thread(story) if is_public else discussion.Thread(),
        comment_form=CommentForm(),
        follow_ups=follow_ups.timeline(story) if is_public else [],
        has_thanked=is_public and stories_thanks.has_thanked(current_user, story),
        related=queries.related(story) if is_public else [],
    )


@bp.get("/stories/<int:story_id>/thanks")
@member
def thanks(story_id: int) -> ResponseReturnValue:
    """The button alone, for who had to log in first."""
    story = _public_story(story_id)
    if not stories_thanks.may_thank(current_user, story):
        return redirect(story.url)
    return render_template(
        "stories/thanks.html", story=story, has_thanked=stories_thanks.has_thanked(current_user, story)
    )


@bp.post("/stories/<int:story_id>/thanks")
@member
def thank(story_id: int) -> ResponseReturnValue:
    """Say that a story helped, or take that back."""
    story = _public_story(story_id)
    if request.form.get("what") == "back":
        stories_thanks.take_back(current_user, story)
    else:
        stories_thanks.thank(current_user, story)
    return redirect(f"{story.url}#thanks")


def _public_story(story_id: int) -> Story:
    return or_404(db.session.scalar(sa.select(Story).where(Story.id == story_id, Story.public())))


@bp.get("/stories/new")
@member
def new() -> ResponseReturnValue:
    """An empty form."""
    form = StoryForm(formdata=None)
    form.offer_blank_side_effects()
    return form_controller.page(form, key=forms.new_key())


@bp.post("/stories/new")
@member
@prepare(form_controller.rendered)
def create() -> ResponseReturnValue:
    """A new story: keep it as a draft, change the number of treatments, or send it."""
    return form_controller.pressed(forms.submitted_key(), None)


@bp.get("/stories/drafts/<int:draft_id>")
@member
def draft(draft_id: int) -> ResponseReturnValue:
    """Go on writing a draft."""
    mine = _draft(draft_id)
    return form_controller.page(form_from(mine.fields), key=mine.key, draft=mine, story=mine.story)


@bp.post("/stories/drafts")
@member
@prepare(form_controller.marked)
def keep() -> ResponseReturnValue:
    """Keep a new story while it is typed. Answers in JSON: `url` of the draft and what stands in
    the `margin`, or a `message` why it was not kept.
    """
    return form_controller.keep(forms.submitted_key(), None)


@bp.post("/stories/<int:story_id>/draft")
@member
@prepare(form_controller.marked)
def keep_next(story_id: int) -> ResponseReturnValue:
    """Keep the next version of one's own story while it is typed; answers as `keep` does."""
    return form_controller.keep(forms.submitted_key(), authorship.own_to_edit(current_user, Story, story_id))


@bp.post("/stories/drafts/<int:draft_id>/discard")
@member
def discard(draft_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    discard_draft(current_user, _draft(draft_id))
    flash(_("The draft is gone."), "success")
    return redirect(url_for("accounts.contributions"))


@bp.get("/stories/<int:story_id>/edit")
@member
def edit(story_id: int) -> ResponseReturnValue:
    """The next version of one's own story: from the draft of it, or from the version sent last."""
    story = authorship.own_to_edit(current_user, Story, story_id)
    kept = drafts.of(story)
    fields = kept.fields if kept else fields_of(latest_of(story))
    return form_controller.page(form_from(fields), key=forms.new_key(), draft=kept, story=story)


@bp.post("/stories/<int:story_id>/edit")
@member
@prepare(form_controller.rendered)
def change(story_id: int) -> ResponseReturnValue:
    """The next version of one's own story: keep it as a draft, or send it."""
    return form_controller.pressed(forms.submitted_key(), authorship.own_to_edit(current_user, Story, story_id))


def _draft(draft_id: int) -> StoryDraft:
    return or_404(
        db.session.scalar(
            sa.select(StoryDraft).where(StoryDraft.id == draft_id, StoryDraft.author_id == current_user.id)
        )
    )
