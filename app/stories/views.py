"""Reading and writing stories over HTTP."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.comments import threads
from app.comments.forms import CommentForm
from app.follow_ups import reading as follow_ups
from app.foundation import contributions, database, forms
from app.foundation.access import found, member, prepare, public
from app.foundation.composing import Composed, compose
from app.foundation.contributions import PublicationState, latest_of, may_edit, pending_of, withdraw_revision
from app.foundation.database import db, transaction
from app.foundation.errors import DomainError, Missing, Removed
from app.foundation.forms import one_line
from app.foundation.markup import Profile
from app.foundation.pagination import paginate
from app.outcomes import counting
from app.stories import authoring, filtering, limits, reading, thanking
from app.stories.forms import (
    StoryForm,
    form_from,
    say_something,
    with_treatment,
    without_treatment,
    written_fields,
)
from app.stories.models import Story, StoryDraft, StoryRevision
from app.topics import vocabulary
from app.topics.models import TopicKind

bp = Blueprint("stories", __name__)


@bp.get("/stories")
@public
def listing() -> ResponseReturnValue:
    """All public stories that meet the filters of the address, newest first."""
    filters = filtering.asked({name: one_line(request.args.get(name)) for name in filtering.NAMES})
    chosen = reading.newest().where(filtering.meeting(filters))
    if filters.counted:
        chosen = chosen.where(counting.counted_stories(filters.condition, filters.treatment, filters.effect))
    page = paginate(chosen)
    counts = threads.counts(page.items)["story"]
    return render_template(
        "stories/list.html",
        page=page,
        filters=filters,
        without=_address_without,
        cards=reading.cards(page.items, counts),
    )


def _address_without(name: str) -> str:
    """The address of the list without one of its filters."""
    kept: dict[str, Any] = {
        other: request.args[other] for other in filtering.NAMES if other in request.args and other != name
    }
    return url_for("stories.listing", **kept)


@bp.get("/stories/<int:story_id>/<slug>")
@bp.get("/stories/<int:story_id>", defaults={"slug": None})
@public
def show(story_id: int, slug: str | None) -> ResponseReturnValue:
    """One story: its journey, its words, its comments."""
    story = reading.for_page(story_id, current_user)
    if story is None:
        raise _gone(db.session.get(Story, story_id))
    if slug != story.slug:
        return redirect(story.url)
    is_public = contributions.is_public(story)
    return render_template(
        "stories/show.html",
        story=story,
        is_public=is_public,
        revision=story.live if is_public else latest_of(story),
        thread=threads.thread(story) if is_public else [],
        comment_form=CommentForm(),
        follow_ups=follow_ups.timeline(story) if is_public else [],
        has_thanked=is_public and thanking.has_thanked(current_user, story),
        related=reading.related(story) if is_public else [],
    )


@bp.get("/stories/<int:story_id>/thanks")
@member
def thanks(story_id: int) -> ResponseReturnValue:
    """The button alone, for who had to log in first."""
    story = _public_story(story_id)
    if not thanking.may_thank(current_user, story):
        return redirect(story.url)
    return render_template("stories/thanks.html", story=story, has_thanked=thanking.has_thanked(current_user, story))


@bp.post("/stories/<int:story_id>/thanks")
@member
def thank(story_id: int) -> ResponseReturnValue:
    """Say that a story helped, or take that back."""
    story = _public_story(story_id)
    if request.form.get("what") == "back":
        thanking.take_back(current_user, story)
    else:
        thanking.thank(current_user, story)
    return redirect(f"{story.url}#thanks")


def _public_story(story_id: int) -> Story:
    return found(db.session.scalar(sa.select(Story).where(Story.id == story_id, Story.public())))


def _gone(story: Story | None) -> DomainError:
    """What is withdrawn or removed says so; everything else that may not be read answers like nothing."""
    if story is not None and story.published_at is not None:
        if story.state is PublicationState.WITHDRAWN:
            return Removed(_("The person who wrote this story has withdrawn it."))
        if story.state is PublicationState.REMOVED:
            return Removed(_("This story was removed by our moderators."))
    return Missing()


def _rendered(**_view_args: object) -> tuple[Composed, Composed]:
    """Both texts of the form, rendered before the lock; never more than could be accepted."""
    body = forms.cleaned(request.form.get("body"))[: limits.BODY_LONGEST + 1]
    advice = forms.cleaned(request.form.get("advice"))[: limits.ADVICE_LONGEST + 1]
    return compose(body, Profile.STORY), compose(advice, Profile.STORY)


@bp.get("/stories/new")
@member
def new() -> ResponseReturnValue:
    """An empty form."""
    form = StoryForm(formdata=None)
    form.offer_blank_side_effects()
    return _form_page(form, key=forms.new_key())


@bp.post("/stories/new")
@member
@prepare(_rendered)
def create() -> ResponseReturnValue:
    """A new story: keep it as a draft, change the number of treatments, or send it."""
    return _work(forms.sent_key(), None)


@bp.get("/stories/drafts/<int:draft_id>")
@member
def draft(draft_id: int) -> ResponseReturnValue:
    """Go on writing a draft."""
    mine = _draft(draft_id)
    return _form_page(form_from(mine.fields), key=mine.key, draft=mine, story=mine.story)


@bp.post("/stories/drafts")
@member
def keep() -> ResponseReturnValue:
    """Keep a new story while it is typed. Answers in JSON: `url` of the draft, or a `message` why it was not kept."""
    return _keep(forms.sent_key(), None)


@bp.post("/stories/<int:story_id>/draft")
@member
def keep_next(story_id: int) -> ResponseReturnValue:
    """Keep the next version of one's own story while it is typed; answers as `keep` does."""
    return _keep(forms.sent_key(), _own(story_id))


