"""How a rule is written in a mapping file: as yes or no, as the name of a column, or as a table of steps.

`mapping_rules` has the rules that are made of them; `mapping_file` declares the rest of the file.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Literal

import regex
from msgspec import field

from app.foundation.errors import Refused
from app.foundation.text.toml_structures import Structure
from app.transfer.mapping_rules import Band, Rule

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
            split=_any_of(as_list(self.split)),
            values={_folded(text): _as_cell(answer) for text, answer in self.values.items()},
            contains=words,
            words=_any_of(words),
            bands=tuple(band.band() for band in self.bands),
            units=self._units(pattern),
            otherwise=None if self.otherwise is None else _as_cell(self.otherwise),
            empty=_as_cell(self.empty),
            case=self.case or "",
            capitals={word.casefold(): word for word in as_list(self.capitals)},
        )

    def _pattern(self) -> regex.Pattern[str] | None:
        return as_pattern(self.pattern)

    def _words(self) -> dict[str, str]:
        """The words to look for, and the answer that each of them means."""
        answers: dict[str, str] = {}
        for answer, words in self.contains.items():
            for word in map(_folded, as_list(words)):
                if not word or answers.setdefault(word, answer) != answer:
                    raise ValueError(f"contains: {word!r} stands for nothing, or for two things")
        return answers

    def _units(self, pattern: regex.Pattern[str] | None) -> dict[str, float]:
        if self.units and (pattern is None or not {"number", "unit"} <= set(pattern.groupindex) or not self.bands):
            raise ValueError("'units' need 'bands' and a 'pattern' with (?P<number>...) and (?P<unit>...)")
        return {unit.casefold(): size for unit, size in self.units.items()}


# A rule as it may be written: yes or no, the name of a column, a table of steps, or several tables, of which the next
# decides where one has no answer.
WrittenRule = bool | str | RuleTable | tuple[RuleTable, ...]


def as_rule(written: WrittenRule) -> Rule:
    """The rule for a value as it stands in the file. Raises Refused for an empty list."""
    if isinstance(written, RuleTable):
        return written.rule()
    if isinstance(written, tuple):
        if not written:
            raise Refused("a list of rules is empty")
        first, *others = written
        return replace(first.rule(), following=as_rule(tuple(others)) if others else None)
    return Rule(constant=_as_cell(written)) if isinstance(written, bool) else Rule(column=written)


def as_list(texts: Texts) -> tuple[str, ...]:
    """The texts as a tuple. Raises ValueError for an empty one."""
    several = (texts,) if isinstance(texts, str) else texts
    if "" in several:
        raise ValueError("a text in a list is empty")
    return several


def as_pattern(text: str) -> regex.Pattern[str] | None:
    """A regular expression, in any case; None for ''. Raises ValueError for a mistake in it."""
    try:
        return regex.compile(text, regex.IGNORECASE) if text else None
    except regex.error as error:
        raise ValueError(f"'pattern' is no regular expression: {error}") from None


def _as_cell(value: Cell) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip()


def _any_of(words: Collection[str]) -> re.Pattern[str] | None:
    """A pattern that finds any of these words, and the longest where several begin at the same place."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if words else None


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
