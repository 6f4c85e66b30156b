"""Sections: the part of a long page to which a result leads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from app.foundation.text import markup
from app.search.index.engine import Words
from app.search.query import analysis


class SoughtWords(NamedTuple):
    """What a section should speak of: words of the query, and words that would answer what it asks."""

    asked: Collection[Words] = ()
    answering: Collection[Words] = ()


def best_section(html: str, sought: SoughtWords) -> markup.Section | None:
    """The section of an editorial text that says most of what is sought, None if none says anything of it."""
    if not (sought.asked or sought.answering):
        return None
    sections = markup.sections(html)
    scores = [_score(section, sought) for section in sections]
    best = max(scores, default=0)
    return sections[scores.index(best)] if best else None


def _score(section: markup.Section, sought: SoughtWords) -> int:
    """Words of the query count twice, and words of a heading twice."""
    heading, text = analysis.words(section.heading), analysis.words(section.text)
    return sum(
        weight * (2 * _has(heading, words) + _has(text, words))
        for weight, group in ((2, sought.asked), (1, sought.answering))
        for words in group
    )


def _has(text: Sequence[str], words: Words) -> bool:
    return any(tuple(text[start : start + len(words)]) == words for start, word in enumerate(text) if word == words[0])
