"""Questions, declared at the columns that store their answers.

For example: `age_band: Mapped[AgeBand | None] = asked(OneOf(label=_("Age"), answers=AgeBand, step="what"))`. Besides
its migration, such a line is all that a field needs: the form, the names that may be posted, drafts, limits, import
codes, staff labels, the comparison of versions and erasing are derived from it.

Three terms used below. An *answer* is a Python value: text, an `Answer`, a bool, a `Topic`, or a list of mappings for a
group. A *version* is a row that stores answers. *Fields* are form data: lists of strings by the names in the HTML.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, ClassVar, Self, TypeVar

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import MappedColumn, mapped_column, relationship

from app.foundation import clock
from app.foundation.database import Model, UTCDateTime, enum_column
from app.foundation.errors import Refused
from app.foundation.text import markup
from app.foundation.text.rendered_text import RenderedText
from app.foundation.text.strings import has_words
from app.topics import vocabulary
from app.topics.models import TopicKind

Answers = Mapping[str, Any]
Fields = dict[str, list[str]]
Version = TypeVar("Version", bound=Model)

YES = _("yes")
NO = _("no")
SEPARATOR = " · "

_declared = itertools.count()


class Answer(enum.StrEnum):
    """Base class for the enumerations of answers to a question. The value is the code; `words` is what people read."""

    words: str

    def __new__(cls, value: str, words: str = "") -> Self:
        """Create a member from its code and its words."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.words = words
        return member


