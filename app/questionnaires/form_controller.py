"""The page with the form of a questionnaire: one form with many buttons, for a story as for a follow-up.

A package makes a subclass of `FormPage` that says what is sent, where it is kept and which template draws it; its
views make one for each request and call `pressed` (a button of the form), `keep` (the script that keeps drafts) or
`page` (a GET).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.foundation import database
from app.foundation.contributions.drafts import Draft
from app.foundation.database import Model
from app.foundation.errors import DomainError
from app.foundation.text import markup
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import RenderedText, render_text
from app.foundation.web import forms
from app.questionnaires import privacy_hints
from app.questionnaires.forms import (
    QuestionForm,
    form_class,
    says_something,
    with_entries_exchanged,
    with_entry,
    without_entry,
)
from app.questionnaires.privacy_hints import PrivacyHints
from app.questionnaires.questions import Consent, Fields, Prose, groups_of, questions_of
from app.screening import help_lines


@dataclass(frozen=True)
class Prepared:
    """What is made of a POST before the write lock is taken: its texts by the names of their fields, and the hints."""

    texts: dict[str, RenderedText]
    hints: PrivacyHints


def rendering(model: type[Model]) -> Callable[..., Prepared]:
    """What `prepare` runs for the views that call `pressed`: texts are rendered, never more than could be accepted."""

    def rendered(**_view_args: object) -> Prepared:
        prose = [question for question in questions_of(model) if isinstance(question, Prose)]
        sent = {question: forms.cleaned(request.form.get(question.name)) for question in prose}
        texts = {
            question.name: render_text(text[: question.most + 1], Profile.STORY) for question, text in sent.items()
        }
        return Prepared(texts, _hints(model))

    return rendered


def screening(model: type[Model]) -> Callable[..., Prepared]:
    """What `prepare` runs for the views that call `keep`, which show the hints alone."""

    def screened(**_view_args: object) -> Prepared:
        return Prepared({}, _hints(model))

    return screened


def _hints(model: type[Model]) -> PrivacyHints:
    names = privacy_hints.screened_fields(model)
    sent = {name: [markup.clean_input(request.form.get(name, ""))] for name in names}
    return privacy_hints.hints_for(model, sent)


class FormPage:
    """One request to the page with the form. Subclasses know the contribution and may be asked for it anew."""

    model: ClassVar[type[Model]]
    template: ClassVar[str]
    sent_message: ClassVar[str]

    def __init__(self, key: str) -> None:
        self.key = key

    # What subclasses say.

    @property
    def form_class(self) -> type[QuestionForm]:
        """The form; one that depends on the contribution is made for it."""
        return form_class(self.model)

    @property
    def address(self) -> str:
        """Where the form is posted to."""
        raise NotImplementedError

    def draft_address(self, draft: Draft) -> str:
        """Where the writing goes on."""
        raise NotImplementedError

    def save_draft(self, fields: Fields) -> Draft:
        """Keep the fields as a draft. Raises DomainError."""
        raise NotImplementedError

    def was_sent(self, fields: Fields) -> bool:
        """Whether these fields say what was sent already."""
        raise NotImplementedError

    def send(self, version: Any) -> None:
        """Send a version for review. Raises DomainError."""
        raise NotImplementedError

    def reload(self) -> None:
        """Read the contribution anew after the transaction was given up."""
        raise NotImplementedError

    def refused_status(self, error: DomainError) -> int:
        """The HTTP status of the page that shows a refusal."""
        return error.status

    def context(self) -> dict[str, Any]:
        """What the template needs besides the form."""
        raise NotImplementedError

    # What a request does.

    def pressed(self) -> ResponseReturnValue:
        """Do what the button says that was pressed, on what was posted."""
        fields = self.form_class(formdata=None).accepted(request.form)
        if "save" in request.form:
            return self._save(fields)
        rearranged = self._rearranged(fields)
        if rearranged is not None:
            return self._show_again(self.filled(rearranged), rearranged)
        if "replace" in request.form:
            fields = privacy_hints.replaced(self.model, fields, markup.clean_input(request.form["replace"]))
            return self._show_again(self.filled(fields), fields)
        if "preview" in request.form:
            return self._preview(fields)
        return self._send(fields)

    def keep(self) -> ResponseReturnValue:
        """Keep what is being typed as a draft, unless it was sent meanwhile. Answers in JSON: the hints as HTML, the
        address of the draft; or a message why it was not kept.
        """
        fields = self.form_class(formdata=None).accepted(request.form)
        if not says_something(self.model, fields):
            return "", 204
        try:
            if self.was_sent(fields):
                return "", 204
            draft = self.save_draft(fields)
        except DomainError as error:
            return {"message": error.message}, error.status
        hints: PrivacyHints = g.prepared.hints
        beside = render_template(
            "stories/beside.html", margin=hints, help_lines=help_lines.shown(), action=self.address
        )
        return {"margin": beside, "url": self.draft_address(draft)}

    def empty(self) -> QuestionForm:
        """The form with nothing in it."""
        form = self.form_class(formdata=None)
        form.offer_blank_entries()
        return form

    def filled(self, fields: Fields) -> QuestionForm:
        """The form filled from kept fields, a draft's or a version's."""
        form = self.form_class(formdata=MultiDict(fields))
        form.offer_blank_entries()
        return form

    def page(
        self, form: QuestionForm, *, draft: Draft | None = None, preview: Any = None, look_first: bool = False
    ) -> str:
        """The page with the form. `look_first`: it was not sent yet, because of hints that were not seen before."""
        typed = {name: [form[name].data or ""] for name in privacy_hints.screened_fields(self.model)}
        return render_template(
            self.template,
            form=form,
            key=self.key,
            draft=draft,
            preview=preview,
            look_first=look_first,
            margin=privacy_hints.hints_for(self.model, typed),
            help_lines=help_lines.shown(),
            action=self.address,
            errors=forms.all_errors(form),
            questions={question.name: question for question in questions_of(self.model)},
            **self.context(),
        )

    def _rearranged(self, fields: Fields) -> Fields | None:
        """The fields with an entry added, taken out or moved, if such a button was pressed."""
        for group in groups_of(self.model):
            if "add" in request.form:
                return with_entry(group, fields)
            for button in ("remove", "up", "down"):
                posted = request.form.get(button, "")
                if posted.isascii() and posted.isdecimal() and len(posted) < 3:
                    number = int(posted)
                    if button == "remove":
                        return without_entry(group.name, fields, number)
                    other = number - 1 if button == "up" else number + 1
                    return with_entries_exchanged(group.name, fields, number, other)
        return None

    def _save(self, fields: Fields) -> ResponseReturnValue:
        try:
            draft = self.save_draft(fields)
        except DomainError as error:
            form = self.filled(fields)
            forms.refuse(form, error)
            self.reload()
            return self.page(form), 422
        flash(_("Your draft is kept. You find it under ‘Your contributions’."), "success")
        return redirect(self.draft_address(draft))

    def _preview(self, fields: Fields) -> ResponseReturnValue:
        """Show the version as everybody would read it. Consent can wait until it is sent."""
        needed = [each.name for each in questions_of(self.model) if isinstance(each, Consent) and each.missing]
        form = self.form_class(formdata=MultiDict({**fields, **{name: ["y"] for name in needed}}))
        valid = form.validate_on_submit()
        for name in needed:
            form[name].data = name in fields
        if not valid:
            return self._show_again(form, fields), 422
        try:
            # Of the answers that were given, and the consent that is still to come.
            version = form.version(g.prepared.texts)
            self.check_preview(version)
        except DomainError as error:
            forms.refuse(form, error)
            return self._show_again(form, fields), error.status
        return self._show_again(form, fields, preview=version)

    def check_preview(self, version: Any) -> None:
        """Raise DomainError for a version that there is nothing to show of."""

    def _send(self, fields: Fields) -> ResponseReturnValue:
        # From the fields this form has, not from all that was sent: WTForms stumbles over 'treatments-²-status'.
        form = self.form_class(formdata=MultiDict(fields))
        if not form.validate_on_submit():
            return self._show_again(form, fields), 422
        prepared: Prepared = g.prepared
        if prepared.hints.digest != request.form.get("seen", ""):
            # There are hints that they have not seen: they look at them, and send it as it is if they like.
            return self._show_again(form, fields, look_first=True)
        try:
            self.send(form.version(prepared.texts))
        except DomainError as error:
            forms.refuse(form, error)
            return self._show_again(form, fields), self.refused_status(error)
        flash(self.sent_message, "success")
        return redirect(url_for("accounts.contributions"))

    def _show_again(self, form: QuestionForm, fields: Fields, *, preview: Any = None, look_first: bool = False) -> str:
        """The form once more, what was written kept before in a transaction of its own."""
        if says_something(self.model, fields):
            forms.save_draft_after_rollback(form, lambda: self._save_anew(fields))
        # What follows only reads: the page is not drawn under the write lock.
        database.roll_back()
        self.reload()
        form.offer_blank_entries()
        return self.page(form, preview=preview, look_first=look_first)

    def _save_anew(self, fields: Fields) -> None:
        self.reload()
        self.save_draft(fields)