@bp.post("/stories/drafts/<int:draft_id>/discard")
@member
def discard(draft_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    authoring.discard_draft(current_user, _draft(draft_id))
    flash(_("The draft is gone."), "success")
    return redirect(url_for("accounts.contributions"))


@bp.get("/stories/<int:story_id>/edit")
@member
def edit(story_id: int) -> ResponseReturnValue:
    """The next version of one's own story: from the draft of it, or from the version sent last."""
    story = _own(story_id)
    kept = authoring.draft_of(story)
    fields = kept.fields if kept else authoring.fields_of(latest_of(story))
    return _form_page(form_from(fields), key=forms.new_key(), draft=kept, story=story)


@bp.post("/stories/<int:story_id>/edit")
@member
@prepare(_rendered)
def change(story_id: int) -> ResponseReturnValue:
    """The next version of one's own story: keep it as a draft, or send it."""
    return _work(forms.sent_key(), _own(story_id))


@bp.get("/stories/<int:story_id>/withdraw")
@member
def confirm_withdraw(story_id: int) -> ResponseReturnValue:
    """Ask before a story is withdrawn."""
    story = _own(story_id)
    return render_template("stories/withdraw.html", story=story, latest=latest_of(story), pending=pending_of(story))


@bp.post("/stories/<int:story_id>/withdraw")
@member
def withdraw(story_id: int) -> ResponseReturnValue:
    """Withdraw a story, or only the version that waits."""
    story = _own(story_id)
    if request.form.get("what") == "revision":
        withdraw_revision(current_user, story)
        flash(_("The new version is withdrawn. What was public before stays as it is."), "success")
    else:
        authoring.withdraw(current_user, story)
        flash(_("Your story is withdrawn. Nobody else can read it any more."), "success")
    return redirect(url_for("accounts.contributions"))


def _own(story_id: int) -> Story:
    story = db.session.get(Story, story_id)
    if story is None or not may_edit(current_user, story):
        raise Missing
    return story


def _draft(draft_id: int) -> StoryDraft:
    return found(
        db.session.scalar(
            sa.select(StoryDraft).where(StoryDraft.id == draft_id, StoryDraft.author_id == current_user.id)
        )
    )


def _work(key: str, story: Story | None) -> ResponseReturnValue:
    """Whichever button was pressed: the form is one, its buttons are many."""
    fields = written_fields(request.form)
    if "save" in request.form:
        return _save(key, story, fields)
    if "add" in request.form:
        return _redraw(with_treatment(fields), key, story)
    taken = request.form.get("remove", "")
    if taken.isascii() and taken.isdecimal() and len(taken) < 3:
        return _redraw(without_treatment(fields, int(taken)), key, story)
    if "preview" in request.form:
        return _preview(key, story, fields)
    return _send(key, story, fields)


def _keep(key: str, story: Story | None) -> ResponseReturnValue:
    fields = written_fields(request.form)
    if not say_something(fields):
        return "", 204
    try:
        kept = authoring.keep_typing(current_user, key, fields, story)
    except DomainError as error:
        return {"message": error.message}, error.status
    if kept is None:
        return "", 204
    return {"url": url_for("stories.edit", story_id=story.id) if story else url_for("stories.draft", draft_id=kept.id)}


def _redraw(fields: dict[str, list[str]], key: str, story: Story | None) -> ResponseReturnValue:
    form = form_from(fields)
    story = _keep_aside(form, key, story, fields)
    return _form_page(form, key=key, story=story)


def _preview(key: str, story: Story | None, fields: dict[str, list[str]]) -> ResponseReturnValue:
    """Show the version as everybody would read it. Consent can wait until it is sent."""
    form = StoryForm(formdata=MultiDict({**fields, "publish": ["y"]}))
    valid = form.validate_on_submit()
    form.publish.data = "publish" in fields
    if not valid:
        return _keep_and_refuse(form, key, story, fields)
    story = _keep_aside(form, key, story, fields)
    form.offer_blank_side_effects()
    return _form_page(form, key=key, story=story, preview=authoring.revision_of(form.content(*g.prepared)))


def _save(key: str, story: Story | None, fields: dict[str, list[str]]) -> ResponseReturnValue:
    form = form_from(fields)
    try:
        kept = authoring.save_draft(current_user, key, fields, story)
    except DomainError as error:
        forms.refuse(form, error)
        return _form_page(form, key=key, story=story), 422
    flash(_("Your draft is kept. You find it under ‘Your contributions’."), "success")
    return redirect(url_for("stories.draft", draft_id=kept.id))


def _send(key: str, story: Story | None, fields: dict[str, list[str]]) -> ResponseReturnValue:
    # From the fields this form has, not from all that was sent: WTForms stumbles over 'treatments-²-status'.
    form = StoryForm(formdata=MultiDict(fields))
    if not form.validate_on_submit():
        return _keep_and_refuse(form, key, story, fields)
    body, advice = g.prepared
    try:
        content = form.content(body, advice)
        if story is None:
            authoring.submit(current_user, content, key)
        else:
            authoring.submit_edit(current_user, story, content)
    except DomainError as error:
        forms.refuse(form, error)
        return _keep_and_refuse(form, key, story, fields)
    flash(_("Your story is with our moderators. One of them reads it before anybody else can."), "success")
    return redirect(url_for("accounts.contributions"))


def _keep_and_refuse(
    form: StoryForm, key: str, story: Story | None, fields: dict[str, list[str]]
) -> ResponseReturnValue:
    """Show what needs another look."""
    story = _keep_aside(form, key, story, fields)
    form.offer_blank_side_effects()
    return _form_page(form, key=key, story=story), 422


def _keep_aside(form: StoryForm, key: str, story: Story | None, fields: dict[str, list[str]]) -> Story | None:
    """Keep what was written before the form is shown again: a closed tab must not lose it. Answers the story anew.

    What keeps it from being kept is told in the form.
    """
    story_id = story.id if story else None
    if say_something(fields):
        try:
            with transaction():
                authoring.save_draft(current_user, key, fields, db.session.get(Story, story_id) if story_id else None)
        except DomainError as error:
            form.form_errors.append(error.message)
    # What follows only reads: the page is not drawn under the write lock.
    database.abandon()
    return db.session.get(Story, story_id) if story_id else None


def _form_page(
    form: StoryForm,
    *,
    key: str,
    story: Story | None = None,
    draft: StoryDraft | None = None,
    preview: StoryRevision | None = None,
) -> str:
    return render_template(
        "stories/form.html",
        form=form,
        key=key,
        story=story,
        draft=draft,
        preview=preview,
        errors=forms.listed(form),
        limits=limits,
        names={about.value: vocabulary.names_of(about) for about in TopicKind if about is not TopicKind.CONCEPT},
    )