@dataclass(frozen=True, kw_only=True)
class Question:
    """Base class of all types of questions. Subclasses define how an answer is stored, read, shown and erased."""

    label: str
    # The name of the form field; by default that of the mapped attribute.
    name: str = ""
    attribute: str = ""
    hint: str = ""
    # The id of the section of the page that shows the question.
    step: str = ""
    # The form's error if it is not answered; empty if it need not be.
    missing: str = ""
    # The message of `check` if a limit is broken, for callers that do not use the form.
    refused: str = ""
    # The label on staff pages and in differences, if it is not `label`.
    staff_label: str = ""
    # Whether the model's `phrases` contain the answer.
    is_phrased: bool = False
    # The question applies only if, or unless, the question of this name has this answer.
    only_if: tuple[str, Answer] | None = None
    unless: tuple[str, Answer] | None = None
    # Whether a mapping file of an import may name it.
    is_imported: bool = True
    # Whether everybody may read the answer of a public version, on its page and in an API.
    is_exposed: bool = False
    # Whether its answers are counted by `outcomes`.
    is_counted: bool = False
    # The name of the filter of story lists for this answer; empty if there is none.
    list_filter: str = ""
    # Whether the text is searched for privacy hints while it is typed.
    is_screened: bool = False
    order: int = field(default_factory=_declared.__next__, repr=False)

    # Whether an answer has to be typed, so that having one makes a draft worth saving.
    is_typed: ClassVar[bool] = False

    @property
    def column_type(self) -> Any:
        """The SQLAlchemy type of the column of the answer. For questions declared with `asked` only."""
        raise NotImplementedError

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the fields of the question in its own form."""
        return (self.name,)

    @property
    def shown_only(self) -> str:
        """When scripts show the question: 'status:stopped', or 'effect:!too_early' for 'unless'. Empty: always."""
        if self.only_if:
            return ":".join(self.only_if)
        return ":!".join(self.unless) if self.unless else ""

    def applies(self, answers: Answers) -> bool:
        """Whether the question applies to somebody who gave these other answers."""
        if self.only_if and answers.get(self.only_if[0]) != self.only_if[1]:
            return False
        return not (self.unless and answers.get(self.unless[0]) == self.unless[1])

    def kept(self, answer: Any) -> dict[str, Any]:
        """The attributes of a version that store this answer, by name. None means not answered."""
        return {self.attribute: answer}

    def fields(self, version: Any) -> Fields:
        """The form fields that give the answer of a version: the inverse of reading the form."""
        return {self.name: [str(getattr(version, self.attribute) or "")]}

    def words(self, version: Any) -> str:
        """The answer of a version in words; empty if there is none."""
        return str(getattr(version, self.attribute) or "")

    def labelled(self, version: Any) -> list[tuple[str, str]]:
        """The answer of a version as a list of (label, words), for staff pages."""
        return [(str(self.staff_label or self.label), self.words(version))]

    def erased(self) -> dict[str, Any]:
        """The column values, by name, that replace the answer when a contribution is erased."""
        return {self.attribute: ""}

    def check(self, version: Any, *, is_imported: bool) -> None:
        """Raise Refused if a version breaks a limit. Imports are exempt from the minimum length of texts."""


@dataclass(frozen=True, kw_only=True)
class OneLine(Question):
    """A short text on one line. The column may be longer than `most`, the limit in characters."""

    most: int
    column_length: int
    is_typed: ClassVar[bool] = True

    @property
    def column_type(self) -> Any:
        """Text of limited length."""
        return sa.String(self.column_length)

    def kept(self, answer: Any) -> dict[str, Any]:
        """The text; empty if not answered."""
        return {self.attribute: answer or ""}

    def check(self, version: Any, *, is_imported: bool) -> None:
        """Raise Refused if the text is too long, or has no words although it is required."""
        text = getattr(version, self.attribute)
        if len(text) > self.most or (self.missing and not has_words(text)):
            raise Refused(self.refused.format(most=self.most), self.name)


@dataclass(frozen=True, kw_only=True)
class Prose(Question):
    """A text in Markdown: its source in one column, its HTML in the column `html`. The answer is a `RenderedText`.

    Not available in the model of a group: nothing renders the texts of its entries.
    """

    html: str
    most: int
    least: int = 0
    # The form's errors; if empty, those of WTForms.
    too_short: str = ""
    too_long: str = ""
    # The message of `check` for a text without words.
    wordless: str = ""
    is_typed: ClassVar[bool] = True

    @property
    def column_type(self) -> Any:
        """Text of unlimited length; `check` applies the limit."""
        return sa.Text()

    def kept(self, answer: Any) -> dict[str, Any]:
        """The source and its HTML; both empty if not answered."""
        text = answer or RenderedText.EMPTY
        return {self.attribute: text.source, self.html: text.html}

    def labelled(self, version: Any) -> list[tuple[str, str]]:
        """Always empty: texts are compared by paragraph, apart from the other answers."""
        return []

    def erased(self) -> dict[str, Any]:
        """An empty source and empty HTML."""
        return {self.attribute: "", self.html: ""}

    def check(self, version: Any, *, is_imported: bool) -> None:
        """Raise Refused if the text is too long or too short, or has no words although it is required."""
        length = len(getattr(version, self.attribute))
        least = 0 if is_imported else self.least
        if not least <= length <= self.most:
            raise Refused(self.refused.format(least=least, most=self.most, length=length), self.name)
        if least and not has_words(markup.plain(getattr(version, self.html))):
            raise Refused(self.wordless, self.name)


@dataclass(frozen=True, kw_only=True)
class OneOf(Question):
    """A choice of one answer. Not answering is allowed, unless there is a `default`, which is then stored."""

    answers: type[Answer]
    default: Answer | None = None
    is_radio: bool = False
    # The label of the empty choice, and the answers that the form does not offer.
    blank: str = _("not answered")
    without: tuple[Answer, ...] = ()
    # In a group: the name of a question that, if answered, makes this one required. `missing` is the error.
    needed_with: str = ""

    @property
    def column_type(self) -> Any:
        """The codes of the enumeration, with a CHECK constraint."""
        return enum_column(self.answers)

    def kept(self, answer: Any) -> dict[str, Any]:
        """The member of the enumeration; the default if not answered."""
        return {self.attribute: self.default if answer is None else answer}

    def words(self, version: Any) -> str:
        """The words of the member; empty if not answered."""
        answer = getattr(version, self.attribute)
        return str(answer.words) if answer else ""

    def erased(self) -> dict[str, Any]:
        """The default, or None without one."""
        return {self.attribute: self.default}


@dataclass(frozen=True, kw_only=True)
class SeveralOf(Question):
    """A choice of any number of answers, each stored as a row of `model` in its attribute `column`."""

    answers: type[Answer]
    model: type[Model]
    column: str

    def kept(self, answer: Any) -> dict[str, Any]:
        """A row for each answer, sorted by code."""
        return {self.attribute: [self.model(**{self.column: each}) for each in sorted(answer or ())]}

    def _given(self, version: Any) -> list[Answer]:
        return [getattr(row, self.column) for row in getattr(version, self.attribute)]

    def fields(self, version: Any) -> Fields:
        """The codes of the answers."""
        return {self.name: [answer.value for answer in self._given(version)]}

    def words(self, version: Any) -> str:
        """The words of the answers, separated by commas."""
        return ", ".join(str(answer.words) for answer in self._given(version))

    def erased(self) -> dict[str, Any]:
        """Nothing: the rows are deleted together with the row to which they belong."""
        return {}


@dataclass(frozen=True, kw_only=True)
class Tick(Question):
    """A checkbox: ticked, or not."""

    @property
    def column_type(self) -> Any:
        """A boolean."""
        return sa.Boolean()

    def kept(self, answer: Any) -> dict[str, Any]:
        """True if it was ticked, else False."""
        return {self.attribute: bool(answer)}

    def fields(self, version: Any) -> Fields:
        """The value 'y' if it is ticked; otherwise nothing, since browsers do not send an unticked box."""
        return {self.name: ["y"]} if getattr(version, self.attribute) else {}

    def words(self, version: Any) -> str:
        """'yes' or 'no'."""
        return str(YES if getattr(version, self.attribute) else NO)

    def erased(self) -> dict[str, Any]:
        """Not ticked."""
        return {self.attribute: False}


@dataclass(frozen=True, kw_only=True)
class Consent(Tick):
    """A checkbox stored as the time at which consent was given. Erasing a contribution keeps that time."""

    @property
    def column_type(self) -> Any:
        """A timestamp in UTC."""
        return UTCDateTime()

    def kept(self, answer: Any) -> dict[str, Any]:
        """The present time if it was ticked, else None."""
        return {self.attribute: clock.now() if answer else None}

    def erased(self) -> dict[str, Any]:
        """Nothing: the time of consent is kept as a record, and is not the author's text."""
        return {}

    def check(self, version: Any, *, is_imported: bool) -> None:
        """Raise Refused if consent is required and was not given."""
        if self.missing and not getattr(version, self.attribute):
            raise Refused(self.refused, self.name)


