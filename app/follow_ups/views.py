"""Writing and reading follow-ups over HTTP."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user

from app.follow_ups import authoring, drafts
from app.follow_ups.kind import FOLLOW_UP
from app.follow_ups.models import FollowUp, FollowUpRevision, later
from app.foundation import clock
from app.foundation.access import member, prepare, public
from app.foundation.contributions import authorship, erasure_requests, tombstones
from app.foundation.contributions.drafts import Draft
from app.foundation.contributions.publication import is_public, latest_of
from app.foundation.database import db
from app.foundation.errors import Missing, Removed
from app.foundation.web import forms, withdrawal
from app.questionnaires.drafts import was_sent
from app.questionnaires.form_controller import FormPage, rendering, screening
from app.questionnaires.forms import QuestionForm, form_about
from app.questionnaires.questions import Fields, fields_of
from app.stories.models import Story, TreatmentTried

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


class FollowUpPage(FormPage):
    """The page on which a follow-up of `story` is written: a new one, or the next version of `follow_up`."""

    model = FollowUpRevision
    template = "follow_ups/form.html"
    sent_message = lazy_gettext("Your follow-up is with our moderators. One of them reads it before anybody else can.")

    def __init__(self, key: str, story: Story, follow_up: FollowUp | None = None) -> None:
        super().__init__(key)
        self.story, self.follow_up = story, follow_up
        self._ids = story.id, follow_up.id if follow_up else None

    @property
    def treatments(self) -> list[TreatmentTried]:
        """The treatments of the story. Of one that it names twice, the last entry, where the first one is."""
        live = self.story.live
        return list({tried.topic_id: tried for tried in (live.treatments if live else ())}.values())

    @property
    def form_class(self) -> type[QuestionForm]:
        """The form with the questions about each treatment of the story."""
        return form_about(FollowUpRevision, tuple(tried.topic for tried in self.treatments))

    @property
    def address(self) -> str:
        """Where the form is posted to, and where it is found again."""
        story_id, follow_up_id = self._ids
        if follow_up_id is not None:
            return url_for("follow_ups.edit", follow_up_id=follow_up_id)
        return url_for("follow_ups.new", story_id=story_id)

    def draft_address(self, draft: Draft) -> str:
        """Where the writing goes on."""
        return self.address

    def save_draft(self, fields: Fields) -> Draft:
        """Keep the fields as a draft. Raises Refused."""
        return drafts.save(current_user, self.key, fields, self.story, self.follow_up)

    def was_sent(self, fields: Fields) -> bool:
        """Whether these fields say what was sent already."""
        return was_sent(current_user, FollowUp, self.key, fields, self.follow_up)

    def check_preview(self, version: FollowUpRevision) -> None:
        """Raise Refused for a version that says nothing."""
        authoring.check_says_something(version)

    def send(self, version: FollowUpRevision) -> None:
        """Send a version for review. Raises DomainError."""
        if self.follow_up is None:
            authoring.tell(current_user, self.story, version, self.key)
        else:
            authoring.change(current_user, self.follow_up, version)

    def reload(self) -> None:
        """Read the story and the follow-up anew after the transaction was given up."""
        story_id, follow_up_id = self._ids
        self.story = db.session.get_one(Story, story_id)
        self.follow_up = db.session.get(FollowUp, follow_up_id) if follow_up_id else None

    def context(self) -> dict[str, Any]:
        """What the template needs besides the form."""
        begun = self.story.published_at or self.story.created_at
        return {
            "story": self.story,
            "follow_up": self.follow_up,
            "treatments": self.treatments,
            "is_public": is_public(self.story),
            "later": self.follow_up.later if self.follow_up else later(begun, clock.now()),
        }


def _opened(story: Story, follow_up: FollowUp | None = None) -> str:
    """The form as it was left, else as it was sent, else empty."""
    draft = drafts.of(story, follow_up)
    page = FollowUpPage(draft.key if draft else forms.new_key(), story, follow_up)
    if draft is not None:
        return page.page(page.filled(draft.fields), draft=draft)
    return page.page(page.filled(fields_of(latest_of(follow_up))) if follow_up else page.empty())


@bp.get("/stories/<int:story_id>/follow-up")
@member
def new(story_id: int) -> ResponseReturnValue:
    """The form to follow one's own story up, as it was left."""
    return _opened(_own_story(story_id))


@bp.post("/stories/<int:story_id>/follow-up")
@member
@prepare(rendering(FollowUpRevision))
def create(story_id: int) -> ResponseReturnValue:
    """A follow-up of one's own story: keep it as a draft, or send it for review."""
    return FollowUpPage(forms.submitted_key(), _own_story(story_id)).pressed()


@bp.post("/stories/<int:story_id>/follow-up/draft")
@member
@prepare(screening(FollowUpRevision))
def keep_new(story_id: int) -> ResponseReturnValue:
    """Keep a follow-up while it is typed; answers in JSON, as `stories.keep` does."""
    return FollowUpPage(forms.submitted_key(), _own_story(story_id)).keep()


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
    return _opened(follow_up.story, follow_up)


@bp.post("/follow-ups/<int:follow_up_id>/edit")
@member
@prepare(rendering(FollowUpRevision))
def change(follow_up_id: int) -> ResponseReturnValue:
    """The next version of one's own follow-up: keep it as a draft, or send it for review."""
    follow_up = authorship.own_to_edit(current_user, FollowUp, follow_up_id)
    return FollowUpPage(forms.submitted_key(), follow_up.story, follow_up).pressed()


@bp.post("/follow-ups/<int:follow_up_id>/draft")
@member
@prepare(screening(FollowUpRevision))
def keep_next(follow_up_id: int) -> ResponseReturnValue:
    """Keep the next version of a follow-up while it is typed; answers in JSON, as `stories.keep` does."""
    follow_up = authorship.own_to_edit(current_user, FollowUp, follow_up_id)
    return FollowUpPage(forms.submitted_key(), follow_up.story, follow_up).keep()


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
