"""The page on which a follow-up is written: one form, several buttons. The views say of which story."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.follow_ups import authoring, drafts
from app.follow_ups.forms import FollowUpForm, form_about
from app.follow_ups.models import FollowUp, FollowUpDraft, later
from app.foundation import clock, database
from app.foundation.contributions.publication import is_public, latest_of
from app.foundation.database import db
from app.foundation.errors import DomainError
from app.foundation.text import markup
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import RenderedText, render_text
from app.foundation.web import forms
from app.screening import help_lines
from app.stories import privacy_hints
from app.stories.form_controller import drawn_beside
from app.stories.models import Story
from app.stories.privacy_hints import PrivacyHints

Fields = dict[str, list[str]]


def rendered(**_view_args: object) -> tuple[RenderedText, PrivacyHints]:
    """The text of the form, rendered before the lock, never more than could be accepted; and what stands beside."""
    body = forms.cleaned(request.form.get("body"))
    return render_text(body[: authoring.LONGEST + 1], Profile.STORY), marked()


def marked(**_view_args: object) -> PrivacyHints:
    """What stands beside the form as it was sent."""
    return privacy_hints.hints_for({"body": [markup.clean_input(request.form.get("body", ""))]})


def opened(story: Story, follow_up: FollowUp | None = None) -> str:
    """The form as it was left, else as it was sent, else empty."""
    draft = drafts.of(story, follow_up)
    if draft is not None:
        fields = {**draft.fields, "key": [draft.key]}
    else:
        fields = drafts.fields_of(latest_of(follow_up)) if follow_up else {}
    return _page(form_about(story, fields), story, follow_up, draft=draft)


def pressed(story: Story, follow_up: FollowUp | None = None) -> ResponseReturnValue:
    """Whichever button was pressed: keep it, take neutral words for a passage, show how it will look, or send it."""
    form = form_about(story, request.form)
    fields = form.written(request.form)
    if "save" in request.form:
        return _save(form, fields, story, follow_up)
    if "replace" in request.form:
        fields = privacy_hints.replaced(fields, markup.clean_input(request.form["replace"]))
        form = form_about(story, {**fields, "key": [forms.submitted_key()]})
        return _again(form, fields, story, follow_up)
    if "preview" in request.form:
        return _preview(form, fields, story, follow_up)
    return _send(form, fields, story, follow_up)


def keep(story: Story, follow_up: FollowUp | None = None) -> ResponseReturnValue:
    """Keep what is being typed; answers in JSON."""
    fields = form_about(story, request.form).written(request.form)
    if not drafts.says_something(fields):
        return "", 204
    try:
        kept = drafts.keep_typing(current_user, forms.submitted_key(), fields, story, follow_up)
    except DomainError as error:
        return {"message": error.message}, error.status
    if kept is None:
        return "", 204
    return {"margin": drawn_beside(g.prepared, _address(story, follow_up))}


def _save(form: FollowUpForm, fields: Fields, story: Story, follow_up: FollowUp | None) -> ResponseReturnValue:
    try:
        drafts.save(current_user, forms.submitted_key(), fields, story, follow_up)
    except DomainError as error:
        forms.refuse(form, error)
        return _page(form, story, follow_up), 422
    flash(_("Your draft is kept. You find it under ‘Your contributions’."), "success")
    return redirect(_address(story, follow_up))


def _send(form: FollowUpForm, fields: Fields, story: Story, follow_up: FollowUp | None) -> ResponseReturnValue:
    if not form.validate_on_submit():
        return _again(form, fields, story, follow_up), 422
    body, beside = g.prepared
    if beside.digest != request.form.get("seen", ""):
        # Something is in the margin that they have not seen: they look at it, and send it as it is if they like.
        return _again(form, fields, story, follow_up, look_first=True)
    try:
        content = form.content(body)
        if follow_up is None:
            authoring.tell(current_user, story, content, forms.submitted_key())
        else:
            authoring.change(current_user, follow_up, content)
    except DomainError as error:
        forms.refuse(form, error)
        return _again(form, fields, story, follow_up), error.status
    flash(_("Your follow-up is with our moderators. One of them reads it before anybody else can."), "success")
    return redirect(url_for("accounts.contributions"))


def _preview(form: FollowUpForm, fields: Fields, story: Story, follow_up: FollowUp | None) -> ResponseReturnValue:
    """Show the version as everybody would read it."""
    if not form.validate_on_submit():
        return _again(form, fields, story, follow_up), 422
    body, _beside = g.prepared
    try:
        form.content(body).check()
    except DomainError as error:
        forms.refuse(form, error)
        return _again(form, fields, story, follow_up), error.status
    return _again(form, fields, story, follow_up, preview=body)


def _again(
    form: FollowUpForm,
    fields: Fields,
    story: Story,
    follow_up: FollowUp | None,
    *,
    look_first: bool = False,
    preview: RenderedText | None = None,
) -> str:
    """The form once more, what was written kept before."""
    ids = story.id, follow_up.id if follow_up else None
    if drafts.says_something(fields):
        forms.save_draft_after_rollback(
            form, lambda: drafts.save(current_user, forms.submitted_key(), fields, *_anew(*ids))
        )
    # What follows only reads: the page is not drawn under the write lock.
    database.roll_back()
    return _page(form, *_anew(*ids), look_first=look_first, preview=preview)


def _anew(story_id: int, follow_up_id: int | None) -> tuple[Story, FollowUp | None]:
    return db.session.get_one(Story, story_id), db.session.get(FollowUp, follow_up_id) if follow_up_id else None


def _address(story: Story, follow_up: FollowUp | None) -> str:
    if follow_up is not None:
        return url_for("follow_ups.edit", follow_up_id=follow_up.id)
    return url_for("follow_ups.new", story_id=story.id)


def _page(
    form: FollowUpForm,
    story: Story,
    follow_up: FollowUp | None,
    *,
    draft: FollowUpDraft | None = None,
    look_first: bool = False,
    preview: RenderedText | None = None,
) -> str:
    return render_template(
        "follow_ups/form.html",
        form=form,
        story=story,
        follow_up=follow_up,
        draft=draft,
        is_public=is_public(story),
        errors=forms.all_errors(form),
        margin=privacy_hints.hints_for({"body": [form.body.data or ""]}),
        help_lines=help_lines.shown(),
        action=_address(story, follow_up),
        look_first=look_first,
        preview=authoring.revision_of(form.content(preview)) if preview else None,
        later=follow_up.later if follow_up else later(story.published_at or story.created_at, clock.now()),
        longest=authoring.LONGEST,
    )
