"""Views for reading and writing follow-ups."""

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
from app.follow_ups.models import FollowUp, FollowUpRevision, time_later
from app.foundation import clock
from app.foundation.access import member, prepare, public
from app.foundation.contributions import authorship, erasure_requests, tombstones
from app.foundation.contributions.drafts import Draft
from app.foundation.contributions.publication import is_public, latest_of
from app.foundation.database import db
from app.foundation.errors import Missing, Removed
from app.foundation.web import forms, withdrawal
from app.notifications import submission_status
from app.questionnaires.declaration import Fields
from app.questionnaires.drafts import was_sent
from app.questionnaires.form_controller import FormPage, rendering, screening
from app.questionnaires.forms import QuestionForm, form_about
from app.questionnaires.questions import fields_of
from app.stories.models import Story, TreatmentTried

bp = Blueprint("follow_ups", __name__)

withdrawal.add_views(bp, FollowUp, lazy_gettext("Your follow-up is withdrawn. Nobody else can read it any more."))


@bp.get("/follow-ups/<int:follow_up_id>")
@public
def show(follow_up_id: int) -> ResponseReturnValue:
    """Redirect to the follow-up on the page of its story. While it is not public, its author sees its state instead."""
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


class FollowUpPage(FormPage[FollowUpRevision]):
    """The page with the form of a new follow-up of `story`, or of the next revision of `follow_up`."""

    model = FollowUpRevision
    template = "follow_ups/form.html"
    sent_message = lazy_gettext("Thank you. Your follow-up is with our moderators. One of them reads it first.")

    def __init__(self, key: str, story: Story, follow_up: FollowUp | None = None) -> None:
        super().__init__(key)
        self.story, self.follow_up = story, follow_up
        self._ids = story.id, follow_up.id if follow_up else None

    @property
    def treatments(self) -> list[TreatmentTried]:
        """The treatments of the live revision of the story. If it names one twice, only the last entry."""
        live = self.story.live
        return list({tried.topic_id: tried for tried in (live.treatments if live else ())}.values())

    @property
    def form_class(self) -> type[QuestionForm]:
        """The class of the form, with the questions about each treatment of the story."""
        return form_about(FollowUpRevision, tuple(tried.topic for tried in self.treatments))

    @property
    def address(self) -> str:
        """The address to which the form is posted, and at which a draft is continued."""
        story_id, follow_up_id = self._ids
        if follow_up_id is not None:
            return url_for("follow_ups.edit", follow_up_id=follow_up_id)
        return url_for("follow_ups.new", story_id=story_id)

    def draft_address(self, draft: Draft) -> str:
        """The address at which its author continues a draft."""
        return self.address

    def save_draft(self, fields: Fields) -> Draft:
        """Save the fields as a draft, and return it. Raises NotAllowed and Refused."""
        return drafts.save(current_user, self.key, fields, self.story, self.follow_up)

    def was_sent(self, fields: Fields) -> bool:
        """Whether these fields are equal to what was submitted last."""
        return was_sent(current_user, FollowUp, self.key, fields, self.follow_up)

    def check_preview(self, version: FollowUpRevision) -> None:
        """Raise Refused for a revision with neither an answer nor a text."""
        authoring.check_not_blank(version)

    def send(self, version: FollowUpRevision) -> None:
        """Submit a revision for review. Raises DomainError."""
        if self.follow_up is None:
            authoring.submit(current_user, self.story, version, self.key)
        else:
            authoring.submit_edit(current_user, self.follow_up, version)

    def reload(self) -> None:
        """Load the story and the follow-up again after a rollback."""
        story_id, follow_up_id = self._ids
        self.story = db.session.get_one(Story, story_id)
        self.follow_up = db.session.get(FollowUp, follow_up_id) if follow_up_id else None

    def context(self) -> dict[str, Any]:
        """The variables that the template needs besides the form."""
        published_at = self.story.published_at or self.story.created_at
        return {
            "story": self.story,
            "follow_up": self.follow_up,
            "sent_back": submission_status.sent_back(self.follow_up) if self.follow_up else None,
            "treatments": self.treatments,
            "is_public": is_public(self.story),
            "time_later": self.follow_up.time_later if self.follow_up else time_later(published_at, clock.now()),
        }


