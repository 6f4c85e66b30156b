"""Parsing a query: words, "quoted phrases", -exclusions, alternatives (one OR other) and field words
(condition:psoriasis). Every text is a query; what does not follow this syntax is read as words.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from app.foundation.text import markup
from app.search.index.engine import Facet, Words
from app.search.query import analysis

MAX_QUERY_LENGTH = 200
"""Characters of a query that are read."""
MAX_WORDS = 32

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
# A hyphen, or what phones and word processors make of it, directly before a word or a phrase.
_PART = re.compile(
    r"""
    (?P<minus>[-\u2010-\u2015\u2212]*)
    (?:(?P<field>[a-z]+(?:[_-][a-z]+)?):(?=[^\s:]))?
    (?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
OR = "OR"
FIELD_WORDS = {
    "kind": Facet.KIND,
    "type": Facet.KIND,
    "condition": Facet.CONDITION,
    "treatment": Facet.TREATMENT,
    "outcome": Facet.OUTCOME,
    "effect": Facet.SIDE_EFFECT,
    "side-effect": Facet.SIDE_EFFECT,
    "side_effect": Facet.SIDE_EFFECT,
    "year": Facet.YEAR,
}
# What is one word as typed: '5-FU', 'doctor's', '0.1', but not 'warts/verrucas'.
_SINGLE_WORD = re.compile(r"[^\W_](?:[^\W_]|['\u0300-\u036f\u2019\u2010\u2011-]|(?<=\d)[.,](?=\d))*")


@dataclass(frozen=True)
class Part:
    """A word or a quoted phrase as typed, or the value of a field word.

    `span` is its (start, end) in the query. An `alternative` follows an OR.
    """

    text: str
    quoted: bool = False
    excluded: bool = False
    alternative: bool = False
    field: Facet | None = None
    span: tuple[int, int] = (0, 0)

    @cached_property
    def words(self) -> Words:
        """Its tokens."""
        return tuple(analysis.words(self.text))

    @cached_property
    def typed(self) -> Words:
        """The form of each token as typed."""
        return tuple(form for _word, form in analysis.tokens_and_forms(self.text))

    @property
    def is_stop_word(self) -> bool:
        """Whether it is a stop word, and not quoted."""
        return not self.quoted and analysis.is_stop_word(self.text)

    @property
    def as_words(self) -> list[Part]:
        """The parts that a field word becomes if its value does not exist."""
        if self.field is None or self.quoted:
            return [replace(self, field=None)]
        first, *others = _SINGLE_WORD.findall(self.text)
        return [replace(self, text=first, field=None), *(Part(other) for other in others)]

    def truncated(self, max_tokens: int) -> Part:
        """Its beginning, of at most this many tokens."""
        if len(self.words) <= max_tokens:
            return self
        end = max((token.end for token in analysis.tokens(self.text)[:max_tokens]), default=0)
        return replace(self, text=self.text[:end])


@dataclass(frozen=True)
class Parsed:
    """A parsed query. `shortened` says that the end of it was cut off."""

    text: str
    parts: tuple[Part, ...]
    shortened: bool = False

    @property
    def included(self) -> tuple[Part, ...]:
        """The parts to search for."""
        return tuple(part for part in self.parts if not part.excluded)

    @property
    def excluded(self) -> tuple[Part, ...]:
        """The parts that results must not contain."""
        return tuple(part for part in self.parts if part.excluded)

    @property
    def unquoted(self) -> str:
        """The same words without quotes."""
        return " ".join(self.text.translate(_QUOTES).replace('"', " ").split())

    @property
    def field_words(self) -> tuple[Part, ...]:
        """The field words, which become filters if their values exist."""
        return tuple(part for part in self.parts if part.field is not None)

    def without(self, understood: Collection[Part]) -> Parsed:
        """The query without these field words; other field words become ordinary words."""
        text = self.text
        for part in sorted(understood, key=lambda part: part.span, reverse=True):
            text = f"{text[: part.span[0]]} {text[part.span[1] :]}"
        kept = [each for part in self.parts if part not in understood for each in part.as_words]
        return replace(self, text=" ".join(text.split()), parts=tuple(kept))


def parse(text: str) -> Parsed:
    """Parse what was typed. Characters that belong to no word, such as a lone hyphen or asterisk, are left out."""
    cleaned = " ".join(markup.clean_input(text[: 10 * MAX_QUERY_LENGTH]).split())
    read = _truncated(cleaned)
    parts: list[Part] = []
    remaining = MAX_WORDS
    shortened = len(read) < len(cleaned)
    for part in _parts(read.translate(_QUOTES)):
        kept = part.truncated(remaining)
        shortened = shortened or kept != part
        if not kept.words:
            break
        parts.append(kept)
        remaining -= len(kept.words)
    return Parsed(read, tuple(parts), shortened)


def has_quotes(text: str) -> bool:
    """Whether a query has quotes of any kind."""
    return '"' in text.translate(_QUOTES)


def _truncated(text: str) -> str:
    """The first MAX_QUERY_LENGTH characters of a text, cut between words if possible."""
    if len(text) <= MAX_QUERY_LENGTH:
        return text
    head, space, _cut_word = text[:MAX_QUERY_LENGTH].rpartition(" ")
    return head if space else text[:MAX_QUERY_LENGTH]


def _parts(text: str) -> Iterator[Part]:
    is_alternative = False
    for match in _PART.finditer(text):
        if match[0] == OR:
            is_alternative = True
            continue
        for part in _parts_of(match):
            if part.words:
                yield replace(part, alternative=is_alternative and not part.excluded, span=match.span())
                is_alternative = False


def _parts_of(match: re.Match[str]) -> Iterator[Part]:
    excluded = bool(match["minus"])
    field = FIELD_WORDS.get((match["field"] or "").lower())
    quoted = match["word"] is None
    value = match["phrase"] if quoted else match["word"]
    if field is not None and not excluded:
        yield Part(value.strip(), quoted=quoted, field=field)
        return
    if match["field"] and field is None:
        yield Part(match["field"], excluded=excluded)
    if quoted:
        yield Part(value.strip(), quoted=True, excluded=excluded)
    else:
        yield from (Part(word, excluded=excluded) for word in _SINGLE_WORD.findall(value))
