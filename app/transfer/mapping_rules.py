"""Rules of a mapping: how the answer to one question is found in a row.

A rule takes the text of a column and applies the steps it has, always in this order: `pattern` extracts a piece,
`split` divides it into parts, and the first part that is in one of the tables gives the answer (`values` by the whole
text, `contains` by a word in it, `bands` by number). If no part is in a table, the answer is `otherwise`; without
`otherwise` the rule that follows decides, and without one the row is bad.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import regex

from app.transfer.csv_tables import BadRow

# In seconds. A pattern written by hand can take years on an unlucky text, such as '(a+)+$' on many 'a's.
PATTERN_TIMEOUT = 1.0
# '25-34', '25 to 34'; and '75+', '75 or over', which is 75.
_RANGE = re.compile(r"(\d+(?:\.\d+)?) ?(?:-|–|to) ?(\d+(?:\.\d+)?)")
_OR_MORE = re.compile(r"(\d+(?:\.\d+)?) ?(?:\+|or (?:over|older|more|above)|and (?:over|older|above))")


def extract(pattern: regex.Pattern[str], text: str, column: str) -> str | None:
    """The first group of a pattern in a text, or the whole match; None without one. Raises BadRow after a second."""
    match = _search(pattern, text, column)
    return None if match is None else (match.group(1 if pattern.groups else 0) or "").strip()


def _search(pattern: regex.Pattern[str], text: str, column: str) -> regex.Match[str] | None:
    try:
        return pattern.search(text, timeout=PATTERN_TIMEOUT)
    except TimeoutError:
        raise BadRow(f"{column}: the pattern takes longer than a second on {text[:40]!r}") from None


@dataclass(frozen=True)
class Band:
    """A range of numbers and the answer for it: below a bound, or up to it, or without a bound all other numbers."""

    value: str
    below: float | None = None
    up_to: float | None = None

    def holds(self, number: float) -> bool:
        """Whether a number that is in none of the earlier bands is in this one."""
        return (self.below is None or number < self.below) and (self.up_to is None or number <= self.up_to)


@dataclass(frozen=True)
class Rule:
    """How to find the answer to a question in a row. An empty answer means that the question was not answered."""

    column: str = ""
    constant: str | None = None
    pattern: regex.Pattern[str] | None = None
    split: re.Pattern[str] | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    # The words to look for with the answer for each, and a pattern that finds any of them.
    contains: Mapping[str, str] = field(default_factory=dict)
    words: re.Pattern[str] | None = None
    bands: tuple[Band, ...] = ()
    units: Mapping[str, float] = field(default_factory=dict)
    otherwise: str | None = None
    empty: str = ""
    case: str = ""
    capitals: Mapping[str, str] = field(default_factory=dict)
    # The rule that decides where this one has no answer.
    following: Rule | None = None

    def chain(self) -> Iterator[Rule]:
        """This rule and all that follow it."""
        rule: Rule | None = self
        while rule is not None:
            yield rule
            rule = rule.following

    @property
    def outcomes(self) -> list[str]:
        """Every answer that is written in the rule, so that it can be checked before the first row is read."""
        given = [*self.values.values(), *self.contains.values(), *(band.value for band in self.bands), self.empty]
        own = [answer for answer in [*given, self.constant, self.otherwise] if answer]
        return [*own, *(self.following.outcomes if self.following else ())]

    def answer(self, cells: Mapping[str, str]) -> str:
        """The answer in this row, by column name. Raises BadRow for a text that the rule has no answer for."""
        if self.constant is not None:
            return self.constant
        text = self._text(cells)
        if not text:
            return self.following.answer(cells) if self.following and not self.empty else self.empty
        for part in self._parts(text):
            answer = self._answer_for(part)
            if answer is not None:
                return answer
        if self.following and self.otherwise is None:
            return self.following.answer(cells)
        return self._otherwise(text)

    def answers(self, cells: Mapping[str, str]) -> list[str]:
        """All answers in this row, for a question with several. Raises BadRow for a part without an answer."""
        if self.constant is not None:
            return [self.constant]
        text = self._text(cells)
        if not text and self.following and not self.empty:
            return self.following.answers(cells)
        if not text:
            return [self.empty] if self.empty else []
        found = [self._answer_for(part) for part in self._parts(text)] or [None]
        if self.following and self.otherwise is None and None in found:
            return self.following.answers(cells)
        answers = [self._otherwise(text) if answer is None else answer for answer in found]
        return list(dict.fromkeys(filter(None, answers)))

    def _text(self, cells: Mapping[str, str]) -> str:
        return " ".join(cells[self.column].split())

    def _parts(self, text: str) -> list[str]:
        if self.pattern is not None and not self.units:
            found = extract(self.pattern, text, self.column)
            if found is None:
                return []
            text = found
        parts = self.split.split(text) if self.split else [text]
        return [part.strip() for part in parts if part.strip()]

    def _answer_for(self, part: str) -> str | None:
        """The answer for a part of the text; None if it is in no table."""
        folded = part.casefold()
        if folded in self.values:
            return self.values[folded]
        # The first word in the text decides; of words that begin at the same place the longest: 'social anxiety'.
        match = self.words.search(folded) if self.words else None
        if match:
            return self.contains[match.group()]
        if self.bands:
            return self._answer_for_number(part)
        return None if self.values or self.words else self._with_case(part)

    def _answer_for_number(self, part: str) -> str | None:
        if not self.units and (both := _RANGE.fullmatch(part)):
            # A range has an answer only if all of it has the same.
            ends = {self._band_of(float(end)) for end in both.groups()}
            return ends.pop() if len(ends) == 1 else None
        if not self.units and (at_least := _OR_MORE.fullmatch(part.lower())):
            return self._band_of(float(at_least[1]))
        number = self._number(part)
        return None if number is None else self._band_of(number)

    def _band_of(self, number: float) -> str | None:
        return next((band.value for band in self.bands if band.holds(number)), None)

    def _number(self, part: str) -> float | None:
        unit = 1.0
        try:
            if self.units and self.pattern is not None:
                match = _search(self.pattern, part, self.column)
                if match is None:
                    return None
                part, unit = match["number"], self.units[match["unit"].casefold()]
            number = float(part) * unit
        except (ValueError, KeyError):
            return None
        return number if math.isfinite(number) else None

    def _otherwise(self, text: str) -> str:
        if self.otherwise is None:
            raise BadRow(f"{self.column}: the mapping does not know {text[:40]!r}")
        return self.otherwise

    def _with_case(self, text: str) -> str:
        if self.case == "lower":
            text = text.lower()
        elif self.case == "upper":
            text = text.upper()
        elif self.case == "title":
            text = text.title()
        elif self.case == "sentence":
            text = text[:1].upper() + text[1:].lower()
        if self.capitals:
            text = re.sub(r"\w+", lambda match: self.capitals.get(match.group().casefold(), match.group()), text)
        return text
