"""The types of questions: how an answer is stored, read back, shown, checked and erased.

Three terms used below. An *answer* is a Python value: text, an `Answer`, a bool, a `Topic`, or a list of mappings for a
group. A *version* is a row that stores answers. *Fields* are form data: lists of strings by the names in the HTML.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

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
