"""The form of a questionnaire, generated from its questions, and the fields that may be posted to it.

A form is generated for a model, for example by `form_class(StoryRevision)`. It has exactly the fields of the declared
questions: a name that is not declared is never read, and a declared one is never omitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, singledispatch
from typing import Any, ClassVar

from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.foundation.database import Model
from app.foundation.text import markup
from app.foundation.text.rendered_text import RenderedText
from app.foundation.text.strings import name_key
from app.foundation.web.forms import Form, cleaned, one_line
from app.questionnaires.question_types import Fields, NamedTopic, OneLine, OneOf, Prose, Question, SeveralOf, Tick
from app.questionnaires.questions import ForEachTopic, Group, groups_of, question_for, questions_of, version_of
from app.topics import lookup, vocabulary
from app.topics.models import Topic

TOPIC_NAME_LONGEST = 200


# --- The fields -----------------------------------------------------------------------------------------------------


class TopicField(StringField):
    """A text field for any name of a topic. After validation, `topic` is the topic."""

    topic: Topic | None = None
    data: str | None

    def __init__(self, label: Any, validators: Any = (), *, question: NamedTopic, **more: Any) -> None:
        super().__init__(label, [*validators, Length(max=TOPIC_NAME_LONGEST)], filters=[one_line], **more)
        self.about = question.about
        # The name of the checkbox in the same form that permits an unlisted name.
        self.unlisted = question.unlisted

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Find the topic and show its name. Raises ValidationError if there is none and an unlisted name is not
        permitted.
        """
        if validation_stopped or not self.data:
            return
        self.topic = lookup.find(self.data, self.about)
        if self.topic is not None:
            self.data = lookup.as_shown(self.topic, self.data)
            if self.unlisted:
                form[self.unlisted].data = False
        elif self.unlisted and form[self.unlisted].data and name_key(self.data):
            self.topic = vocabulary.unlisted(self.data, self.about)
        else:
            raise ValidationError(self._unknown(self.data[:60]))

    def _unknown(self, name: str) -> str:
        message = gettext(
            "We do not know “%(name)s” yet. Please check the spelling or choose a name from the list.", name=name
        )
        return f"{message} {gettext('Or say below that it is not listed.')}" if self.unlisted else str(message)


