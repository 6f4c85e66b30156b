"""The form of a questionnaire, generated from its questions, and the fields that may be posted to it.

A form is generated for a model, for example by `form_class(StoryRevision)`. It has exactly the fields of the declared
questions: a name that is not declared is never read, and a declared one is never omitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, FieldList, FormField
from wtforms import Form as PlainForm
from wtforms.fields.core import UnboundField

from app.foundation.database import Model
from app.foundation.text import markup
from app.foundation.text.rendered_text import RenderedText
from app.foundation.web.forms import Form, all_errors
from app.questionnaires.declaration import Answers, AnyQuestion, Fields
from app.questionnaires.form_fields import Distinct, field_for
from app.questionnaires.question_types import NamedTopic, OneOf, Prose, SeveralOf
from app.questionnaires.questions import ForEachTopic, Group, groups_of, question_for, questions_of, version_of
from app.topics.models import Topic


class QuestionForm(Form):
    """Base class of the forms of questionnaires. `topics` are the topics that a ForEachTopic asks about."""

    model: ClassVar[type[Model]]
    topics: ClassVar[tuple[Topic, ...]] = ()

    def version(self, texts: Mapping[str, RenderedText]) -> Model:
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

    def asked_in(self, step: str = "", *drawn: str) -> list[Field]:
        """The fields of a part of the entry that the template does not draw by name, in the order of the questions."""
        return _others(self, self.model, step, drawn)


def _others(form: AnyForm, model: type[Model], step: str, drawn: tuple[str, ...]) -> list[Field]:
    questions = [each for each in questions_of(model) if not isinstance(each, Group) and each.step == step]
    return [form[each.name] for each in questions if each.name not in drawn]


AnyForm = QuestionForm | EntryForm


@cache
def form_class(model: type[Model]) -> type[QuestionForm]:
    """The class of the form of a model. For a model with a ForEachTopic use `form_about`."""
    return type(f"{model.__name__}Form", (QuestionForm,), {"model": model, **_fields(model)})


def form_about(model: type[Model], topics: tuple[Topic, ...]) -> type[QuestionForm]:
    """The class of the form of a model with a ForEachTopic, which asks about each of these topics."""
    each_topic: dict[str, UnboundField] = {}
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


@field_for.register
def _group(question: Group) -> UnboundField:
    checks = [Distinct(question)] if question.distinct else []
    entry = FormField(entry_class(question.model))
    return FieldList(entry, None, checks, min_entries=question.least, max_entries=question.most)


def _fields(model: type[Model]) -> dict[str, UnboundField]:
    fields: dict[str, UnboundField] = {}
    for question in questions_of(model):
        if isinstance(question, ForEachTopic):
            continue
        fields[question.name] = field_for(question)
        if isinstance(question, NamedTopic) and question.unlisted:
            fields[question.unlisted] = BooleanField(question.unlisted_label)
    return fields


def named_errors(model: type[Model], form: QuestionForm) -> list[tuple[str, str]]:
    """All errors of a form as (id of the field, message); where a group has several entries, with the entry's name."""
    prefixes = {
        f"{group.name}-{number}-": str(group.staff_label) % {"number": number + 1}
        for group in groups_of(model)
        for number in range(len(form[group.name]))
        if len(form[group.name]) > 1
    }
    return [(at, _with_entry_name(prefixes, at, message)) for at, message in all_errors(form)]


def _with_entry_name(prefixes: Mapping[str, str], at: str, message: str) -> str:
    entry = next((name for prefix, name in prefixes.items() if at.startswith(prefix)), None)
    return str(gettext("%(entry)s: %(message)s", entry=entry, message=message)) if entry else message


def blank_entry(group: Group) -> EntryForm:
    """The form of an empty entry with 'n' in place of its number, from which scripts create further entries."""
    form = entry_class(group.model)(prefix=f"{group.name}-n-")
    offer_blank_entries(form, group.model)
    return form


def offer_blank_entries(form: AnyForm, model: type[Model]) -> None:
    """Append empty entries to the groups of a form until each has the number that its question declares."""
    for group in groups_of(model):
        entries = form[group.name]
        first = questions_of(group.model)[0].name
        blank = sum(1 for entry in entries if not entry.form[first].data)
        while blank < group.blank and len(entries) < group.most:
            entries.append_entry()
            blank += 1


def _answers(
    form: AnyForm, model: type[Model], texts: Mapping[str, RenderedText], topics: tuple[Topic, ...] = ()
) -> Answers:
    questions = questions_of(model)
    answers = {question.name: _answer(question, form, texts, topics) for question in questions}
    # Answers to questions that do not apply are ignored: without scripts all questions are on the page, and with them a
    # hidden one may still have an answer from before.
    return {question.name: answers[question.name] for question in questions if question.applies(answers)}


def _answer(
    question: AnyQuestion, form: AnyForm, texts: Mapping[str, RenderedText], topics: tuple[Topic, ...]
) -> object:
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


def _coded(question: AnyQuestion, data: Any) -> object:
    """The data of a field, with codes replaced by members of the question's enumeration."""
    if isinstance(question, OneOf):
        return question.answers(data) if data else None
    if isinstance(question, SeveralOf):
        return [question.answers(code) for code in data or ()]
    return data
