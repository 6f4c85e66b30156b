"""The highlighter: snippets of texts in the database, with the words of the query marked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from markupsafe import Markup

from app.foundation.text.markup import excerpt, highlight
from app.search.index.engine import Words
from app.search.query import analysis
from app.search.results.sections import SoughtWords

LENGTH = 240
# Characters shown before the first marked word.
LEAD = 60


class HighlightTerms(NamedTuple):
    """What to mark: tokens or phrases in any form (`words`), and in exactly the forms `typed`. `sought` chooses the
    section of a long page from which a snippet is taken.
    """

    words: Collection[Words] = ()
    typed: Collection[Words] = ()
    sought: SoughtWords = SoughtWords()


class _Match(NamedTuple):
    start: int
    end: int
    words: Words


def highlight_terms(text: str, terms: HighlightTerms) -> Markup:
    """A whole text with all matches marked."""
    return highlight(text, [(match.start, match.end) for match in _matches(text, terms)])


def snippet(text: str, terms: HighlightTerms, length: int = LENGTH) -> Markup:
    """The passage of about `length` characters with the most distinct matches, marked; else the beginning."""
    text = text.replace("\n", " ")
    matches = _matches(text, terms)
    if not matches:
        return highlight(excerpt(text, length), [])
    start, end = _passage_around(text, _best_start(matches, length - LEAD), length)
    before, after = "… " if start > 0 else "", " …" if end < len(text) else ""
    shift = len(before) - start
    spans = [(match.start + shift, match.end + shift) for match in matches if start <= match.start and match.end <= end]
    return highlight(f"{before}{text[start:end]}{after}", spans)


def _matches(text: str, terms: HighlightTerms) -> list[_Match]:
    words_in_text = list(analysis.WORD.finditer(text))
    compared = analysis.language().compared
    forms = [compared(each[0]) for each in words_in_text]
    matches = _phrase_matches(words_in_text, [word for word, _form in forms], terms.words)
    if terms.typed:
        # In the order of the text, each of them once.
        matches = sorted({*matches, *_phrase_matches(words_in_text, [form for _word, form in forms], terms.typed)})
    return matches


def _phrase_matches(
    words_in_text: Sequence[re.Match[str]], tokens: Sequence[str], phrases: Collection[Words]
) -> list[_Match]:
    """The matches of phrases among the tokens of a text; `words_in_text` are the same tokens as written."""
    by_first: dict[str, list[Words]] = defaultdict(list)
    for phrase in phrases:
        by_first[phrase[0]].append(phrase)
    return [
        _Match(words_in_text[at].start(), words_in_text[at + len(phrase) - 1].end(), phrase)
        for at, word in enumerate(tokens)
        if word in by_first
        for phrase in by_first[word]
        if tuple(tokens[at : at + len(phrase)]) == phrase
    ]


def _best_start(matches: Sequence[_Match], length: int) -> int:
    """The start of the passage with the most distinct matches."""
    best, most = matches[0].start, 0
    for at, first in enumerate(matches):
        distinct = {match.words for match in matches[at : at + length] if match.end <= first.start + length}
        if len(distinct) > most:
            best, most = first.start, len(distinct)
    return best


def _passage_around(text: str, first: int, length: int) -> tuple[int, int]:
    """(start, end) of a passage of about this length around a position, cut between words."""
    start = max(0, min(first - LEAD, len(text) - length))
    if start > 0:
        start = text.find(" ", start, first) + 1 or first
    end = start + length
    if end >= len(text):
        return start, len(text)
    space = text.rfind(" ", first, end)
    return start, space if space > first else end