def _form_page(story: Story, follow_up: FollowUp | None = None) -> str:
    """The page with the form, filled from the draft, or else from the latest revision, or else empty."""
    draft = drafts.draft_of(story, follow_up)
    page = FollowUpPage(draft.key if draft else forms.new_key(), story, follow_up)
    if draft is not None:
        return page.page(page.filled(draft.fields), draft=draft)
    return page.page(page.filled(fields_of(latest_of(follow_up))) if follow_up else page.empty())


def _edit_page(follow_up_id: int) -> FollowUpPage:
    """The form that was submitted for the next revision of one's own follow-up."""
    follow_up = authorship.own_to_edit(current_user, FollowUp, follow_up_id)
    return FollowUpPage(forms.submitted_key(), follow_up.story, follow_up)


@bp.get("/stories/<int:story_id>/follow-up")
@member
def new(story_id: int) -> ResponseReturnValue:
    """Show the form for a follow-up of one's own story, filled from its draft if there is one."""
    return _form_page(_own_story(story_id))


@bp.post("/stories/<int:story_id>/follow-up")
@member
@prepare(rendering(FollowUpRevision))
def create(story_id: int) -> ResponseReturnValue:
    """Save a follow-up of one's own story as a draft, preview it, or submit it."""
    return FollowUpPage(forms.submitted_key(), _own_story(story_id)).submit()


@bp.post("/stories/<int:story_id>/follow-up/draft")
@member
@prepare(screening(FollowUpRevision))
def save_new_draft(story_id: int) -> ResponseReturnValue:
    """Save a new follow-up as a draft while it is being typed. Answers as `stories.views.save_draft` does."""
    return FollowUpPage(forms.submitted_key(), _own_story(story_id)).autosave()


@bp.post("/stories/<int:story_id>/follow-up/discard")
@member
def discard_new_draft(story_id: int) -> ResponseReturnValue:
    """Delete the draft of a new follow-up."""
    return _discard(_own_story(story_id))


@bp.get("/follow-ups/<int:follow_up_id>/edit")
@member
def edit(follow_up_id: int) -> ResponseReturnValue:
    """Show the form for the next revision of one's own follow-up, filled from its draft or the latest revision."""
    follow_up = authorship.own_to_edit(current_user, FollowUp, follow_up_id)
    return _form_page(follow_up.story, follow_up)


@bp.post("/follow-ups/<int:follow_up_id>/edit")
@member
@prepare(rendering(FollowUpRevision))
def change(follow_up_id: int) -> ResponseReturnValue:
    """Save the next revision of one's own follow-up as a draft, preview it, or submit it."""
    return _edit_page(follow_up_id).submit()


@bp.post("/follow-ups/<int:follow_up_id>/draft")
@member
@prepare(screening(FollowUpRevision))
def save_edit_draft(follow_up_id: int) -> ResponseReturnValue:
    """Save an edit of a follow-up as a draft while it is typed. Answers as `stories.views.save_draft` does."""
    return _edit_page(follow_up_id).autosave()


@bp.post("/follow-ups/<int:follow_up_id>/discard")
@member
def discard_edit_draft(follow_up_id: int) -> ResponseReturnValue:
    """Delete the draft of the next revision of a follow-up."""
    follow_up = authorship.own_to_edit(current_user, FollowUp, follow_up_id)
    return _discard(follow_up.story, follow_up)


def _discard(story: Story, follow_up: FollowUp | None = None) -> ResponseReturnValue:
    drafts.discard_of(current_user, story, follow_up)
    flash(_("Draft deleted."), "success")
    return redirect(url_for("accounts.contributions"))


def _own_story(story_id: int) -> Story:
    story = authorship.own(current_user, Story, story_id)
    if story.live is None:
        raise Missing
    authorship.check_editable(current_user, story)
    return story
