"""The margin of the form: what in a story might tell who somebody is, and where help is. The person decides."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.screening import crisis, personal_details
from app.screening.marks import Mark
from app.stories import limits
from app.topics import vocabulary
from app.topics.models import TopicKind

# The fields that are read, with what may be read of each.
SCREENED_FIELDS = {"title": limits.TITLE_LONGEST, "body": limits.BODY_LONGEST, "advice": limits.ADVICE_LONGEST}
MAX_HINTS = 50


@dataclass(frozen=True)
class Hint:
    """A mark in one field. `key` names it in the form: the field, how many like it stand before, the words."""

    field: str
    mark: Mark
    key: str


@dataclass(frozen=True)
class PrivacyHints:
    """What stands beside a story while it is written."""

    remarks: Sequence[Hint] = ()
    needs_help: bool = False

    @property
    def in_story(self) -> list[Hint]:
        """The remarks on the title and on the story."""
        return [remark for remark in self.remarks if remark.field != "advice"]

    @property
    def in_advice(self) -> list[Hint]:
        """The remarks on the advice."""
        return [remark for remark in self.remarks if remark.field == "advice"]

    @property
    def digest(self) -> str:
        """What changes when something is in the margin that was not: sent with the form, it says what was seen."""
        if not self.remarks and not self.needs_help:
            return ""
        words = "\n".join([str(self.needs_help), *(remark.key for remark in self.remarks)])
        return hashlib.sha256(words.encode()).hexdigest()[:16]


def hints_for(fields: Mapping[str, Sequence[str]]) -> PrivacyHints:
    """The margin of a form as it stands, its fields cleaned."""
    texts = {field: _text(fields, field) for field in SCREENED_FIELDS}
    if not any(texts.values()):
        return PrivacyHints()
    known = {word for name in vocabulary.names_of(TopicKind.TREATMENT) for word in name.lower().split()}
    remarks = [remark for field, text in texts.items() for remark in _remarks(field, text, known)]
    return PrivacyHints(remarks[:MAX_HINTS], any(crisis.marks(text) for text in texts.values()))


def replaced(fields: Mapping[str, Sequence[str]], key: str) -> dict[str, list[str]]:
    """The fields with one marked passage replaced by its neutral wording; as they are if it is not there any more."""
    kept = {name: list(values) for name, values in fields.items()}
    remark = next((each for each in hints_for(fields).remarks if each.key == key), None)
    if remark is not None and remark.mark.replacement:
        text, mark = _text(fields, remark.field), remark.mark
        kept[remark.field] = [text[: mark.start] + mark.replacement + text[mark.end :]]
    return kept


def _text(fields: Mapping[str, Sequence[str]], field: str) -> str:
    return "".join(fields.get(field, ())[:1])[: SCREENED_FIELDS[field]]


def _remarks(field: str, text: str, known: set[str]) -> list[Hint]:
    marks = personal_details.marks(text, known)
    before = [sum(other.text == mark.text for other in marks[:at]) for at, mark in enumerate(marks)]
    return [Hint(field, mark, f"{field}:{count}:{mark.text}") for mark, count in zip(marks, before, strict=True)]
