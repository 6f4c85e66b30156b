"""Questions, declared at the columns that store their answers.

For example: `age_band: Mapped[AgeBand | None] = question_column(OneOf(label=_("Age"), answers=AgeBand, step="what"))`.
Besides its migration, such a line is all that a field needs: the form, the names that may be posted, drafts, limits,
import codes, staff labels, the comparison of versions and erasing are derived from it. `question_types` has the types
of questions; here are groups of questions, how they are declared, and what is derived from them for a version.

A *version* is a row that stores answers. *Answers* and *fields* are explained in `question_types`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import MappedColumn, QueryableAttribute, mapped_column, relationship

from app.foundation.database import Model
from app.foundation.errors import Refused
from app.foundation.text import markup
from app.questionnaires.declaration import Answers, AnyQuestion, Fields, Question, Values
from app.questionnaires.question_types import Consent, NamedTopic, Tick

SEPARATOR = " · "

Version = TypeVar("Version", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Group(Question[Sequence[Answers]]):
    """The questions of another model, asked several times. Its fields are called 'treatments-0-effect' and so on."""

    model: type[Model]
    most: int
    least: int = 0
    # How many empty entries the form offers after the filled ones.
    blank: int = 0
    # The name of the question of `model` that no two entries may answer alike, and the form's error if they do.
    distinct: str = ""
    twice: str = ""

    def kept(self, answer: Sequence[Answers] | None) -> Values:
        """A row for each entry, with its number as `position` if the model has that column. Without any, nothing."""
        rows = [version_of(self.model, each, **self._place(number)) for number, each in enumerate(answer or ())]
        return {self.attribute: rows} if rows else {}

    def _place(self, number: int) -> Values:
        return {"position": number} if _has_position(self.model) else {}

    def fields(self, version: Model) -> Fields:
        """The fields of every entry, their names prefixed with the name of the group and the number of the entry."""
        return {
            f"{self.name}-{number}-{name}": values
            for number, row in enumerate(getattr(version, self.attribute))
            for name, values in fields_of(row).items()
        }

    def labelled(self, version: Model) -> list[tuple[str, str]]:
        """One (label, words) for each entry; `%(number)s` in `staff_label` is its number, from 1."""
        rows = enumerate(getattr(version, self.attribute), start=1)
        return [(str(self.staff_label) % {"number": number}, in_one_line(row)) for number, row in rows]

    def erased(self) -> Values:
        """Nothing: `erase` deletes the rows."""
        return {}

    def check(self, version: Model, *, is_imported: bool) -> None:
        """Raise Refused if there are too few or too many entries."""
        if not self.least <= len(getattr(version, self.attribute)) <= self.most:
            raise Refused(str(self.refused) % {"least": self.least, "most": self.most}, self.name)


@dataclass(frozen=True, kw_only=True)
class ForEachTopic(Group):
    """The questions of another model, asked once for each given topic, as 'effect_7' for the topic with id 7.

    An entry is a mapping with the topic under 'topic' besides the answers. An entry without answers is not stored.
    """

    most: int = 0

    def kept(self, answer: Sequence[Answers] | None) -> Values:
        """A row for each topic with at least one answer."""
        rows: list[Model] = []
        for entry in answer or ():
            answers = {name: value for name, value in entry.items() if name != "topic"}
            if any(answers.values()):
                rows.append(version_of(self.model, answers, topic=entry["topic"], **self._place(len(rows))))
        return {self.attribute: rows}

    def fields(self, version: Model) -> Fields:
        """The fields of every row, their names followed by the id of its topic."""
        return {
            f"{name}_{row.topic.id}": values
            for row in getattr(version, self.attribute)
            for name, values in fields_of(row).items()
        }

    def labelled(self, version: Model) -> list[tuple[str, str]]:
        """One (label, words) for each topic; `%(topic)s` in `staff_label` is its name."""
        rows = getattr(version, self.attribute)
        return [(str(self.staff_label) % {"topic": row.topic.name}, in_one_line(row)) for row in rows]

    def check(self, version: Model, *, is_imported: bool) -> None:
        """Accept any number of entries: it is given by the number of topics."""


def question_column(question: AnyQuestion, **column: Any) -> MappedColumn[Any]:
    """Declare a column that stores the answer to a question. `column` is passed to `mapped_column`."""
    if isinstance(question, Tick) and not isinstance(question, Consent):
        column = {"default": False, **column}
    return mapped_column(question.column_type, info={"question": question}, **column)


def question_relationship(question: AnyQuestion, **relation: Any) -> Any:
    """Declare a relationship that stores the answer to a question. `relation` is passed to `relationship`."""
    return relationship(info={"question": question}, **relation)


@cache
def questions_of(model: type[Model]) -> tuple[AnyQuestion, ...]:
    """The questions declared at the columns and relationships of a model, in the order of declaration."""
    # Not `mapper.attrs`, which would configure all mappers while models are still being declared.
    attributes = sa.inspect(model).all_orm_descriptors
    declared = {
        key: each.info["question"]
        for key, each in attributes.items()
        if isinstance(each, QueryableAttribute) and "question" in each.info
    }
    named = [replace(question, attribute=key, name=question.name or key) for key, question in declared.items()]
    return tuple(sorted(named, key=lambda question: question.order))


def version_of(model: type[Version], answers: Answers, **more: object) -> Version:
    """A new version with these answers, given by the names of their questions. It is not added to the session.

    A question that is missing counts as not answered. `more` are values of further attributes. Raises TypeError for a
    name that is not a question.
    """
    names, kept = _names_and_constants(model)
    if not answers.keys() <= names:
        raise TypeError(f"{model.__name__} does not ask {', '.join(sorted(answers.keys() - names))}")
    kept = {**kept, **more}
    for question in questions_of(model):
        kept |= question.kept(answers.get(question.name))
    return model(**kept)


@cache
def _has_position(model: type[Model]) -> bool:
    return hasattr(model, "position")


@cache
def _names_and_constants(model: type[Model]) -> tuple[frozenset[str], Values]:
    """The names of a model's questions, and the constant attributes of a version. Cached for imports."""
    constants: Values = {"renderer_version": markup.RENDERER_VERSION} if hasattr(model, "renderer_version") else {}
    return frozenset(question.name for question in questions_of(model)), constants


