"""Reading a mapping file: which keys it may have, and how they become the objects of `mapping` and `mapping_rules`.

The classes declare the file as `docs/importing.md` describes it. This module imports msgspec, so the commands import it
only when there is a mapping file to read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable
from pathlib import Path
from string import Formatter
from typing import Literal

from msgspec import field

from app.foundation.errors import Refused
from app.foundation.text.text_lines import read_lines
from app.foundation.text.toml_structures import Structure, convert, present_values, with_optional_keys
from app.stories.questions import TREATMENTS_MOST
from app.topics.models import NameKind, TopicKind
from app.topics.vocabulary import NAME_MAX_LENGTH, Entry
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
from app.transfer.mapping_rules import Band, Rule

LARGEST_FILE = 1024 * 1024
SOURCE_LONGEST = 80

# A value as it would stand in a cell of the table.
Cell = bool | int | float | str
# One text, or several.
Texts = str | tuple[str, ...]


class BandTable(Structure):
    """A range of numbers and the answer for it."""

    value: Cell
    below: float | None = None
    up_to: float | None = None

    def __post_init__(self) -> None:
        if self.below is not None and self.up_to is not None:
            raise ValueError("a band has one bound, 'below' or 'up_to'; the last may have none")

    def band(self) -> Band:
        """The band of the rule."""
        return Band(_as_cell(self.value), self.below, self.up_to)


class RuleTable(Structure):
    """A rule that is written as a table of steps."""

    column: str = ""
    constant: Cell | None = None
    pattern: str = ""
    split: Texts = ()
    values: dict[str, Cell] = field(default_factory=dict)
    contains: dict[str, Texts] = field(default_factory=dict)
    bands: tuple[BandTable, ...] = ()
    units: dict[str, float] = field(default_factory=dict)
    otherwise: Cell | None = None
    empty: Cell = ""
    case: Literal["lower", "upper", "title", "sentence"] | None = None
    capitals: Texts = ()

    def __post_init__(self) -> None:
        if bool(self.column) == (self.constant is not None):
            raise ValueError("needs either 'column' or 'constant'")
        # Mistakes in patterns, words and units are found by making the rule, while its place in the file is known.
        self.rule()

    def rule(self) -> Rule:
        """The rule with its patterns compiled. Raises ValueError for a mistake in them."""
        pattern = self._pattern()
        words = self._words()
        return Rule(
            column=self.column,
            constant=None if self.constant is None else _as_cell(self.constant),
            pattern=pattern,
            split=_any_of(_as_list(self.split)),
            values={_folded(text): _as_cell(answer) for text, answer in self.values.items()},
            contains=words,
            words=_any_of(words),
            bands=tuple(band.band() for band in self.bands),
            units=self._units(pattern),
            otherwise=None if self.otherwise is None else _as_cell(self.otherwise),
            empty=_as_cell(self.empty),
            case=self.case or "",
            capitals={word.casefold(): word for word in _as_list(self.capitals)},
        )

    def _pattern(self) -> re.Pattern[str] | None:
        try:
            return re.compile(self.pattern, re.IGNORECASE) if self.pattern else None
        except re.error as error:
            raise ValueError(f"'pattern' is no regular expression: {error}") from None

    def _words(self) -> dict[str, str]:
        """The words to look for, and the answer that each of them means."""
        answers: dict[str, str] = {}
        for answer, words in self.contains.items():
            for word in map(_folded, _as_list(words)):
                if not word or answers.setdefault(word, answer) != answer:
                    raise ValueError(f"contains: {word!r} stands for nothing, or for two things")
        return answers

    def _units(self, pattern: re.Pattern[str] | None) -> dict[str, float]:
        if self.units and (pattern is None or not {"number", "unit"} <= set(pattern.groupindex) or not self.bands):
            raise ValueError("'units' need 'bands' and a 'pattern' with (?P<number>...) and (?P<unit>...)")
        return {unit.casefold(): size for unit, size in self.units.items()}


# A rule as it may be written: yes or no, the name of a column, or a table of steps.
WrittenRule = bool | str | RuleTable


class TitleTable(Structure):
    """Templates for the title, and rules for the words in them."""

    template: Texts
    words: dict[str, WrittenRule] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _refuse_empty(self, ("template",))
        self.rule()

    def rule(self) -> TitleRule:
        """The rule for the title. Raises ValueError for a template that cannot be used."""
        templates = _as_list(self.template)
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

    def __post_init__(self) -> None:
        _refuse_empty(self, ("column",))


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
        return DateRule(RuleTable(column=self.column, pattern=self.pattern).rule(), _as_list(self.formats))


class TopicTable(Structure):
    """A topic that is added to the vocabulary before the import."""

    kind: TopicKind
    name: str
    synonyms: Texts = ()
    brands: Texts = ()
    abbreviations: Texts = ()

    def __post_init__(self) -> None:
        for name in (self.name.strip(), *(name for _, name in self._names())):
            if not any(char.isalnum() for char in name) or len(name) > NAME_MAX_LENGTH:
                raise ValueError(f"a name has 1 to {NAME_MAX_LENGTH} characters: {name[:40]!r}")

    def entry(self) -> Entry:
        """The topic as the vocabulary takes it."""
        return Entry(self.name.strip(), self.kind, names=self._names())

    def _names(self) -> tuple[tuple[NameKind, str], ...]:
        return (
            *((NameKind.SYNONYM, name) for name in _as_list(self.synonyms)),
            *((NameKind.BRAND, name) for name in _as_list(self.brands)),
            *((NameKind.ABBREVIATION, name) for name in _as_list(self.abbreviations)),
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
    key: str = ""
    delimiter: str = ","
    words_required: bool = True
    body: tuple[str | PartTable, ...] = ()
    advice: tuple[str | PartTable, ...] = ()
    date: str | DateTable | None = None
    topics: tuple[TopicTable, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.source.strip()) <= SOURCE_LONGEST:
            raise ValueError(f"'source' has 1 to {SOURCE_LONGEST} characters")
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
            key=self.key,
            delimiter=self.delimiter,
            words_required=self.words_required,
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
        mapping = convert(tomllib.loads(text), MappingTable).mapping()
        check_outcomes(mapping)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Refused(f"{path}: not TOML: {error}") from None
    except Refused as error:
        raise Refused(f"{path}: {error.message}") from None
    return mapping


def _refuse_empty(table: Structure, names: Iterable[str]) -> None:
    """Raise ValueError for the first of these keys that has an empty text."""
    for name in names:
        if getattr(table, name) == "":
            raise ValueError(f"{name!r} is empty")


def as_rule(written: WrittenRule) -> Rule:
    """The rule that is meant, however it is written."""
    if isinstance(written, RuleTable):
        return written.rule()
    return Rule(constant=_as_cell(written)) if isinstance(written, bool) else Rule(column=written)


def _rules(table: Structure, names: Iterable[str]) -> dict[str, Rule]:
    return {name: as_rule(written) for name, written in present_values(table, names).items()}


def _part(written: str | PartTable) -> Part:
    return Part(written) if isinstance(written, str) else Part(written.column, written.heading.strip())


def _as_cell(value: Cell) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip()


def _as_list(texts: Texts) -> tuple[str, ...]:
    """The texts as a tuple. Raises ValueError for an empty one."""
    several = (texts,) if isinstance(texts, str) else texts
    if "" in several:
        raise ValueError("a text in a list is empty")
    return several


def _any_of(words: Collection[str]) -> re.Pattern[str] | None:
    """A pattern that finds any of these words, and the longest where several begin at the same place."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if words else None


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
