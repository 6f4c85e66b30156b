"""What all forms share: cleaned input, a list of all errors, and domain errors shown at their field."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence

from flask import request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import EmailField, Field, FieldList, FormField, HiddenField, StringField, TextAreaField
from wtforms import Form as PlainForm
from wtforms.fields.core import UnboundField

from app.foundation import database
from app.foundation.database import transaction
from app.foundation.errors import DomainError
from app.foundation.text import markup


def cleaned(value: str | None) -> str:
    """Text as it may be kept: normalised, without control characters, without space around it."""
    return markup.clean_input(value or "").strip()


def one_line(value: str | None) -> str:
    """Cleaned text on one line."""
    return " ".join(cleaned(value).split())


# The filter of each class of text fields, unless the field has filters of its own. Subclasses have none.
_CLEANING: Mapping[type[Field], Callable[[str | None], str]] = {
    TextAreaField: cleaned,
    StringField: one_line,
    EmailField: cleaned,
    HiddenField: cleaned,
}


class Form(FlaskForm):
    """A form whose text fields are cleaned before anything looks at them."""

    class Meta(FlaskForm.Meta):
        """Clean every text field that does not say otherwise."""

        # Every unsafe request is checked before its view. A token of the form's own would set a cookie for whoever
        # reads a page with a form on it.
        csrf = False

        def bind_field(self, form: PlainForm, unbound_field: UnboundField, options: Mapping[str, object]) -> Field:
            """Add the cleaning filter when a field becomes part of a form."""
            clean = _CLEANING.get(unbound_field.field_class)
            if clean is None or "filters" in unbound_field.kwargs:
                return unbound_field.bind(form=form, **options)
            return unbound_field.bind(form=form, filters=[clean], **options)

        def wrap_formdata(self, form: PlainForm, formdata: object) -> MultiDict[str, str] | None:
            """Read only what a form sends as text: Flask-WTF would take JSON and files for it as well."""
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            return request.form if request.method == "POST" else None

    def validate_on_submit(self, extra_validators: Mapping[str, Sequence[object]] | None = None) -> bool:
        """Return whether this is a POST request with valid fields."""
        return bool(super().validate_on_submit(extra_validators))


def all_errors(form: PlainForm) -> list[tuple[str, str]]:
    """Return all errors of a form in the order of its fields, as (id of the field, message)."""
    found = [("main", str(message)) for message in form.form_errors]
    for field in form:
        found += _errors_of(field)
    return found


def _errors_of(field: Field) -> Iterator[tuple[str, str]]:
    if isinstance(field, FormField):
        for inner in field.form:
            yield from _errors_of(inner)
    elif isinstance(field, FieldList):
        for entry in field:
            yield from _errors_of(entry)
        own = [error for error in field.errors if isinstance(error, str)]
        yield from ((field.id, error) for error in own)
    else:
        yield from ((field.id, str(error)) for error in field.errors)


def refuse(form: PlainForm, error: DomainError) -> None:
    """Add the message of a domain error to its field or to the form, and roll back the transaction."""
    database.roll_back()
    if error.field is not None and error.field in form:
        form[error.field].errors = [*form[error.field].errors, error.message]
    else:
        form.form_errors.append(error.message)


def save_draft_after_rollback(form: PlainForm, save: Callable[[], object]) -> None:
    """Save what was typed before a refused form is shown again, so that closing the tab does not lose it.

    Calls `save` in a separate transaction, after rolling back the request's: this is the only thing that a refused
    request stores. `save` has to load what it needs again. If it raises a DomainError, its message is added to the
    form.
    """
    try:
        with transaction():
            save()
    except DomainError as error:
        form.form_errors.append(error.message)


def new_key() -> str:
    """Return a submission key for a form that is about to be shown, so that sending it twice has one effect."""
    return secrets.token_urlsafe(16)


def submitted_key() -> str:
    """Return the submission key that was sent with the form, or a new one if it is missing or malformed."""
    key = request.form.get("key", "")
    return (
        key if 8 <= len(key) <= 40 and key.isascii() and key.replace("-", "").replace("_", "").isalnum() else new_key()
    )