def check(version: Model, *, is_imported: bool = False) -> None:
    """Raise Refused for the first limit that a version breaks. The version need not be in the session."""
    for question in _limited(type(version)):
        question.check(version, is_imported=is_imported)


@cache
def _limited(model: type[Model]) -> tuple[AnyQuestion, ...]:
    """The questions of a model whose answers have limits."""
    return tuple(each for each in questions_of(model) if type(each).check is not Question.check)


def fields_of(version: Model) -> Fields:
    """The form fields filled from a version: the inverse of reading the form. For editing, drafts and comparisons."""
    fields: Fields = {}
    for question in questions_of(type(version)):
        fields.update(question.fields(version))
    return fields


def labelled(version: Model) -> list[tuple[str, str]]:
    """The answers of a version except its texts, as (label, words), groups last. For staff pages and differences."""
    questions = questions_of(type(version))
    single = [question for question in questions if not isinstance(question, Group)]
    groups = [question for question in questions if isinstance(question, Group)]
    rows = [row for question in (*single, *groups) for row in question.labelled(version)]
    return [(label, words) for label, words in rows if words]


def in_one_line(version: Any) -> str:
    """The answers of an entry on one line: the model's `phrases`, then every answer not in them, with its label."""
    model: type[Model] = type(version)
    others = [
        f"{label}: {words}"
        for question in questions_of(model)
        if not question.is_phrased
        for label, words in question.labelled(version)
        if words
    ]
    return SEPARATOR.join([*map(str, version.phrases), *others])


def question_for(model: type[Model], name: str) -> AnyQuestion | None:
    """The question that a form field of this name answers; None if no form of the model has such a field.

    For a question that is asked for each topic, the id in the name is not checked.
    """
    single = _by_name(model).get(name)
    if single is not None:
        return single
    for group in (question for question in questions_of(model) if isinstance(question, Group)):
        inner = _within(group, name)
        if inner is not None:
            return question_for(group.model, inner)
    return None


@cache
def _by_name(model: type[Model]) -> dict[str, AnyQuestion]:
    questions = questions_of(model)
    return {name: each for each in questions if not isinstance(each, Group) for name in each.names}


def _within(group: Group, name: str) -> str | None:
    """The name of a field inside an entry: 'effect' for 'treatments-0-effect' or 'effect_7'; None if not in `group`."""
    if isinstance(group, ForEachTopic):
        inner, _underscore, number = name.rpartition("_")
        return inner if _is_number(number, digits=18) else None
    own, _dash, rest = name.partition("-")
    number, _dash, inner = rest.partition("-")
    return inner if own == group.name and _is_number(number, digits=2) else None


def _is_number(text: str, digits: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= digits


def groups_of(model: type[Model]) -> Iterator[Group]:
    """The groups of a model whose entries are numbered: all but those of type ForEachTopic."""
    for question in questions_of(model):
        if isinstance(question, Group) and not isinstance(question, ForEachTopic):
            yield question


def exposed_answers(version: Model, but: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The public answers of a version as (label, words), except those to the questions named in `but`."""
    questions: Sequence[AnyQuestion] = [each for each in questions_of(type(version)) if each.is_exposed]
    rows = [row for each in questions if each.name not in set(but) for row in each.labelled(version)]
    return [(label, words) for label, words in rows if words]


def erase(model: type[Model], versions: sa.Select[int]) -> Iterator[sa.UpdateBase]:
    """The statements that remove the answers of versions, to be executed in this order. `versions` selects their ids.

    Rows of groups are deleted; the columns get the values of `Question.erased`.
    """
    for question in questions_of(model):
        if isinstance(question, Group):
            relation = sa.inspect(model).relationships[question.attribute]
            (own,) = relation.remote_side
            yield sa.delete(question.model).where(own.in_(versions))
    values: Values = {}
    for question in questions_of(model):
        values.update(question.erased())
    yield sa.update(model).where(sa.inspect(model).primary_key[0].in_(versions)).values(**values)


def is_named_topic(model: type[Model], name: str) -> bool:
    """Whether the form field of this name takes the name of a topic."""
    question = question_for(model, name)
    return isinstance(question, NamedTopic) and name.rpartition("-")[2] == question.name
