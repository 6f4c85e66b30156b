"""The page with the form of a questionnaire, used for stories and follow-ups.

A package subclasses `FormPage` to define what is submitted, where drafts are saved, and the template. Its views create
an object for each request and call `submit` (a button was pressed), `autosave` (the script that saves drafts) or `page`
(a GET).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

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
from app.questionnaires.declaration import Fields
from app.questionnaires.forms import QuestionForm, form_class, named_errors
from app.questionnaires.posted_fields import group_at, has_content, with_entries_exchanged, with_entry, without_entry
from app.questionnaires.privacy_hints import PrivacyHints
from app.questionnaires.question_types import Consent, Prose
from app.questionnaires.questions import groups_of, questions_of
from app.screening import help_lines

Version = TypeVar("Version", bound=Model)


@dataclass(frozen=True)
class Prepared:
    """What is computed from a POST before the write lock is taken: texts by the names of their fields, and hints."""

    texts: dict[str, RenderedText]
    hints: PrivacyHints


def rendering(model: type[Model]) -> Callable[..., Prepared]:
    """The function that `prepare` runs for views that call `submit`: renders texts, cut just above their limits."""

    def rendered(**_view_args: object) -> Prepared:
        prose = [question for question in questions_of(model) if isinstance(question, Prose)]
        sent = {question: forms.cleaned(request.form.get(question.name)) for question in prose}
        texts = {
            question.name: render_text(text[: question.most + 1], Profile.STORY) for question, text in sent.items()
        }
        return Prepared(texts, _hints(model))

    return rendered


def screening(model: type[Model]) -> Callable[..., Prepared]:
    """The function that `prepare` runs for views that call `autosave`: finds privacy hints, renders no texts."""

    def screened(**_view_args: object) -> Prepared:
        return Prepared({}, _hints(model))

    return screened


def _hints(model: type[Model]) -> PrivacyHints:
    names = privacy_hints.screened_fields(model)
    sent = {name: [markup.clean_input(request.form.get(name, ""))] for name in names}
    return privacy_hints.hints_for(model, sent)


class FormPage(Generic[Version]):
    """A request to the page with the form. Created by a view of a subclass, with the key of the form.

    `Version` is the class of what is submitted, which `model` names.
    """

    model: type[Version]
    template: ClassVar[str]
    sent_message: ClassVar[str]

    def __init__(self, key: str) -> None:
        self.key = key

    # Defined by subclasses.

    @property
    def form_class(self) -> type[QuestionForm]:
        """The class of the form. Subclasses override it if the form depends on the contribution."""
        return form_class(self.model)

    @property
    def address(self) -> str:
        """The address to which the form is posted."""
        raise NotImplementedError

    def draft_address(self, draft: Draft) -> str:
        """The address at which its author continues a draft."""
        raise NotImplementedError

    def save_draft(self, fields: Fields) -> Draft:
        """Save the fields as a draft, and return it. Raises DomainError."""
        raise NotImplementedError

    def was_sent(self, fields: Fields) -> bool:
        """Whether these fields are equal to what was submitted last."""
        raise NotImplementedError

    def send(self, version: Version) -> None:
        """Submit a version for review. Raises DomainError."""
        raise NotImplementedError

    def reload(self) -> None:
        """Load the contribution again after a rollback."""
        raise NotImplementedError

    def refused_status(self, error: DomainError) -> int:
        """The HTTP status of the page that shows a DomainError raised by `send`."""
        return error.status

    def context(self) -> dict[str, object]:
        """The variables that the template needs besides the form."""
        raise NotImplementedError

    # Called by views.

    def submit(self) -> ResponseReturnValue:
        """Carry out the button that was pressed on the posted form, and return the response."""
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

    def autosave(self) -> ResponseReturnValue:
        """Save what is being typed as a draft, unless it is empty or was submitted meanwhile (status 204).

        Answers in JSON: `hints`, the privacy hints as HTML, and `url`, the address of the draft; or `message`, why it
        was not saved, with the status of the error.
        """
        fields = self.form_class(formdata=None).accepted(request.form)
        if not has_content(self.model, fields):
            return "", 204
        try:
            if self.was_sent(fields):
                return "", 204
            draft = self.save_draft(fields)
        except DomainError as error:
            return {"message": error.message}, error.status
        hints: PrivacyHints = g.prepared.hints
        html = render_template(
            "stories/privacy_hints_update.html", hints=hints, help_lines=help_lines.current(), action=self.address
        )
        return {"hints": html, "url": self.draft_address(draft)}

    def empty(self) -> QuestionForm:
        """The form without any answers."""
        form = self.form_class(formdata=None)
        form.offer_blank_entries()
        return form

    def filled(self, fields: Fields) -> QuestionForm:
        """The form filled from the fields of a draft or of a version."""
        form = self.form_class(formdata=MultiDict(fields))
        form.offer_blank_entries()
        return form

    def page(
        self,
        form: QuestionForm,
        *,
        draft: Draft | None = None,
        preview: Version | None = None,
        has_unseen_hints: bool = False,
    ) -> str:
        """The page with the form, as HTML.

        `draft` is the draft it was filled from, `preview` a version to show above it. With `has_unseen_hints` the page
        says that nothing was submitted yet, because there are privacy hints that the author has not seen.
        """
        typed = {name: [form[name].data or ""] for name in privacy_hints.screened_fields(self.model)}
        return render_template(
            self.template,
            form=form,
            key=self.key,
            draft=draft,
            preview=preview,
            has_unseen_hints=has_unseen_hints,
            hints=privacy_hints.hints_for(self.model, typed),
            help_lines=help_lines.current(),
            action=self.address,
            errors=named_errors(self.model, form),
            questions={question.name: question for question in questions_of(self.model)},
            **self.context(),
        )

    def _rearranged(self, fields: Fields) -> Fields | None:
        """The fields with an entry added, removed or moved; None if no button for this was pressed.

        An entry can be added to a group inside an entry too, such as a side effect to a treatment.
        """
        inner = group_at(self.model, request.form.get("add_to", ""), fields)
        if inner is not None:
            return with_entry(inner[0], fields, inner[1])
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
        flash(_("Draft saved. You’ll find it in ‘Your contributions’."), "success")
        return redirect(self.draft_address(draft))

    def _preview(self, fields: Fields) -> ResponseReturnValue:
        """Show the version as readers would see it. Consent is required only when it is submitted."""
        needed = [each.name for each in questions_of(self.model) if isinstance(each, Consent) and each.missing]
        form = self.form_class(formdata=MultiDict({**fields, **{name: ["y"] for name in needed}}))
        valid = form.validate_on_submit()
        for name in needed:
            form[name].data = name in fields
        if not valid:
            return self._show_again(form, fields), 422
        try:
            # Without the consents ticked for the validation: they are not given yet.
            version = self._version(form)
            self.check_preview(version)
        except DomainError as error:
            forms.refuse(form, error)
            return self._show_again(form, fields), error.status
        return self._show_again(form, fields, preview=version)

    def check_preview(self, version: Version) -> None:
        """Raise DomainError for a version that cannot be previewed. By default every version can."""

    def _send(self, fields: Fields) -> ResponseReturnValue:
        # Only the fields of this form: WTForms raises an error for a name such as 'treatments-²-status'.
        form = self.form_class(formdata=MultiDict(fields))
        if not form.validate_on_submit():
            return self._show_again(form, fields), 422
        if g.prepared.hints.digest != request.form.get("seen", ""):
            # There are hints that the author has not seen. They may submit the text unchanged after seeing them.
            return self._show_again(form, fields, has_unseen_hints=True)
        try:
            self.send(self._version(form))
        except DomainError as error:
            forms.refuse(form, error)
            return self._show_again(form, fields), self.refused_status(error)
        return self.sent()

    def sent(self) -> ResponseReturnValue:
        """The response to a version that was submitted: says thank you, and what comes next."""
        flash(str(self.sent_message), "success")
        return redirect(url_for("accounts.contributions"))

    def _version(self, form: QuestionForm) -> Version:
        version = form.version(g.prepared.texts)
        assert isinstance(version, self.model), "the form is that of the model"
        return version

    def _show_again(
        self, form: QuestionForm, fields: Fields, *, preview: Version | None = None, has_unseen_hints: bool = False
    ) -> str:
        """The page with the form, after a rollback and after saving the fields as a draft in a new transaction."""
        if has_content(self.model, fields):
            forms.save_draft_after_rollback(form, lambda: self._save_anew(fields))
        # From here on only reads follow: give up the write lock before rendering the page.
        database.roll_back()
        self.reload()
        form.offer_blank_entries()
        return self.page(form, preview=preview, has_unseen_hints=has_unseen_hints)

    def _save_anew(self, fields: Fields) -> None:
        self.reload()
        self.save_draft(fields)
