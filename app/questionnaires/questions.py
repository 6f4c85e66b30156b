"""Questions, declared at the columns that keep their answers.

    age_band: Mapped[AgeBand | None] = asked(OneOf(label=_("Age"), answers=AgeBand, step="what"))

Such a line is all that a field needs besides its migration: the form, the names that may be posted, what a draft
keeps, limits, import codes, staff labels, the comparison of versions and erasing follow from it.

Three words used below. An *answer* is a Python value: text, an `Answer`, a bool, a `Topic`, or a list of mappings for a
group. A *version* is a row that keeps answers. *Fields* are form data: lists of strings by the names in the HTML.
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
    """An enumeration of the answers to one question. A member is its code; `words` is what people read."""

    words: str

    def __new__(cls, value: str, words: str = "") -> Self:
        """Make a member from its code and its words."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.words = words
        return member


@dataclass(frozen=True, kw_only=True)
class Question:
    """What every type of question has. Subclasses say how the answer is kept, read back, shown and erased."""

    label: str
    # The name of the form field; that of the mapped attribute unless it says otherwise.
    name: str = ""
    attribute: str = ""
    hint: str = ""
    # The part of the page it is drawn in, by the id of its section.
    step: str = ""
    # What the form says where it must be answered and is not; empty for a question that may be left out.
    missing: str = ""
    # What the domain function says when a limit is broken that the form should have kept.
    refused: str = ""
    # The label on staff pages and in differences, where it is not that of the form.
    staff_label: str = ""
    # The model's own `phrases` say it, in words that fit the whole line.
    is_phrased: bool = False
    # It applies only if another question has this answer, or unless it has.
    only_if: tuple[str, Answer] | None = None
    unless: tuple[str, Answer] | None = None
    # A mapping file may name it.
    is_imported: bool = True
    # Everyone may read the answer once the version is public: on its page, and in an API. Nobody may unless it says so.
    is_exposed: bool = False
    # Its answers are counted in the sums of `outcomes`.
    is_counted: bool = False
    # The name of the filter of story lists that asks for it.
    list_filter: str = ""
    # The text is searched for what might identify a person, while it is written.
    is_screened: bool = False
    order: int = field(default_factory=_declared.__next__, repr=False)

    # Whether somebody has to write or pick something, so that an answer makes a draft worth keeping.
    is_typed: ClassVar[bool] = False

    @property
    def column_type(self) -> Any:
        """The SQLAlchemy type of its column."""
        raise NotImplementedError

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its form fields, inside its own form."""
        return (self.name,)

    @property
    def shown_only(self) -> str:
        """The condition for the scripts of the page: 'status:stopped', or 'effect:!too_early'."""
        if self.only_if:
            return ":".join(self.only_if)
        return ":!".join(self.unless) if self.unless else ""

    def applies(self, answers: Answers) -> bool:
        """Whether it is asked of somebody who gave these other answers."""
        if self.only_if and answers.get(self.only_if[0]) != self.only_if[1]:
            return False
        return not (self.unless and answers.get(self.unless[0]) == self.unless[1])

    def kept(self, answer: Any) -> dict[str, Any]:
        """The attributes of a version that keep this answer; None is no answer."""
        return {self.attribute: answer}

    def fields(self, version: Any) -> Fields:
        """The form fields that would give a version's answer again."""
        return {self.name: [str(getattr(version, self.attribute) or "")]}

    def words(self, version: Any) -> str:
        """A version's answer in words; empty where there is none."""
        return str(getattr(version, self.attribute) or "")

    def labelled(self, version: Any) -> list[tuple[str, str]]:
        """A version's answer as (label, words) for staff."""
        return [(str(self.staff_label or self.label), self.words(version))]

    def erased(self) -> dict[str, Any]:
        """The column values that erasing leaves."""
        return {self.attribute: ""}

    def check(self, version: Any, *, is_imported: bool) -> None:
        """Raise Refused if a version breaks a limit. An import is not held to the least length of a text."""


@dataclass(frozen=True, kw_only=True)
class OneLine(Question):
    """A few words on one line. The column may be wider than the form allows."""

    most: int
    column_length: int
    is_typed: ClassVar[bool] = True

    @property
    def column_type(self) -> Any:
        """Text of limited length."""
        return sa.String(self.column_length)

    def kept(self, answer: Any) -> dict[str, Any]:
        """The text; no answer is the empty one."""
        return {self.attribute: answer or ""}

    def check(self, version: Any, *, is_imported: bool) -> None:
        """Raise Refused when it is too long, or has no words where some are needed."""
        text = getattr(version, self.attribute)
        if len(text) > self.most or (self.missing and not has_words(text)):
            raise Refused(self.refused.format(most=self.most), self.name)