@dataclass(frozen=True, kw_only=True)
class NamedTopic(Question):
    """A topic, given by any of its names. With `unlisted`, a checkbox of that name permits an unlisted name."""

    about: TopicKind
    unlisted: str = ""
    unlisted_label: str = ""
    # The attribute of a version with the name as its author wrote it.
    shown_name: str = ""
    is_typed: ClassVar[bool] = True

    @property
    def names(self) -> tuple[str, ...]:
        """The name of the text field, and that of the checkbox if there is one."""
        return (self.name, self.unlisted) if self.unlisted else (self.name,)

    def fields(self, version: Any) -> Fields:
        """The name of the topic, and the ticked checkbox if the topic is not in the vocabulary."""
        fields = {self.name: [self.words(version)]}
        if self.unlisted and not getattr(version, self.attribute).is_listed:
            fields[self.unlisted] = ["y"]
        return fields

    def words(self, version: Any) -> str:
        """The name of the topic; if it is not in the vocabulary, as the author wrote it."""
        return str(getattr(version, self.shown_name) if self.shown_name else getattr(version, self.attribute).name)

    def erased(self) -> dict[str, Any]:
        """The stand-in topic: the column cannot be null."""
        return {f"{self.attribute}_id": vocabulary.stand_in(self.about).id}


@dataclass(frozen=True, kw_only=True)
class Group(Question):
    """The questions of another model, asked several times. Its fields are called 'treatments-0-effect' and so on."""

    model: type[Model]
    most: int
    least: int = 0
    # How many empty entries the form offers after the filled ones.
    blank: int = 0
    # The name of the question of `model` that no two entries may answer alike, and the form's error if they do.
    distinct: str = ""
    twice: str = ""

    def kept(self, answer: Any) -> dict[str, Any]:
        """A row for each entry, with its number as `position` if the model has that column."""
        rows: list[Any] = [version_of(self.model, each) for each in answer or ()]
        if hasattr(self.model, "position"):
            for position, row in enumerate(rows):
                row.position = position
        return {self.attribute: rows}

    def fields(self, version: Any) -> Fields:
        """The fields of every entry, their names prefixed with the name of the group and the number of the entry."""
        return {
            f"{self.name}-{number}-{name}": values
            for number, row in enumerate(getattr(version, self.attribute))
            for name, values in fields_of(row).items()
        }

    def labelled(self, version: Any) -> list[tuple[str, str]]:
        """One (label, words) for each entry; `%(number)s` in `staff_label` is its number, from 1."""
        rows = enumerate(getattr(version, self.attribute), start=1)
        return [(str(self.staff_label) % {"number": number}, in_one_line(row)) for number, row in rows]

    def erased(self) -> dict[str, Any]:
        """Nothing: `erase` deletes the rows."""
        return {}

    def check(self, version: Any, *, is_imported: bool) -> None:
        """Raise Refused if there are too few or too many entries."""
        if not self.least <= len(getattr(version, self.attribute)) <= self.most:
            raise Refused(self.refused.format(least=self.least, most=self.most), self.name)