class SeveralField(SelectMultipleField):
    """A field of checkboxes for several answers."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Between:
    """A validator for a length from `least` to `most` characters. Errors may contain these and `length`."""

    def __init__(self, question: Prose) -> None:
        self.question = question

    def __call__(self, form: Any, field: Field) -> None:
        """Raise ValidationError if the text is too short or too long."""
        length = len(field.data or "")
        values = {"least": self.question.least, "most": self.question.most, "length": length}
        if length < self.question.least:
            raise ValidationError(str(self.question.too_short) % values)
        if length > self.question.most:
            raise ValidationError(str(self.question.too_long) % values)


class NeededWith:
    """A validator: an answer is required if another question of the same entry is answered."""

    def __init__(self, question: OneOf) -> None:
        self.question = question

    def __call__(self, form: Any, field: Field) -> None:
        """Raise ValidationError if only the other question is answered."""
        if form[self.question.needed_with].data and not field.data:
            raise ValidationError(str(self.question.missing))


class Distinct:
    """A validator: no two entries of a group may name the same topic."""

    def __init__(self, question: Group) -> None:
        self.question = question

    def __call__(self, form: Any, field: FieldList) -> None:
        """Raise ValidationError if two entries do."""
        named = [entry.form[self.question.distinct].topic for entry in field]
        named = [topic for topic in named if topic is not None]
        if len(set(named)) < len(named):
            raise ValidationError(str(self.question.twice))


def _choices(question: OneOf | SeveralOf, *, blank: str = "") -> list[SelectChoice]:
    without = question.without if isinstance(question, OneOf) else ()
    offered = [SelectChoice(answer.value, answer.words) for answer in question.answers if answer not in without]
    return [SelectChoice("", blank), *offered] if blank else offered


@singledispatch
def field_for(question: Question) -> Any:
    """The unbound WTForms field for a question. Registered for each type of question."""
    raise NotImplementedError(question)


@field_for.register
def _one_line(question: OneLine) -> Any:
    needed = [InputRequired(question.missing)] if question.missing else []
    return StringField(
        question.label, [*needed, Length(max=question.most)], filters=[one_line], description=question.hint
    )


@field_for.register
def _prose(question: Prose) -> Any:
    needed = [InputRequired(question.missing)] if question.missing else []
    length = Between(question) if question.least else Length(max=question.most, message=question.too_long or None)
    return TextAreaField(question.label, [*needed, length], filters=[cleaned], description=question.hint)


@field_for.register
def _one_of(question: OneOf) -> Any:
    field = RadioField if question.is_radio else SelectField
    if question.default is not None:
        return field(
            question.label, choices=_choices(question), default=question.default.value, description=question.hint
        )
    # Optional() would end the validation of an empty field before NeededWith could run.
    validators = [NeededWith(question)] if question.needed_with else [Optional()]
    choices = _choices(question, blank=question.blank)
    return field(question.label, validators, choices=choices, default="", description=question.hint)


@field_for.register
def _several_of(question: SeveralOf) -> Any:
    return SeveralField(question.label, choices=_choices(question), description=question.hint)


@field_for.register
def _tick(question: Tick) -> Any:
    needed = [InputRequired(question.missing)] if question.missing else []
    return BooleanField(question.label, needed, description=question.hint)


@field_for.register
def _named_topic(question: NamedTopic) -> Any:
    needed = [DataRequired(question.missing)] if question.missing else []
    return TopicField(question.label, needed, question=question, description=question.hint)


@field_for.register
def _group(question: Group) -> Any:
    checks = [Distinct(question)] if question.distinct else []
    entry = FormField(entry_class(question.model))
    return FieldList(entry, None, checks, min_entries=question.least, max_entries=question.most)


# --- The forms ------------------------------------------------------------------------------------------------------


class QuestionForm(Form):
    """Base class of the forms of questionnaires. `topics` are the topics that a ForEachTopic asks about."""

    model: ClassVar[type[Model]]
    topics: ClassVar[tuple[Topic, ...]] = ()

    def version(self, texts: Mapping[str, RenderedText]) -> Any:
        """A new version with the answers of the form and the rendered `texts`. Only after validation."""
        return version_of(self.model, _answers(self, self.model, texts, self.topics))

    def accepted(self, sent: MultiDict[str, str]) -> Fields:
        """The posted fields that belong to this form, cleaned but not validated, ready to be saved as a draft."""
        names = [name for name in sent if question_for(self.model, name) and (name in self or "-" in name)]
        return {name: [markup.clean_input(value) for value in sent.getlist(name)] for name in names}

    def offer_blank_entries(self) -> None:
        """Append empty entries to the groups inside groups, so that the author can add more."""
        for group in groups_of(self.model):
            for entry in self[group.name]:
                offer_blank_entries(entry.form, group.model)

    def about(self, topic: Topic) -> list[Field]:
        """The fields of the questions about one of the form's topics."""
        groups = (question for question in questions_of(self.model) if isinstance(question, ForEachTopic))
        return [self[f"{inner.name}_{topic.id}"] for group in groups for inner in questions_of(group.model)]

    def others(self, step: str, *drawn: str) -> list[Field]:
        """The fields of a step that the template does not draw by name, in the order of the questions."""
        return _others(self, self.model, step, drawn)


class EntryForm(PlainForm):
    """Base class of the forms of an entry in a group."""

    model: ClassVar[type[Model]]

    def shown_only(self, name: str) -> str:
        """The condition under which scripts show a question; see `Question.shown_only`."""
        return next(question.shown_only for question in questions_of(self.model) if question.name == name)

    def others(self, *drawn: str) -> list[Field]:
        """The fields that the template does not draw by name, in the order of the questions."""
        return _others(self, self.model, "", drawn)


def _others(form: Any, model: type[Model], step: str, drawn: tuple[str, ...]) -> list[Field]:
    questions = [each for each in questions_of(model) if not isinstance(each, Group) and each.step == step]
    return [form[each.name] for each in questions if each.name not in drawn]


@cache
def form_class(model: type[Model]) -> type[QuestionForm]:
    """The class of the form of a model. For a model with a ForEachTopic use `form_about`."""
    return type(f"{model.__name__}Form", (QuestionForm,), {"model": model, **_fields(model)})


def form_about(model: type[Model], topics: tuple[Topic, ...]) -> type[QuestionForm]:
    """The class of the form of a model with a ForEachTopic, which asks about each of these topics."""
    each_topic: dict[str, Any] = {}
    for group in (question for question in questions_of(model) if isinstance(question, ForEachTopic)):
        for topic in topics:
            for inner in questions_of(group.model):
                each_topic[f"{inner.name}_{topic.id}"] = field_for(inner)
    return type(
        f"{model.__name__}Form", (QuestionForm,), {"model": model, "topics": topics, **_fields(model), **each_topic}
    )


@cache
def entry_class(model: type[Model]) -> type[EntryForm]:
    """The class of the form of an entry that is stored as a row of this model."""
    return type(f"{model.__name__}Form", (EntryForm,), {"model": model, **_fields(model)})


