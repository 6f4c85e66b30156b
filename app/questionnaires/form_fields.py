"""The form fields of the types of questions, with their validators. A field is made by `field_for(question)`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    Form,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.foundation.text.strings import name_key
from app.foundation.web.forms import cleaned, one_line
from app.questionnaires.declaration import AnyQuestion
from app.questionnaires.question_types import NamedTopic, OneLine, OneOf, Prose, SeveralOf, Tick
from app.questionnaires.questions import Group
from app.topics import lookup, vocabulary
from app.topics.models import Topic

TOPIC_NAME_LONGEST = 200


class TopicField(StringField):
    """A text field for any name of a topic. After validation, `topic` is the topic."""

    topic: Topic | None = None
    data: str | None

    def __init__(self, label: str, validators: Sequence[object] = (), *, question: NamedTopic, **more: object) -> None:
        longest = Length(max=TOPIC_NAME_LONGEST, message=_("Shorten the name. It can have up to %(max)d characters."))
        super().__init__(label, [*validators, longest], filters=[one_line], **more)
        self.about = question.about
        # The name of the checkbox in the same form that permits an unlisted name.
        self.unlisted = question.unlisted

    def post_validate(self, form: Form, validation_stopped: bool) -> None:
        """Find the topic and show its name. Raises ValidationError if there is none and an unlisted name is not
        permitted.
        """
        if validation_stopped or not self.data:
            return
        self.topic = lookup.find(self.data, self.about)
        if self.topic is not None:
            self.data = lookup.display_name_for(self.topic, self.data)
            if self.unlisted:
                form[self.unlisted].data = False
        elif self.unlisted and form[self.unlisted].data and name_key(self.data):
            self.topic = vocabulary.unlisted_topic(self.data, self.about)
        else:
            raise ValidationError(self._unknown(self.data[:60]))

    def _unknown(self, name: str) -> str:
        if self.unlisted:
            return str(
                gettext(
                    "We don’t have ‘%(name)s’ in our list. Check the spelling, choose a name from the list, or tick the"
                    " box below to use this name.",
                    name=name,
                )
            )
        return str(
            gettext(
                "We don’t have ‘%(name)s’ in our list. Check the spelling, or choose a name from the list.", name=name
            )
        )


class SeveralField(SelectMultipleField):
    """A field of checkboxes for several answers."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Between:
    """A validator for the length of a text. Its errors may contain `least`, `most` and `length`."""

    def __init__(self, question: OneLine | Prose) -> None:
        self.question = question

    def __call__(self, form: Form, field: Field) -> None:
        """Raise ValidationError if the text is too short or too long."""
        question, length = self.question, len(field.data or "")
        least = question.least if isinstance(question, Prose) else 0
        values = {"least": least, "most": f"{question.most:,}", "length": f"{length:,}"}
        if isinstance(question, Prose) and length < least:
            raise ValidationError(str(question.too_short) % values)
        if length > question.most:
            raise ValidationError(str(question.too_long) % values)


class NeededWith:
    """A validator: an answer is required if another question of the same entry is answered."""

    def __init__(self, question: OneOf) -> None:
        self.question = question

    def __call__(self, form: Form, field: Field) -> None:
        """Raise ValidationError if only the other question is answered."""
        if form[self.question.needed_with].data and not field.data:
            raise ValidationError(str(self.question.missing))


class Distinct:
    """A validator: no two entries of a group may name the same topic."""

    def __init__(self, question: Group) -> None:
        self.question = question

    def __call__(self, form: Form, field: FieldList) -> None:
        """Raise ValidationError if two entries do."""
        named = [entry.form[self.question.distinct].topic for entry in field]
        named = [topic for topic in named if topic is not None]
        if len(set(named)) < len(named):
            raise ValidationError(str(self.question.twice))


def _checks(question: AnyQuestion) -> dict[str, object]:
    """The attributes from which checks.js says at once what the validators would say after sending."""
    checks: dict[str, object] = {"data-missing": question.missing}
    if isinstance(question, OneLine | Prose):
        checks |= {"data-most": question.most, "data-too-long": question.too_long}
    if isinstance(question, Prose) and question.least:
        checks |= {"data-least": question.least, "data-too-short": question.too_short}
    if isinstance(question, OneOf):
        checks["data-needed-with"] = question.needed_with
    return {name: value for name, value in checks.items() if value}


def _choices(question: OneOf | SeveralOf, *, blank: str = "") -> list[SelectChoice]:
    without = question.without if isinstance(question, OneOf) else ()
    offered = [SelectChoice(answer.value, answer.words) for answer in question.answers if answer not in without]
    return [*offered, SelectChoice("", blank)] if blank else offered


@singledispatch
def field_for(question: AnyQuestion) -> UnboundField:
    """The unbound WTForms field for a question. Registered for each type of question; for groups in `forms`."""
    raise NotImplementedError(question)


@field_for.register
def _one_line(question: OneLine) -> UnboundField:
    needed = [InputRequired(question.missing)] if question.missing else []
    return StringField(
        question.label,
        [*needed, Between(question)],
        filters=[one_line],
        description=question.hint,
        render_kw=_checks(question),
    )


@field_for.register
def _prose(question: Prose) -> UnboundField:
    needed = [InputRequired(question.missing)] if question.missing else []
    return TextAreaField(
        question.label,
        [*needed, Between(question)],
        filters=[cleaned],
        description=question.hint,
        render_kw=_checks(question),
    )


@field_for.register
def _one_of(question: OneOf) -> UnboundField:
    if question.preset is not None:
        return RadioField(
            question.label, choices=_choices(question), default=question.preset.value, description=question.hint
        )
    # Optional() ends the validation of an empty field before NeededWith could run. Unless told otherwise it counts
    # spaces as empty, and then nothing checks whether they are among the choices.
    validators = [NeededWith(question)] if question.needed_with else [Optional(strip_whitespace=False)]
    choices = _choices(question, blank=question.blank)
    return RadioField(
        question.label,
        validators,
        choices=choices,
        default="",
        description=question.hint,
        render_kw=_checks(question),
    )


@field_for.register
def _several_of(question: SeveralOf) -> UnboundField:
    return SeveralField(question.label, choices=_choices(question), description=question.hint)


@field_for.register
def _tick(question: Tick) -> UnboundField:
    needed = [InputRequired(question.missing)] if question.missing else []
    return BooleanField(question.label, needed, description=question.hint, render_kw=_checks(question))


@field_for.register
def _named_topic(question: NamedTopic) -> UnboundField:
    needed = [DataRequired(question.missing)] if question.missing else []
    return TopicField(question.label, needed, question=question, description=question.hint, render_kw=_checks(question))