@dataclass(frozen=True, kw_only=True)
class ForEachTopic(Group):
    """The questions of another model, asked once for each given topic, as 'effect_7' for the topic with id 7.

    An entry is a mapping with the topic under 'topic' besides the answers. An entry without answers is not stored.
    """

    most: int = 0

    def kept(self, answer: Any) -> dict[str, Any]:
        """A row for each topic with at least one answer."""
        said = [each for each in answer or () if any(value for name, value in each.items() if name != "topic")]
        kept = super().kept([{name: value for name, value in each.items() if name != "topic"} for each in said])
        for row, each in zip(kept[self.attribute], said, strict=True):
            row.topic = each["topic"]
        return kept

    def fields(self, version: Any) -> Fields:
        """The fields of every row, their names followed by the id of its topic."""
        return {
            f"{name}_{row.topic.id}": values
            for row in getattr(version, self.attribute)
            for name, values in fields_of(row).items()
        }

    def labelled(self, version: Any) -> list[tuple[str, str]]:
        """One (label, words) for each topic; `%(topic)s` in `staff_label` is its name."""
        rows = getattr(version, self.attribute)
        return [(str(self.staff_label) % {"topic": row.topic.name}, in_one_line(row)) for row in rows]

    def check(self, version: Any, *, is_imported: bool) -> None:
        """Accept any number of entries: it is given by the number of topics."""


# --- Declaring ------------------------------------------------------------------------------------------------------


def asked(question: Question, **column: Any) -> MappedColumn[Any]:
    """Declare a column that stores the answer to a question. `column` is passed to `mapped_column`."""
    default = getattr(question, "default", None)
    if default is not None:
        column = {"default": default, **column}
    elif isinstance(question, Tick) and not isinstance(question, Consent):
        column = {"default": False, **column}
    return mapped_column(question.column_type, info={"question": question}, **column)


def asked_of(question: Question, **relation: Any) -> Any:
    """Declare a relationship that stores the answer to a question. `relation` is passed to `relationship`."""
    return relationship(info={"question": question}, **relation)


@cache
def questions_of(model: type[Model]) -> tuple[Question, ...]:
    """The questions declared at the columns and relationships of a model, in the order of declaration."""
    # Not `mapper.attrs`, which would configure all mappers while models are still being declared.
    descriptors: Mapping[str, Any] = dict(sa.inspect(model).all_orm_descriptors.items())
    declared = {key: each.info["question"] for key, each in descriptors.items() if "question" in each.info}
    named = [replace(question, attribute=key, name=question.name or key) for key, question in declared.items()]
    return tuple(sorted(named, key=lambda question: question.order))


# --- Versions -------------------------------------------------------------------------------------------------------


def version_of(model: type[Version], answers: Answers) -> Version:
    """A new version with these answers, given by the names of their questions. It is not added to the session.

    A question that is missing counts as not answered. Raises TypeError for a name that is not a question.
    """
    names, kept = _names_and_constants(model)
    if not answers.keys() <= names:
        raise TypeError(f"{model.__name__} does not ask {', '.join(sorted(answers.keys() - names))}")
    kept = dict(kept)
    for question in questions_of(model):
        kept.update(question.kept(answers.get(question.name)))
    return model(**kept)


@cache
def _names_and_constants(model: type[Model]) -> tuple[frozenset[str], dict[str, Any]]:
    """The names of a model's questions, and the constant attributes of a version. Cached for imports."""
    constants = {"renderer_version": markup.RENDERER_VERSION} if hasattr(model, "renderer_version") else {}
    return frozenset(question.name for question in questions_of(model)), constants


def check(version: Model, *, is_imported: bool = False) -> None:
    """Raise Refused for the first limit that a version breaks. The version need not be in the session."""
    for question in questions_of(type(version)):
        question.check(version, is_imported=is_imported)


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


def question_for(model: type[Model], name: str) -> Question | None:
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
def _by_name(model: type[Model]) -> dict[str, Question]:
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
    questions: Sequence[Question] = [each for each in questions_of(type(version)) if each.is_exposed]
    rows = [row for each in questions if each.name not in set(but) for row in each.labelled(version)]
    return [(label, words) for label, words in rows if words]


def erase(model: type[Model], versions: sa.Select[Any]) -> Iterator[sa.UpdateBase]:
    """The statements that remove the answers of versions, to be executed in this order. `versions` selects their ids.

    Rows of groups are deleted; the columns get the values of `Question.erased`.
    """
    for question in questions_of(model):
        if isinstance(question, Group):
            relation = sa.inspect(model).relationships[question.attribute]
            (own,) = relation.remote_side
            yield sa.delete(question.model).where(own.in_(versions))
    values: dict[str, Any] = {}
    for question in questions_of(model):
        values.update(question.erased())
    yield sa.update(model).where(sa.inspect(model).primary_key[0].in_(versions)).values(**values)


def is_named_topic(model: type[Model], name: str) -> bool:
    """Whether the form field of this name takes the name of a topic."""
    question = question_for(model, name)
    return isinstance(question, NamedTopic) and name.rpartition("-")[2] == question.name
