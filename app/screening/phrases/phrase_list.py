"""Phrases in a file of plain lines, searched for in the words of a text (see `spelling`). `words/crisis.txt` is one.

    name = one | two      defines {name}
    (one|two)  [one]      alternatives; what may be missing
    begin~                words that begin so
    phrase .              at the end of a sentence, which is '.' among alternatives too
    a & b                 both in one sentence, in any order
    a -- b | c            not if b or c stands in the sentence
    ? a                   a phrase that can be denied or be merely the subject: `Place.is_deniable`

Everything else is a regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

# How many characters before and after a phrase are looked at for what else stands in its sentence.
MAX_AROUND = 300
_DEFINITION = re.compile(r"([a-z]+) = (.+)")
_NAME = re.compile(r"\{([a-z]+)\}")
# What a phrase may begin with that is frequent by itself.
_FREQUENT = re.compile(r"(?:\{[a-z]+\} |\[[^\]]*\] )+")
# What is written otherwise in a regular expression, in this order.
_NOTATION = (
    (re.compile(r"\[([^\]]*)\]\* ?"), r"(?:(?:\1) )*"),
    (re.compile(r"\[([^\]]*)\] ?"), r"(?:(?:\1) )?"),
    (re.compile(r"~"), r"\\w*"),
    (re.compile(r" \.$"), r"(?= \\.)"),
    (re.compile(r"(?<=[(|])\.(?=[|)])"), r"\\."),
    (re.compile(r" \| "), "|"),
    (re.compile(r"\((?!\?)"), "(?:"),
)


class Place(NamedTuple):
    """Where a phrase was found."""

    start: int
    end: int
    is_deniable: bool


class _Phrase(NamedTuple):
    pattern: re.Pattern[str]
    # What is searched for first, because the whole pattern begins with something frequent and would take long.
    rare: re.Pattern[str] | None
    # Further parts that have to stand in the same sentence, and what must not.
    others: tuple[re.Pattern[str], ...]
    exceptions: re.Pattern[str] | None
    is_deniable: bool

    def places(self, text: str) -> Iterator[Place]:
        if self.rare and not self.rare.search(text):
            return
        for start, end in _places(self.pattern, text, 0, len(text)):
            begin, stop = sentence_around(text, start, end)
            if all(any(_places(other, text, begin, stop)) for other in self.others) and not (
                self.exceptions and any(_places(self.exceptions, text, begin, stop))
            ):
                yield Place(start, end, self.is_deniable)


class PhraseList:
    """The phrases of a file. Raises ValueError for a line that cannot be read."""

    def __init__(self, lines: Iterable[str]) -> None:
        definitions: dict[str, str] = {}
        self._phrases: list[_Phrase] = []
        for line in map(str.strip, lines):
            if not line or line.startswith("#"):
                continue
            if definition := _DEFINITION.fullmatch(line):
                definitions[definition[1]] = definition[2]
            else:
                self._phrases.append(_phrase(line, definitions))

    def search(self, text: str) -> list[Place]:
        """The places of all phrases in `Words.text`; they may overlap."""
        return [place for phrase in self._phrases for place in phrase.places(text)]


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """The beginning and the end of the sentence in `Words.text` in which a passage stands, with its final ' .'.

    Of a sentence that is very long, only the part around the passage.
    """
    earliest, latest = max(0, start - MAX_AROUND), min(len(text), end + MAX_AROUND)
    begin, stop = text.rfind(" .", earliest, start), text.find(" .", end, latest)
    return earliest if begin < 0 else begin + 2, latest if stop < 0 else stop + 2


def _phrase(line: str, definitions: dict[str, str]) -> _Phrase:
    wanted, _, unwanted = line.removeprefix("? ").partition(" -- ")
    first, *others = wanted.split(" & ")
    beginning = _FREQUENT.match(first)
    rare = _compiled(first[beginning.end() :], definitions) if beginning else None
    exceptions = _compiled(unwanted, definitions) if unwanted else None
    further = tuple(_compiled(part, definitions) for part in others)
    return _Phrase(_compiled(first, definitions), rare, further, exceptions, line.startswith("? "))


def _compiled(notation: str, definitions: dict[str, str]) -> re.Pattern[str]:
    pattern = notation.strip()
    while name := _NAME.search(pattern):
        if name[1] not in definitions:
            raise ValueError(f"{notation!r}: {name[0]} is not defined")
        pattern = pattern.replace(name[0], f"({definitions[name[1]]})")
    for part, written in _NOTATION:
        pattern = part.sub(written, pattern)
    try:
        return re.compile(rf"(?:{pattern})(?!\w)")
    except re.error as error:
        raise ValueError(f"{notation!r}: {error}") from error


def _places(pattern: re.Pattern[str], text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Where a pattern matches whole words. A word boundary in front of it would make searching several times slower."""
    while found := pattern.search(text, begin, end):
        if text[found.start() - 1] == " ":
            yield found.span()
            begin = found.end()
        else:
            begin = found.start() + 1
