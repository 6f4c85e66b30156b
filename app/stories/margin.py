"""The margin of the form: what in a story might tell who somebody is, and where help is. The person decides."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.screening import crisis, identifying
from app.screening.marks import Mark
from app.stories import limits
from app.topics import vocabulary
from app.topics.models import TopicKind

# The fields that are read, with what may be read of each.
READ = {"title": limits.TITLE_LONGEST, "body": limits.BODY_LONGEST, "advice": limits.ADVICE_LONGEST}
MOST = 50


@dataclass(frozen=True)
class Remark:
    """A mark in one field. `key` names it in the form: the field, how many like it stand before, the words."""

    field: str
    mark: Mark
    key: str


@dataclass(frozen=True)
class Margin:
    """What stands beside a story while it is written."""

    remarks: Sequence[Remark] = ()
    needs_help: bool = False

    @property
    def in_story(self) -> list[Remark]:
        """The remarks on the title and on the story."""
        return [remark for remark in self.remarks if remark.field != "advice"]

    @property
    def in_advice(self) -> list[Remark]:
        """The remarks on the advice."""
        return [remark for remark in self.remarks if remark.field == "advice"]

    @property
    def digest(self) -> str:
        """What changes when something is in the margin that was not: sent with the form, it says what was seen."""
        if not self.remarks and not self.needs_help:
            return ""
        words = "\n".join([str(self.needs_help), *(remark.key for remark in self.remarks)])
        return hashlib.sha256(words.encode()).hexdigest()[:16]


def of(fields: Mapping[str, Sequence[str]]) -> Margin:
    """The margin of a form as it stands, its fields cleaned."""
    texts = {field: _text(fields, field) for field in READ}
    if not any(texts.values()):
        return Margin()
    known = {word for name in vocabulary.names_of(TopicKind.TREATMENT) for word in name.lower().split()}
    remarks = [remark for field, text in texts.items() for remark in _remarks(field, text, known)]
    return Margin(remarks[:MOST], any(crisis.marks(text) for text in texts.values()))


def replaced(fields: Mapping[str, Sequence[str]], key: str) -> dict[str, list[str]]:
    """The fields with one marked passage replaced by its neutral wording; as they are if it is not there any more."""
    kept = {name: list(values) for name, values in fields.items()}
    remark = next((each for each in of(fields).remarks if each.key == key), None)
    if remark is not None and remark.mark.replacement:
        text, mark = _text(fields, remark.field), remark.mark
        kept[remark.field] = [text[: mark.start] + mark.replacement + text[mark.end :]]
    return kept


def _text(fields: Mapping[str, Sequence[str]], field: str) -> str:
    return "".join(fields.get(field, ())[:1])[: READ[field]]


def _remarks(field: str, text: str, known: set[str]) -> list[Remark]:
    marks = identifying.marks(text, known)
    before = [sum(other.text == mark.text for other in marks[:at]) for at, mark in enumerate(marks)]
    return [Remark(field, mark, f"{field}:{count}:{mark.text}") for mark, count in zip(marks, before, strict=True)]
