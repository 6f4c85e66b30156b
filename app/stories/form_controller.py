"""The page on which a story is told: one form with many buttons. The views say for which story, this does the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.foundation import database
from app.foundation.database import db
from app.foundation.errors import DomainError
from app.foundation.text import markup
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import RenderedText, render_text
from app.foundation.web import forms
from app.screening import help_lines
from app.stories import authoring, drafts, limits, privacy_hints
from app.stories.content import revision_of
from app.stories.form_fields import exchanged, say_something, with_treatment, without_treatment, written_fields
from app.stories.forms import StoryForm, blank_treatment, form_from
from app.stories.models import Story, StoryDraft, StoryRevision
from app.stories.privacy_hints import PrivacyHints
from app.topics import vocabulary
from app.topics.models import TopicKind


def rendered(**_view_args: object) -> tuple[RenderedText, RenderedText, PrivacyHints]:
    """Both texts of the form, rendered before the lock, never more than could be accepted; and what stands beside."""
    body = forms.cleaned(request.form.get("body"))[: limits.BODY_LONGEST + 1]
    advice = forms.cleaned(request.form.get("advice"))[: limits.ADVICE_LONGEST + 1]
    return render_text(body, Profile.STORY), render_text(advice, Profile.STORY), marked()


def marked(**_view_args: object) -> PrivacyHints:
    """What stands beside the form as it was sent."""
    return privacy_hints.hints_for(written_fields(request.form))


# The buttons of a treatment: what becomes of the fields.
_REARRANGED: Mapping[str, Callable[[Mapping[str, list[str]], int], dict[str, list[str]]]] = {
    "remove": without_treatment,
    "up": lambda fields, number: exchanged(fields, number - 1, number),
    "down": lambda fields, number: exchanged(fields, number, number + 1),
}


def pressed(key: str, story: Story | None) -> ResponseReturnValue:
    """Whichever button was pressed: the form is one, its buttons are many."""
    fields = written_fields(request.form)
    if "save" in request.form:
        return _save(key, story, fields)
    if "add" in request.form:
        return _redraw(with_treatment(fields), key, story)
    for button, rearranged in _REARRANGED.items():
        number = request.form.get(button, "")
        if number.isascii() and number.isdecimal() and len(number) < 3:
            return _redraw(rearranged(fields, int(number)), key, story)
    if "replace" in request.form:
        return _redraw(privacy_hints.replaced(fields, markup.clean_input(request.form["replace"])), key, story)
    if "preview" in request.form:
        return _preview(key, story, fields)
    return _send(key, story, fields)


def keep(key: str, story: Story | None) -> ResponseReturnValue:
    """Keep what is being typed; answers in JSON."""
    fields = written_fields(request.form)
    if not say_something(fields):
        return "", 204
    try:
        kept = drafts.keep_typing(current_user, key, fields, story)
    except DomainError as error:
        return {"message": error.message}, error.status
    if kept is None:
        return "", 204
    return {
        "margin": drawn_beside(g.prepared, _address(story)),
        "url": url_for("stories.edit", story_id=story.id) if story else url_for("stories.draft", draft_id=kept.id),
    }


def drawn_beside(found: PrivacyHints, action: str) -> str:
    """The margin as margin.js puts it beside a form, that of a follow-up too. `action` is the address of the form."""
    return render_template("stories/beside.html", margin=found, help_lines=help_lines.shown(), action=action)


def _address(story: Story | None) -> str:
    return url_for("stories.change", story_id=story.id) if story else url_for("stories.create")


def _redraw(fields: dict[str, list[str]], key: str, story: Story | None) -> ResponseReturnValue:
    form = form_from(fields)
    story = _keep_aside(form, key, story, fields)
    return page(form, key=key, story=story)


def _preview(key: str, story: Story | None, fields: dict[str, list[str]]) -> ResponseReturnValue:
    """Show the version as everybody would read it. Consent can wait until it is sent."""
    form = StoryForm(formdata=MultiDict({**fields, "publish": ["y"]}))
    valid = form.validate_on_submit()
    form.publish.data = "publish" in fields
    if not valid:
        return _keep_and_refuse(form, key, story, fields)
    story = _keep_aside(form, key, story, fields)
    form.offer_blank_side_effects()
    return page(form, key=key, story=story, preview=revision_of(form.content(*g.prepared[:2])))


def _save(key: str, story: Story | None, fields: dict[str, list[str]]) -> ResponseReturnValue:
    form = form_from(fields)
    try:
        kept = drafts.save(current_user, key, fields, story)
    except DomainError as error:
        forms.refuse(form, error)
        return page(form, key=key, story=story), 422
    flash(_("Your draft is kept. You find it under ‘Your contributions’."), "success")
    return redirect(url_for("stories.draft", draft_id=kept.id))


def _send(key: str, story: Story | None, fields: dict[str, list[str]]) -> ResponseReturnValue:
    # From the fields this form has, not from all that was sent: WTForms stumbles over 'treatments-²-status'.
    form = StoryForm(formdata=MultiDict(fields))
    if not form.validate_on_submit():
        return _keep_and_refuse(form, key, story, fields)
    body, advice, beside = g.prepared
    if beside.digest != request.form.get("seen", ""):
        # Something is in the margin that they have not seen: they look at it, and send it as it is if they like.
        story = _keep_aside(form, key, story, fields)
        form.offer_blank_side_effects()
        return page(form, key=key, story=story, look_first=True)
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
    return page(form, key=key, story=story), 422


def _keep_aside(form: StoryForm, key: str, story: Story | None, fields: dict[str, list[str]]) -> Story | None:
    """Keep what was written before the form is shown again. Answers the story anew."""
    story_id = story.id if story else None

    def anew() -> Story | None:
        return db.session.get(Story, story_id) if story_id else None

    if say_something(fields):
        forms.save_draft_after_rollback(form, lambda: drafts.save(current_user, key, fields, anew()))
    # What follows only reads: the page is not drawn under the write lock.
    database.roll_back()
    return anew()


def page(
    form: StoryForm,
    *,
    key: str,
    story: Story | None = None,
    draft: StoryDraft | None = None,
    preview: StoryRevision | None = None,
    look_first: bool = False,
) -> str:
    """The page with the form as it stands. `look_first`: it was not sent yet, for what is in the margin."""
    return render_template(
        "stories/form.html",
        form=form,
        key=key,
        story=story,
        draft=draft,
        blank_treatment=blank_treatment(),
        preview=preview,
        look_first=look_first,
        margin=privacy_hints.hints_for({name: [form[name].data or ""] for name in privacy_hints.SCREENED_FIELDS}),
        help_lines=help_lines.shown(),
        action=_address(story),
        errors=forms.all_errors(form),
        limits=limits,
        names={about.value: vocabulary.names_of(about) for about in TopicKind if about is not TopicKind.CONCEPT},
    )
