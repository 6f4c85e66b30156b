"""Reading a mapping file: which keys it may have, and how they become the objects of `mapping` and `mapping_rules`.

The classes declare the file as `docs/importing.md` describes it. This module imports msgspec, so the commands import it
only when there is a mapping file to read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from string import Formatter

from msgspec import field

from app.foundation.errors import Refused
from app.foundation.text.text_lines import read_lines
from app.foundation.text.toml_structures import Structure, convert, present_values, with_optional_keys
from app.stories.questions import TREATMENTS_MOST
from app.topics.models import NameKind, TopicKind
from app.topics.vocabulary import Entry, check_name
from app.transfer.mapping import (
    CONSENTS,
    STORY_ANSWERS,
    TREATMENT_ANSWERS,
    DateRule,
    Part,
    StoryMapping,
    TitleRule,
    TreatmentRules,
    check_outcomes,
)
from app.transfer.mapping_file_rules import RuleTable, Texts, WrittenRule, as_list, as_pattern, as_rule
from app.transfer.mapping_rules import Rule

LARGEST_FILE = 1024 * 1024
SOURCE_MAX_LENGTH = 80


class TitleTable(Structure):
    """Templates for the title, and rules for the words in them."""

    template: Texts
    words: dict[str, WrittenRule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _refuse_empty(self, ("template",))
        self.rule()

    def rule(self) -> TitleRule:
        """The rule for the title. Raises ValueError for a template that cannot be used."""
        templates = as_list(self.template)
        if not templates:
            raise ValueError("'template' is missing")
        for template in templates:
            try:
                pieces = list(Formatter().parse(template))
            except ValueError as error:
                raise ValueError(f"template: {error}: {template!r}") from None
            if any(name == "" or spec or conversion for _, name, spec, conversion in pieces):
                raise ValueError(f"template: only names may stand in braces: {template!r}")
        return TitleRule(templates, {name: as_rule(written) for name, written in self.words.items()})


class PartTable(Structure):
    """A column that becomes a part of the text, and its heading."""

    column: str
    heading: str = ""
    pattern: str = ""
    strip: str = ""

    def __post_init__(self) -> None:
        _refuse_empty(self, ("column",))
        self.part()

    def part(self) -> Part:
        """The part of the text. Raises ValueError for a mistake in the pattern."""
        return Part(self.column, self.heading.strip(), as_pattern(self.pattern), self.strip)


class DateTable(Structure):
    """The column with the date, and the formats that its dates have."""

    column: str
    pattern: str = ""
    formats: Texts = ()

    def __post_init__(self) -> None:
        _refuse_empty(self, ("column",))
        self.rule()

    def rule(self) -> DateRule:
        """The rule for the date. Raises ValueError for a mistake in the pattern."""
        return DateRule(RuleTable(column=self.column, pattern=self.pattern).rule(), as_list(self.formats))


class TopicTable(Structure):
    """A topic that is added to the vocabulary before the import."""

    kind: TopicKind
    name: str
    synonyms: Texts = ()
    brands: Texts = ()
    abbreviations: Texts = ()

    def __post_init__(self) -> None:
        for name in (self.name.strip(), *(name for _, name in self._names())):
            try:
                check_name(name)
            except Refused as error:
                raise ValueError(error.message) from None

    def entry(self) -> Entry:
        """The topic as the vocabulary takes it."""
        return Entry(self.name.strip(), self.kind, names=self._names())

    def _names(self) -> tuple[tuple[NameKind, str], ...]:
        return (
            *((NameKind.SYNONYM, name) for name in as_list(self.synonyms)),
            *((NameKind.BRAND, name) for name in as_list(self.brands)),
            *((NameKind.ABBREVIATION, name) for name in as_list(self.abbreviations)),
        )


# The keys of rules for answers are the names of the questions.
@with_optional_keys(TREATMENT_ANSWERS, WrittenRule)
class TreatmentTable(Structure):
    """The rules for one treatment: its topic, and the answers about it."""

    topic: WrittenRule

    def __post_init__(self) -> None:
        _refuse_empty(self, ("topic", *TREATMENT_ANSWERS))

    def rules(self) -> TreatmentRules:
        """The rules for the treatment."""
        return TreatmentRules(as_rule(self.topic), _rules(self, TREATMENT_ANSWERS))


@with_optional_keys(CONSENTS, WrittenRule)
class ConsentTable(Structure):
    """The rules for what the authors agreed to."""

    publish: WrittenRule | None = None

    def __post_init__(self) -> None:
        if self.publish is None:
            raise ValueError("say in 'publish' whether the authors agreed to publication")
        _refuse_empty(self, CONSENTS)


@with_optional_keys(STORY_ANSWERS, WrittenRule)
class MappingTable(Structure):
    """The whole file."""

    source: str
    title: str | TitleTable
    condition: WrittenRule
    treatments: tuple[TreatmentTable, ...]
    consent: ConsentTable
    key: str | None = None
    delimiter: str = ","
    words_required: bool = True
    unescape: bool = False
    body: tuple[str | PartTable, ...] = ()
    advice: tuple[str | PartTable, ...] = ()
    date: str | DateTable | None = None
    topics: tuple[TopicTable, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.source.strip()) <= SOURCE_MAX_LENGTH:
            raise ValueError(f"'source' has 1 to {SOURCE_MAX_LENGTH} characters")
        if self.key is not None and not self.key.strip():
            raise ValueError("'key' is empty: name the column that identifies a row, or leave the line out")
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n\0':
            raise ValueError("'delimiter' is one character")
        if self.words_required and not self.body:
            raise ValueError(
                "'body' is missing: no row would have any words ('words_required = false' lets them stand)"
            )
        if not 1 <= len(self.treatments) <= TREATMENTS_MOST:
            raise ValueError(f"'treatments' has 1 to {TREATMENTS_MOST} entries")
        _refuse_empty(self, ("title", "condition", "date", *STORY_ANSWERS))
        self._title()

    def mapping(self) -> StoryMapping:
        """The mapping that the file describes."""
        return StoryMapping(
            source=self.source.strip(),
            key=self.key or "",
            delimiter=self.delimiter,
            words_required=self.words_required,
            unescape=self.unescape,
            title=self._title(),
            body=tuple(map(_part, self.body)),
            advice=tuple(map(_part, self.advice)),
            condition=as_rule(self.condition),
            treatments=tuple(treatment.rules() for treatment in self.treatments),
            answers=_rules(self, STORY_ANSWERS),
            consents=_rules(self.consent, CONSENTS),
            date=self._date(),
            topics=tuple(topic.entry() for topic in self.topics),
        )

    def _title(self) -> TitleRule:
        if isinstance(self.title, TitleTable):
            return self.title.rule()
        try:
            return TitleTable(template=self.title).rule()
        except ValueError as error:
            raise ValueError(f"title: {error}") from None

    def _date(self) -> DateRule | None:
        if self.date is None:
            return None
        return (self.date if isinstance(self.date, DateTable) else DateTable(column=self.date)).rule()


def load(path: Path) -> StoryMapping:
    """The mapping in a file. Raises Refused, in one line, if the file cannot be read or has a mistake in it."""
    text = "".join(read_lines(path, max_bytes=LARGEST_FILE, max_length=LARGEST_FILE)).replace("\r\n", "\n")
    try:
        raw = tomllib.loads(text)
        _refuse_misplaced(raw, raw)
        mapping = convert(raw, MappingTable).mapping()
        check_outcomes(mapping)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Refused(f"{path}: not TOML: {error}") from None
    except Refused as error:
        raise Refused(f"{path}: {error.message}{_advice(error.message)}") from None
    return mapping


# Keys of the top with a single value, and tables of a rule in which any key may stand.
_TOP_KEYS = ("source", "key", "delimiter", "unescape", "words_required")
_FREE_TABLES = ("values", "contains", "units", "words")
_BELONGS_ABOVE = "belongs at the top of the file, above the first [table]: below it, it is a part of that table"


def _refuse_misplaced(top: dict[str, object], written: object) -> None:
    """Raise Refused for a key that ended up in a table where it would be taken for a value or a word."""
    for name, value in written.items() if isinstance(written, dict) else ():
        if name in _FREE_TABLES and isinstance(value, dict):
            for key in (each for each in _TOP_KEYS if each in value and each not in top):
                raise Refused(f"{name}: {key!r} {_BELONGS_ABOVE}")
        for each in value if isinstance(value, list) else [value]:
            _refuse_misplaced(top, each)


def _advice(message: str) -> str:
    """Where a key belongs that is known at the top of the file, but not where it stands."""
    unknown = re.search(r": unknown key '(\w+)'", message)
    return f"; {unknown[1]!r} {_BELONGS_ABOVE}" if unknown and unknown[1] in MappingTable.__struct_fields__ else ""


def _refuse_empty(table: Structure, names: Iterable[str]) -> None:
    """Raise ValueError for the first of these keys that has an empty text."""
    for name in names:
        if getattr(table, name) == "":
            raise ValueError(f"{name!r} is empty")


def _rules(table: Structure, names: Iterable[str]) -> dict[str, Rule]:
    return {name: as_rule(written) for name, written in present_values(table, names).items()}


def _part(written: str | PartTable) -> Part:
    return Part(written) if isinstance(written, str) else written.part()