@dataclass(frozen=True, kw_only=True)
class Prose(Question):
    """A text in Markdown: its source in one column, its HTML in the column `html`. The answer is a `RenderedText`.

    Not for the model of a group, whose texts nobody renders.
    """

    html: str
    most: int
    least: int = 0
    # What the form says; without these WTForms' own words.
    too_short: str = ""
    too_long: str = ""
    # What the domain function says of a text without words.
    wordless: str = ""
    is_typed: ClassVar[bool] = True

    @property
    def column_type(self) -> Any:
        """Text of any length; `most` is the limit."""
        return sa.Text()

    def kept(self, answer: Any) -> dict[str, Any]:
        """The source and its HTML."""
        text = answer or RenderedText.EMPTY
        return {self.attribute: text.source, self.html: text.html}

    def labelled(self, version: Any) -> list[tuple[str, str]]:
        """Nothing: texts are compared paragraph by paragraph, beside the answers."""
        return []

    def erased(self) -> dict[str, Any]:
        """Neither source nor HTML."""
        return {self.attribute: "", self.html: ""}

    def check(self, version: Any, *, is_imported: bool) -> None:
        """Raise Refused when it is too long, too short, or has no words where some are needed."""
        length = len(getattr(version, self.attribute))
        least = 0 if is_imported else self.least
        if not least <= length <= self.most:
            raise Refused(self.refused.format(least=least, most=self.most, length=length), self.name)
        if least and not has_words(markup.plain(getattr(version, self.html))):
            raise Refused(self.wordless, self.name)


@dataclass(frozen=True, kw_only=True)
class OneOf(Question):
    """One of several answers, or none unless there is a `default`."""

    answers: type[Answer]
    default: Answer | None = None
    is_radio: bool = False
    # What the empty choice is called, and the answers that the form does not offer.
    blank: str = _("not answered")
    without: tuple[Answer, ...] = ()
    # In the form of a group: needed as soon as this other question is answered; `missing` says so.
    needed_with: str = ""

    @property
    def column_type(self) -> Any:
        """The codes of the enumeration, kept by a CHECK."""
        return enum_column(self.answers)

    def kept(self, answer: Any) -> dict[str, Any]:
        """The member; no answer is the default."""
        return {self.attribute: self.default if answer is None else answer}

    def words(self, version: Any) -> str:
        """The words of the member."""
        answer = getattr(version, self.attribute)
        return str(answer.words) if answer else ""

    def erased(self) -> dict[str, Any]:
        """The default, or nothing."""
        return {self.attribute: self.default}


@dataclass(frozen=True, kw_only=True)
class SeveralOf(Question):
    """Any number of answers, each a row of `model` that keeps it in its attribute `column`."""

    answers: type[Answer]
    model: type[Model]
    column: str

    def kept(self, answer: Any) -> dict[str, Any]:
        """One row for each answer, in the order of the codes."""
        return {self.attribute: [self.model(**{self.column: each}) for each in sorted(answer or ())]}

    def _given(self, version: Any) -> list[Answer]:
        return [getattr(row, self.column) for row in getattr(version, self.attribute)]

    def fields(self, version: Any) -> Fields:
        """The codes."""
        return {self.name: [answer.value for answer in self._given(version)]}

    def words(self, version: Any) -> str:
        """The words of all members."""
        return ", ".join(str(answer.words) for answer in self._given(version))

    def erased(self) -> dict[str, Any]:
        """Nothing here: the rows go with the row they belong to."""
        return {}


@dataclass(frozen=True, kw_only=True)
class Tick(Question):
    """Yes, or not said."""

    @property
    def column_type(self) -> Any:
        """A boolean."""
        return sa.Boolean()

    def kept(self, answer: Any) -> dict[str, Any]:
        """Whether it was ticked."""
        return {self.attribute: bool(answer)}

    def fields(self, version: Any) -> Fields:
        """A box that is not ticked is not sent at all."""
        return {self.name: ["y"]} if getattr(version, self.attribute) else {}

    def words(self, version: Any) -> str:
        """Yes or no."""
        return str(YES if getattr(version, self.attribute) else NO)

    def erased(self) -> dict[str, Any]:
        """Not ticked."""
        return {self.attribute: False}


