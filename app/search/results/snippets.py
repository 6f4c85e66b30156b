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

LENGTH = 240
# Characters shown before the first marked word.
LEAD = 60


class Wanted(NamedTuple):
    """What to mark: tokens or phrases in any form (`words`), and in exactly the forms `typed`."""

    words: Collection[Words] = ()
    typed: Collection[Words] = ()


class _Match(NamedTuple):
    start: int
    end: int
    words: Words


def marked(text: str, wanted: Wanted) -> Markup:
    """A whole text with all matches marked."""
    return highlight(text, [(match.start, match.end) for match in _matches(text, wanted)])


def snippet(text: str, wanted: Wanted, length: int = LENGTH) -> Markup:
    """The passage of about `length` characters with the most distinct matches, marked; else the beginning."""
    text = text.replace("\n", " ")
    matches = _matches(text, wanted)
    if not matches:
        return highlight(excerpt(text, length), [])
    start, end = _around(text, _best(matches, length - LEAD), length)
    before, after = "… " if start > 0 else "", " …" if end < len(text) else ""
    shift = len(before) - start
    spans = [(match.start + shift, match.end + shift) for match in matches if start <= match.start and match.end <= end]
    return highlight(f"{before}{text[start:end]}{after}", spans)


def _matches(text: str, wanted: Wanted) -> list[_Match]:
    written = list(analysis.WORD.finditer(text))
    compared = analysis.language().compared
    forms = [compared(each[0]) for each in written]
    matches = _runs(written, [word for word, _form in forms], wanted.words)
    if wanted.typed:
        # In the order of the text, each of them once.
        matches = sorted({*matches, *_runs(written, [form for _word, form in forms], wanted.typed)})
    return matches


def _runs(written: Sequence[re.Match[str]], tokens: Sequence[str], wanted: Collection[Words]) -> list[_Match]:
    """The matches of phrases among the tokens of a text; `written` are the same tokens as they are in the text."""
    by_first: dict[str, list[Words]] = defaultdict(list)
    for words in wanted:
        by_first[words[0]].append(words)
    return [
        _Match(written[at].start(), written[at + len(words) - 1].end(), words)
        for at, word in enumerate(tokens)
        if word in by_first
        for words in by_first[word]
        if tuple(tokens[at : at + len(words)]) == words
    ]


def _best(matches: Sequence[_Match], length: int) -> int:
    """The start of the passage with the most distinct matches."""
    best, most = matches[0].start, 0
    for at, first in enumerate(matches):
        distinct = {match.words for match in matches[at : at + length] if match.end <= first.start + length}
        if len(distinct) > most:
            best, most = first.start, len(distinct)
    return best


def _around(text: str, first: int, length: int) -> tuple[int, int]:
    """(start, end) of a passage of about this length around a position, cut between words."""
    start = max(0, min(first - LEAD, len(text) - length))
    if start > 0:
        start = text.find(" ", start, first) + 1 or first
    end = start + length
    if end >= len(text):
        return start, len(text)
    space = text.rfind(" ", first, end)
    return start, space if space > first else end
