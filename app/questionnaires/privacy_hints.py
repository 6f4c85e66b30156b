"""Privacy hints: passages in the texts of a form that might identify somebody, and whether to show help lines.

They are shown beside the form; the author decides what to do about them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.foundation.database import Model
from app.questionnaires.question_types import OneLine, Prose
from app.questionnaires.questions import questions_of
from app.screening import crisis, personal_details
from app.screening.marks import Mark
from app.topics import vocabulary
from app.topics.models import TopicKind

MAX_HINTS = 50


@dataclass(frozen=True)
class Hint:
    """A marked passage in a field. `key` identifies it: the field, the number of equal passages before it, its text."""

    field: str
    mark: Mark
    key: str


@dataclass(frozen=True)
class PrivacyHints:
    """The hints for a form; `needs_help` is True if a text suggests that somebody is in danger."""

    remarks: Sequence[Hint] = ()
    needs_help: bool = False

    @property
    def in_story(self) -> list[Hint]:
        """The hints for all texts but the advice."""
        return [remark for remark in self.remarks if remark.field != "advice"]

    @property
    def in_advice(self) -> list[Hint]:
        """The hints for the advice."""
        return [remark for remark in self.remarks if remark.field == "advice"]

    @property
    def digest(self) -> str:
        """A short hash of the hints, sent back with the form to show which hints its author has seen. Empty: none."""
        if not self.remarks and not self.needs_help:
            return ""
        words = "\n".join([str(self.needs_help), *(remark.key for remark in self.remarks)])
        return hashlib.sha256(words.encode()).hexdigest()[:16]


def screened_fields(model: type[Model]) -> dict[str, int]:
    """The form fields that are searched for hints, with how many characters of each are searched."""
    questions = [each for each in questions_of(model) if each.is_screened and isinstance(each, OneLine | Prose)]
    return {question.name: question.most for question in questions}


def hints_for(model: type[Model], fields: Mapping[str, Sequence[str]]) -> PrivacyHints:
    """The hints for the cleaned fields of a form of this model. At most MAX_HINTS."""
    texts = {field: _text(fields, field, most) for field, most in screened_fields(model).items()}
    if not any(texts.values()):
        return PrivacyHints()
    known = {word for name in vocabulary.preferred_names(TopicKind.TREATMENT) for word in name.lower().split()}
    remarks = [remark for field, text in texts.items() for remark in _remarks(field, text, known)]
    return PrivacyHints(remarks[:MAX_HINTS], any(crisis.marks(text) for text in texts.values()))


def replaced(model: type[Model], fields: Mapping[str, Sequence[str]], key: str) -> dict[str, list[str]]:
    """The fields with the passage of the hint `key` replaced by its neutral wording; unchanged if it is not found."""
    kept = {name: list(values) for name, values in fields.items()}
    remark = next((each for each in hints_for(model, fields).remarks if each.key == key), None)
    if remark is not None and remark.mark.replacement:
        text, mark = _text(fields, remark.field, screened_fields(model)[remark.field]), remark.mark
        kept[remark.field] = [text[: mark.start] + mark.replacement + text[mark.end :]]
    return kept


def _text(fields: Mapping[str, Sequence[str]], field: str, most: int) -> str:
    return "".join(fields.get(field, ())[:1])[:most]


def _remarks(field: str, text: str, known: set[str]) -> list[Hint]:
    marks = personal_details.marks(text, known)
    before = [sum(other.text == mark.text for other in marks[:at]) for at, mark in enumerate(marks)]
    return [Hint(field, mark, f"{field}:{count}:{mark.text}") for mark, count in zip(marks, before, strict=True)]