def _fields(model: type[Model]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for question in questions_of(model):
        if isinstance(question, ForEachTopic):
            continue
        fields[question.name] = field_for(question)
        if isinstance(question, NamedTopic) and question.unlisted:
            fields[question.unlisted] = BooleanField(question.unlisted_label)
    return fields


def blank_entry(group: Group) -> EntryForm:
    """The form of an empty entry with 'n' in place of its number, from which scripts create further entries."""
    form = entry_class(group.model)(prefix=f"{group.name}-n-")
    offer_blank_entries(form, group.model)
    return form


def offer_blank_entries(form: Any, model: type[Model]) -> None:
    """Append empty entries to the groups of a form until each has the number that its question declares."""
    for group in groups_of(model):
        entries = form[group.name]
        first = questions_of(group.model)[0].name
        blank = sum(1 for entry in entries if not entry.form[first].data)
        while blank < group.blank and len(entries) < group.most:
            entries.append_entry()
            blank += 1


def _answers(
    form: Any, model: type[Model], texts: Mapping[str, RenderedText], topics: tuple[Topic, ...] = ()
) -> dict[str, Any]:
    questions = questions_of(model)
    answers = {question.name: _answer(question, form, texts, topics) for question in questions}
    # Answers to questions that do not apply are ignored: without scripts all questions are on the page, and with them a
    # hidden one may still have an answer from before.
    return {question.name: answers[question.name] for question in questions if question.applies(answers)}


def _answer(question: Question, form: Any, texts: Mapping[str, RenderedText], topics: tuple[Topic, ...]) -> Any:
    if isinstance(question, ForEachTopic):
        inner = questions_of(question.model)
        return [
            {"topic": topic, **{each.name: _coded(each, form[f"{each.name}_{topic.id}"].data) for each in inner}}
            for topic in topics
        ]
    if isinstance(question, Group):
        # The first question of an entry names its topic; an entry without a topic is empty.
        first = questions_of(question.model)[0].name
        return [_answers(entry.form, question.model, {}) for entry in form[question.name] if entry.form[first].topic]
    if isinstance(question, Prose):
        return texts[question.name]
    if isinstance(question, NamedTopic):
        return form[question.name].topic
    return _coded(question, form[question.name].data)


def _coded(question: Question, data: Any) -> Any:
    """The data of a field, with codes replaced by members of the question's enumeration."""
    if isinstance(question, OneOf):
        return question.answers(data) if data else None
    if isinstance(question, SeveralOf):
        return [question.answers(code) for code in data or ()]
    return data


# --- Fields as they were posted -------------------------------------------------------------------------------------


def says_something(model: type[Model], fields: Mapping[str, list[str]]) -> bool:
    """Whether anything was typed, or a question without a default was answered. An empty form makes no draft."""
    return any(value.strip() for name, values in fields.items() if _counts(model, name) for value in values)


def _counts(model: type[Model], name: str) -> bool:
    question = question_for(model, name)
    return question is not None and (question.is_typed or (isinstance(question, OneOf) and question.default is None))


def without_entry(group: str, fields: Mapping[str, list[str]], number: int) -> Fields:
    """The fields without one entry of a group; later entries are renumbered."""
    kept = {}
    for name, values in fields.items():
        if not name.startswith(f"{group}-"):
            kept[name] = values
            continue
        _group_name, at, rest = name.split("-", 2)
        if int(at) != number:
            kept[f"{group}-{int(at) - (int(at) > number)}-{rest}"] = values
    return kept


def with_entry(group: Group, fields: Mapping[str, list[str]]) -> Fields:
    """The fields with an empty entry added at the end of a group."""
    first = questions_of(group.model)[0].name
    return {**fields, f"{group.name}-{max(_numbers(group.name, fields), default=-1) + 1}-{first}": [""]}


def with_entries_exchanged(group: str, fields: Mapping[str, list[str]], one: int, other: int) -> Fields:
    """The fields with two entries of a group exchanged; unchanged if one of them does not exist."""
    if not {one, other} <= _numbers(group, fields):
        return dict(fields)
    prefixes = {f"{group}-{one}-": f"{group}-{other}-", f"{group}-{other}-": f"{group}-{one}-"}
    return {_renamed(name, prefixes): values for name, values in fields.items()}


def _numbers(group: str, fields: Mapping[str, list[str]]) -> set[int]:
    return {int(name.split("-", 2)[1]) for name in fields if name.startswith(f"{group}-")}


def _renamed(name: str, prefixes: Mapping[str, str]) -> str:
    before = next((prefix for prefix in prefixes if name.startswith(prefix)), None)
    return name if before is None else prefixes[before] + name.removeprefix(before)
