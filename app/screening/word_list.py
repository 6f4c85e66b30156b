"""Lists of words that a moderator should look at, searched for all at once.

A word matches only whole words, so 'cialis' does not match in 'specialist', unless an asterisk says otherwise:
'viagra*' matches at the beginning of words, '*pharma*' anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ahocorasick

from app.screening.folding import Folded, fold

MAX_LIST_LENGTH = 20_000
MAX_WORD_LENGTH = 60
MIN_WORD_LENGTH = 3
# More hits would not help a moderator, and a hostile text could have any number of them.
MAX_HITS = 100


@dataclass(frozen=True)
class Hit:
    """An entry of a list that occurs in a text, with positions in the source text."""

    entry: str
    start: int
    end: int


class WordList:
    """A list of words, prepared for searching. Building one is slow, so keep it."""

    def __init__(self, entries: Iterable[str]) -> None:
        self._automaton = ahocorasick.Automaton()
        self._size = 0
        for entry in entries:
            word = fold(entry.strip("*")).text.strip()
            if word:
                self._automaton.add_word(word, (entry, len(word), entry.startswith("*"), entry.endswith("*")))
                self._size += 1
        if self._size:
            self._automaton.make_automaton()

    def __len__(self) -> int:
        return self._size

    def find(self, folded: Folded) -> Iterator[Hit]:
        """Return the entries of the list that occur in a folded text, including overlapping ones."""
        if not self._size:
            return
        text, hits = folded.text, 0
        for last, (entry, length, opened, closed) in self._automaton.iter(text):
            start, end = last - length + 1, last + 1
            if not opened and start and _continues_word(text[start - 1], text[start]):
                continue
            if not closed and end < len(text) and _continues_word(text[end], text[last]):
                continue
            yield Hit(entry, *folded.source(start, end))
            hits += 1
            if hits == MAX_HITS:
                return


def _continues_word(beside: str, edge: str) -> bool:
    """Return whether a character next to a word belongs to the same word."""
    return edge.isalnum() and (beside.isalnum() or beside == "_")