@dataclass(frozen=True, kw_only=True)
class Consent(Tick):
    """A tick that is kept as the time it was given. Erasing leaves the time, as it leaves every other."""

    @property
    def column_type(self) -> Any:
        """A moment."""
        return UTCDateTime()

    def kept(self, answer: Any) -> dict[str, Any]:
        """Now, or nothing."""
        return {self.attribute: clock.now() if answer else None}

    def erased(self) -> dict[str, Any]:
        """It stays: when somebody agreed is no word of theirs."""
        return {}

    def check(self, version: Any, *, is_imported: bool) -> None:
        """Raise Refused where it is needed and was not given."""
        if self.missing and not getattr(version, self.attribute):
            raise Refused(self.refused, self.name)


@dataclass(frozen=True, kw_only=True)
class NamedTopic(Question):
    """A topic by any of its names. With `unlisted` a second field, a tick, lets a name stand that nobody knows."""

    about: TopicKind
    unlisted: str = ""
    unlisted_label: str = ""
    # The version's attribute with the name as its author knows it.
    shown_name: str = ""
    is_typed: ClassVar[bool] = True

    @property
    def names(self) -> tuple[str, ...]:
        """The name, and the tick where there is one."""
        return (self.name, self.unlisted) if self.unlisted else (self.name,)

    def fields(self, version: Any) -> Fields:
        """The name, and the tick if it is in no list."""
        fields = {self.name: [self.words(version)]}
        if self.unlisted and not getattr(version, self.attribute).is_listed:
            fields[self.unlisted] = ["y"]
        return fields

    def words(self, version: Any) -> str:
        """The name, in the author's words where it is in no list."""
        return str(getattr(version, self.shown_name) if self.shown_name else getattr(version, self.attribute).name)

    def erased(self) -> dict[str, Any]:
        """The topic that stands for none: the column is never empty."""
        return {f"{self.attribute}_id": vocabulary.stand_in(self.about).id}


@dataclass(frozen=True, kw_only=True)
class Group(Question):
    """The questions of another model, asked several times: as 'treatments-0-effect', 'treatments-1-effect', ..."""

    model: type[Model]
    most: int
    least: int = 0
    # How many empty entries the form has beyond the answered ones.
    blank: int = 0
    # The question of `model` that no two entries may answer alike, and what the form says if they do.
    distinct: str = ""
    twice: str = ""

    def kept(self, answer: Any) -> dict[str, Any]:
        """One row for each entry, numbered where the model has positions."""
        rows: list[Any] = [version_of(self.model, each) for each in answer or ()]
        if hasattr(self.model, "position"):
            for position, row in enumerate(rows):
                row.position = position
        return {self.attribute: rows}

    def fields(self, version: Any) -> Fields:
        """The fields of every entry under the group's name and the entry's number."""
        return {
            f"{self.name}-{number}-{name}": values
            for number, row in enumerate(getattr(version, self.attribute))
            for name, values in fields_of(row).items()
        }

    def labelled(self, version: Any) -> list[tuple[str, str]]:
        """One line for each entry; `staff_label` has a place for its %(number)s."""
        rows = enumerate(getattr(version, self.attribute), start=1)
        return [(str(self.staff_label) % {"number": number}, in_one_line(row)) for number, row in rows]

    def erased(self) -> dict[str, Any]:
        """Nothing here: the rows are deleted, see `erase`."""
        return {}

    def check(self, version: Any, *, is_imported: bool) -> None:
        """Raise Refused when there are too few or too many entries."""
        if not self.least <= len(getattr(version, self.attribute)) <= self.most:
            raise Refused(self.refused.format(least=self.least, most=self.most), self.name)


@dataclass(frozen=True, kw_only=True)
class ForEachTopic(Group):
    """The questions of another model, asked once for each topic that is given: as 'effect_7' for the topic with id 7.

    An entry is a mapping that has the topic under 'topic' besides the answers. Entries without answers are not kept.
    """

    most: int = 0

    def kept(self, answer: Any) -> dict[str, Any]:
        """One row for each topic about which anything is said."""
        said = [each for each in answer or () if any(value for name, value in each.items() if name != "topic")]
        kept = super().kept([{name: value for name, value in each.items() if name != "topic"} for each in said])
        for row, each in zip(kept[self.attribute], said, strict=True):
            row.topic = each["topic"]
        return kept

    def fields(self, version: Any) -> Fields:
        """The fields of every row, each with the id of its topic."""
        return {
            f"{name}_{row.topic.id}": values
            for row in getattr(version, self.attribute)
            for name, values in fields_of(row).items()
        }

    def labelled(self, version: Any) -> list[tuple[str, str]]:
        """One line for each topic; `staff_label` has a place for its %(topic)s."""
        rows = getattr(version, self.attribute)
        return [(str(self.staff_label) % {"topic": row.topic.name}, in_one_line(row)) for row in rows]

    def check(self, version: Any, *, is_imported: bool) -> None:
        """There are as many as there are topics."""


