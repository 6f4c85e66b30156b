"""What the declaration of a question says, whatever type of question it is. `question_types` has the types.

Three terms used in this package. An *answer* is a Python value: text, an `Answer`, a bool, a `Topic`, or a list of
mappings for a group. A *version* is a row that stores answers. *Fields* are form data: lists of strings by the names in
the HTML.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Self, TypeVar

import sqlalchemy as sa

from app.foundation.database import Model

Answers = Mapping[str, Any]
"""Answers by the names of their questions."""

Values = dict[str, object]
"""The values of attributes or columns of a version, by their names."""

Fields = dict[str, list[str]]

ColumnType = sa.types.TypeEngine[Any]
"""The type of a column, whatever it stores: which, is known to the class of each type of question."""

Value = TypeVar("Value")

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
class Question(Generic[Value]):
    """Base class of all types of questions. Subclasses define how an answer is stored, read, shown and erased.

    `Value` is the class of an answer as it is read from the form: text, an `Answer`, a bool, a `Topic`, ...
    """

    label: str
    # The name of the form field; by default that of the mapped attribute.
    name: str = ""
    attribute: str = ""
    hint: str = ""
    # The part of the form that shows the question: the id of a section, or in an entry of a group the name of a part.
    # Without one, a question of an entry is among those that are folded up.
    step: str = ""
    # The form's error if it is not answered; empty if it need not be.
    missing: str = ""
    # The message of `check` if a limit is broken, for callers that do not use the form. Limits are %(least)s, %(most)s.
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
    def column_type(self) -> ColumnType:
        """The SQLAlchemy type of the column of the answer. For questions declared with `question_column` only."""
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

    def kept(self, answer: Value | None) -> Values:
        """The attributes of a version that store this answer, by name. None means not answered."""
        return {self.attribute: answer}

    def fields(self, version: Model) -> Fields:
        """The form fields that give the answer of a version: the inverse of reading the form."""
        return {self.name: [str(getattr(version, self.attribute) or "")]}

    def words(self, version: Model) -> str:
        """The answer of a version in words; empty if there is none."""
        return str(getattr(version, self.attribute) or "")

    def labelled(self, version: Model) -> list[tuple[str, str]]:
        """The answer of a version as a list of (label, words), for staff pages."""
        return [(str(self.staff_label or self.label), self.words(version))]

    def erased(self) -> Values:
        """The column values, by name, that replace the answer when a contribution is erased."""
        return {self.attribute: ""}

    def check(self, version: Model, *, is_imported: bool) -> None:
        """Raise Refused if a version breaks a limit. Imports are exempt from the minimum length of texts."""


AnyQuestion = Question[Any]
"""A question whose type does not matter."""
