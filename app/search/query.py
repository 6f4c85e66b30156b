"""What a reader typed: words, "quoted phrases" and -exclusions. Anything is a query, nothing is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from app.foundation import markup
from app.search import analysis
from app.search.engine import Words

LONGEST = 200
"""Characters of a query that are read."""
MOST_WORDS = 12

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
# A hyphen, or what phones and word processors make of it, directly before a word or a phrase.
_PART = re.compile(r"""(?P<minus>[-\u2010-\u2015\u2212]*)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))""")
# What belongs together within a word as typed: '5-FU', 'doctor's', '0.1', but not 'warts/verrucas'.
_TOGETHER = re.compile(r"[^\W_](?:[^\W_]|['\u0300-\u036f\u2019\u2010\u2011-]|(?<=\d)[.,](?=\d))*")


@dataclass(frozen=True)
class Part:
    """A word or a quoted phrase as typed."""

    text: str
    quoted: bool = False
    excluded: bool = False

    @cached_property
    def words(self) -> Words:
        """As it is compared; several words stand one after the other."""
        return tuple(analysis.words(self.text))

    @property
    def says_nothing(self) -> bool:
        """Is one of the words that people write around what they mean."""
        return not self.quoted and analysis.is_stop_word(self.text)

    def cut(self, most: int) -> Part:
        """Its beginning, of at most so many words."""
        if len(self.words) <= most:
            return self
        end = max((token.end for token in analysis.tokens(self.text)[:most]), default=0)
        return replace(self, text=self.text[:end])


@dataclass(frozen=True)
class Parsed:
    """A query in its parts. `shortened`: there was more than is read."""

    text: str
    parts: tuple[Part, ...]
    shortened: bool = False

    @property
    def wanted(self) -> tuple[Part, ...]:
        """What is looked for."""
        return tuple(part for part in self.parts if not part.excluded)

    @property
    def excluded(self) -> tuple[Part, ...]:
        """What must not occur."""
        return tuple(part for part in self.parts if part.excluded)


def parse(text: str) -> Parsed:
    """Take apart what is typed. What means nothing, a lonely hyphen or an asterisk, is left out."""
    cleaned = " ".join(markup.clean_input(text[: 10 * LONGEST]).split())
    read = _beginning(cleaned)
    parts: list[Part] = []
    room = MOST_WORDS
    shortened = len(read) < len(cleaned)
    for part in _parts(read.translate(_QUOTES)):
        kept = part.cut(room)
        shortened = shortened or kept != part
        if not kept.words:
            break
        parts.append(kept)
        room -= len(kept.words)
    return Parsed(read, tuple(parts), shortened)


def _beginning(text: str) -> str:
    """What is read of a text that is too long: whole words, if it has any."""
    if len(text) <= LONGEST:
        return text
    head, space, _cut_word = text[:LONGEST].rpartition(" ")
    return head if space else text[:LONGEST]


def _parts(text: str) -> Iterator[Part]:
    for match in _PART.finditer(text):
        excluded = bool(match["minus"])
        if match["word"] is None:
            found = [Part(match["phrase"].strip(), quoted=True, excluded=excluded)]
        else:
            found = [Part(word, excluded=excluded) for word in _TOGETHER.findall(match["word"])]
        yield from (part for part in found if part.words)