# --- Declaring ------------------------------------------------------------------------------------------------------


def asked(question: Question, **column: Any) -> MappedColumn[Any]:
    """A column that keeps the answer to a question; `column` goes to `mapped_column`."""
    default = getattr(question, "default", None)
    if default is not None:
        column = {"default": default, **column}
    elif isinstance(question, Tick) and not isinstance(question, Consent):
        column = {"default": False, **column}
    return mapped_column(question.column_type, info={"question": question}, **column)


def asked_of(question: Question, **relation: Any) -> Any:
    """A relationship that keeps the answer to a question; `relation` goes to `relationship`."""
    return relationship(info={"question": question}, **relation)


@cache
def questions_of(model: type[Model]) -> tuple[Question, ...]:
    """The questions declared at the columns and relationships of a model, in the order of declaration."""
    # Not `mapper.attrs`, which wants every model of the site to be there already.
    descriptors: Mapping[str, Any] = dict(sa.inspect(model).all_orm_descriptors.items())
    declared = {key: each.info["question"] for key, each in descriptors.items() if "question" in each.info}
    named = [replace(question, attribute=key, name=question.name or key) for key, question in declared.items()]
    return tuple(sorted(named, key=lambda question: question.order))


# --- Versions -------------------------------------------------------------------------------------------------------


def version_of(model: type[Version], answers: Answers) -> Version:
    """A version with these answers, by the names of their questions; it is not added to the session.

    A question that is left out counts as not answered. Raises TypeError for a name that is no question.
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
    """The names of a model's questions, and what else is kept in a version of it. An import asks a thousand times."""
    constants = {"renderer_version": markup.RENDERER_VERSION} if hasattr(model, "renderer_version") else {}
    return frozenset(question.name for question in questions_of(model)), constants


def check(version: Model, *, is_imported: bool = False) -> None:
    """Raise Refused for the first limit that a version breaks. It need not be in the session."""
    for question in questions_of(type(version)):
        question.check(version, is_imported=is_imported)


def fields_of(version: Model) -> Fields:
    """The form's fields filled from a version: the inverse of what the form reads; for editing, drafts, comparing."""
    fields: Fields = {}
    for question in questions_of(type(version)):
        fields.update(question.fields(version))
    return fields


def labelled(version: Model) -> list[tuple[str, str]]:
    """Everything a version says besides its texts, as (label, words), the groups last. For staff and differences."""
    questions = questions_of(type(version))
    single = [question for question in questions if not isinstance(question, Group)]
    groups = [question for question in questions if isinstance(question, Group)]
    rows = [row for question in (*single, *groups) for row in question.labelled(version)]
    return [(label, words) for label, words in rows if words]


def in_one_line(version: Any) -> str:
    """The answers of an entry on one line: the model's `phrases` first, then what they leave out with its label."""
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
    """The question that a form field of this name answers; None for a name that no form of this model has.

    The id in the name of a question that is asked for each topic is not looked up.
    """
    found = _by_name(model).get(name)
    if found is not None:
        return found
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
    """The name inside an entry of a group: 'effect' for 'treatments-0-effect', or for 'effect_7'."""
    if isinstance(group, ForEachTopic):
        inner, _underscore, number = name.rpartition("_")
        return inner if _is_number(number, digits=18) else None
    own, _dash, rest = name.partition("-")
    number, _dash, inner = rest.partition("-")
    return inner if own == group.name and _is_number(number, digits=2) else None


def _is_number(text: str, digits: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= digits


def groups_of(model: type[Model]) -> Iterator[Group]:
    """The groups of a model whose entries are numbered."""
    for question in questions_of(model):
        if isinstance(question, Group) and not isinstance(question, ForEachTopic):
            yield question


def exposed_answers(version: Model, but: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The answers that everyone may read, as (label, words), but for the questions of these names."""
    questions: Sequence[Question] = [each for each in questions_of(type(version)) if each.is_exposed]
    rows = [row for each in questions if each.name not in set(but) for row in each.labelled(version)]
    return [(label, words) for label, words in rows if words]


def erase(model: type[Model], versions: sa.Select[Any]) -> Iterator[sa.UpdateBase]:
    """The statements that take the answers out of versions, to be executed in order. `versions` selects their ids."""
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
    """Whether the form field of this name is for the name of a topic."""
    question = question_for(model, name)
    return isinstance(question, NamedTopic) and name.rpartition("-")[2] == question.name
