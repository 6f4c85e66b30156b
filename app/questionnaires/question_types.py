"""The types of questions: how an answer is stored, read back, shown, checked and erased.

`declaration` explains the terms and has what all types have in common.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from app.foundation import clock
from app.foundation.database import Model, UTCDateTime, enum_column
from app.foundation.errors import Refused
from app.foundation.text import markup
from app.foundation.text.rendered_text import RenderedText
from app.foundation.text.strings import has_words
from app.questionnaires.declaration import Answer, ColumnType, Fields, Question, Values
from app.topics import vocabulary
from app.topics.models import Topic, TopicKind

YES = _("yes")
NO = _("no")


@dataclass(frozen=True, kw_only=True)
class OneLine(Question[str]):
    """A short text on one line. The column may be longer than `most`, the limit in characters."""

    most: int
    column_length: int
    # The form's error if it is too long.
    too_long: str = ""
    is_typed: ClassVar[bool] = True

    @property
    def column_type(self) -> ColumnType:
        """Text of limited length."""
        return sa.String(self.column_length)

    def kept(self, answer: str | None) -> Values:
        """The text; empty if not answered."""
        return {self.attribute: answer or ""}

    def check(self, version: Model, *, is_imported: bool) -> None:
        """Raise Refused if the text is too long, or has no words although it is required."""
        text = getattr(version, self.attribute)
        # `missing` comes last here and in `Consent`: to ask whether a lazy message is empty is to translate it.
        if len(text) > self.most or (not has_words(text) and self.missing):
            raise Refused(str(self.refused) % {"most": self.most}, self.name)


@dataclass(frozen=True, kw_only=True)
class Prose(Question[RenderedText]):
    """A text in Markdown: its source in one column, its HTML in the column `html`. The answer is a `RenderedText`.

    Not available in the model of a group: nothing renders the texts of its entries.
    """

    html: str
    most: int
    least: int = 0
    # The form's errors, with %(least)s, %(most)s and %(length)s for numbers of characters.
    too_short: str = ""
    too_long: str = ""
    # The message of `check` for a text without words.
    wordless: str = ""
    is_typed: ClassVar[bool] = True

    @property
    def column_type(self) -> ColumnType:
        """Text of unlimited length; `check` applies the limit."""
        return sa.Text()

    def kept(self, answer: RenderedText | None) -> Values:
        """The source and its HTML; both empty if not answered."""
        text = answer or RenderedText.EMPTY
        return {self.attribute: text.source, self.html: text.html}

    def labelled(self, version: Model) -> list[tuple[str, str]]:
        """Always empty: texts are compared by paragraph, apart from the other answers."""
        return []

    def erased(self) -> Values:
        """An empty source and empty HTML."""
        return {self.attribute: "", self.html: ""}

    def check(self, version: Model, *, is_imported: bool) -> None:
        """Raise Refused if the text is too long or too short, or has no words although it is required."""
        length = len(getattr(version, self.attribute))
        least = 0 if is_imported else self.least
        if not least <= length <= self.most:
            limits = {"least": least, "most": f"{self.most:,}", "length": f"{length:,}"}
            raise Refused(str(self.refused) % limits, self.name)
        if least and not has_words(markup.plain(getattr(version, self.html))):
            raise Refused(str(self.wordless), self.name)


@dataclass(frozen=True, kw_only=True)
class OneOf(Question[Answer]):
    """A choice of one answer; it may be left open. A form begins with the `preset`, and has no empty choice then.

    It is asked with radio buttons, which are drawn as large buttons.
    """

    answers: type[Answer]
    preset: Answer | None = None
    # The label of the empty choice, which takes an answer back, and the answers that the form does not offer.
    blank: str = _("No answer")
    without: tuple[Answer, ...] = ()
    # In a group: the name of a question that, if answered, makes this one required. `missing` is the error.
    needed_with: str = ""

    @property
    def column_type(self) -> ColumnType:
        """The codes of the enumeration, with a CHECK constraint."""
        return enum_column(self.answers)

    def words(self, version: Model) -> str:
        """The words of the member; empty if not answered."""
        answer = getattr(version, self.attribute)
        return str(answer.words) if answer else ""

    def erased(self) -> Values:
        """None: not answered."""
        return {self.attribute: None}


@dataclass(frozen=True, kw_only=True)
class SeveralOf(Question[Iterable[Answer]]):
    """A choice of any number of answers, each stored as a row of `model` in its attribute `column`."""

    answers: type[Answer]
    model: type[Model]
    column: str

    def kept(self, answer: Iterable[Answer] | None) -> Values:
        """A row for each answer, sorted by code. Without any, nothing: an empty list is what a new version has."""
        rows = [self.model(**{self.column: each}) for each in sorted(answer or ())]
        # Setting an empty list takes SQLAlchemy several times as long as reading one that was never set.
        return {self.attribute: rows} if rows else {}

    def _given(self, version: Model) -> list[Answer]:
        return [getattr(row, self.column) for row in getattr(version, self.attribute)]

    def fields(self, version: Model) -> Fields:
        """The codes of the answers."""
        return {self.name: [answer.value for answer in self._given(version)]}

    def words(self, version: Model) -> str:
        """The words of the answers, separated by commas."""
        return ", ".join(str(answer.words) for answer in self._given(version))

    def erased(self) -> Values:
        """Nothing: the rows are deleted together with the row to which they belong."""
        return {}


@dataclass(frozen=True, kw_only=True)
class Tick(Question[bool]):
    """A checkbox: ticked, or not."""

    @property
    def column_type(self) -> ColumnType:
        """A boolean."""
        return sa.Boolean()

    def kept(self, answer: bool | None) -> Values:
        """True if it was ticked, else False."""
        return {self.attribute: bool(answer)}

    def fields(self, version: Model) -> Fields:
        """The value 'y' if it is ticked; otherwise nothing, since browsers do not send an unticked box."""
        return {self.name: ["y"]} if getattr(version, self.attribute) else {}

    def words(self, version: Model) -> str:
        """'yes' or 'no'."""
        return str(YES if getattr(version, self.attribute) else NO)

    def erased(self) -> Values:
        """Not ticked."""
        return {self.attribute: False}


@dataclass(frozen=True, kw_only=True)
class Consent(Tick):
    """A checkbox stored as the time at which consent was given. Erasing a contribution keeps that time."""

    @property
    def column_type(self) -> ColumnType:
        """A timestamp in UTC."""
        return UTCDateTime()

    def kept(self, answer: bool | None) -> Values:
        """The present time if it was ticked, else None."""
        return {self.attribute: clock.now() if answer else None}

    def erased(self) -> Values:
        """Nothing: the time of consent is kept as a record, and is not the author's text."""
        return {}

    def check(self, version: Model, *, is_imported: bool) -> None:
        """Raise Refused if consent is required and was not given."""
        if not getattr(version, self.attribute) and self.missing:
            raise Refused(str(self.refused), self.name)


@dataclass(frozen=True, kw_only=True)
class NamedTopic(Question[Topic]):
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

    def fields(self, version: Model) -> Fields:
        """The name of the topic, and the ticked checkbox if the topic is not in the vocabulary."""
        fields = {self.name: [self.words(version)]}
        if self.unlisted and not getattr(version, self.attribute).is_listed:
            fields[self.unlisted] = ["y"]
        return fields

    def words(self, version: Model) -> str:
        """The name of the topic; if it is not in the vocabulary, as the author wrote it."""
        return str(getattr(version, self.shown_name) if self.shown_name else getattr(version, self.attribute).name)

    def erased(self) -> Values:
        """The stand-in topic: the column cannot be null."""
        return {f"{self.attribute}_id": vocabulary.stand_in(self.about).id}
