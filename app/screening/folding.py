"""Folding case and accents, so that 'Čaj', 'CAJ' and 'caj' are equal, and mapping positions back to the source."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache

# Everything that is not folded to exactly one character: letters beyond ASCII, and white space other than one blank.
_CHANGES = re.compile(r"[^\x00-\x7f]|[ \t\r\n]{2,}|[\t\r\n]")


@dataclass(frozen=True)
class Folded:
    """A folded text. `_here` and `_there` are the positions in it and in the source at which their distance changes."""

    text: str
    _here: list[int] = field(default_factory=lambda: [0])
    _there: list[int] = field(default_factory=lambda: [0])

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the position in the source of a passage of the folded text."""
        return self._source(start), self._source(end - 1) + 1

    def _source(self, position: int) -> int:
        at = bisect_right(self._here, position) - 1
        following = self._there[at + 1] if at + 1 < len(self._there) else None
        there = self._there[at] + position - self._here[at]
        return there if following is None else min(there, following - 1)


def fold(text: str) -> Folded:
    """Return the text without case, accents and invisible characters, and with single blanks as white space."""
    folded: list[str] = []
    here, there = [0], [0]
    length = last = 0
    for change in _CHANGES.finditer(text):
        before = text[last : change.start()].lower()
        instead = " " if change.group()[0] in " \t\r\n" else _folded(change.group())
        folded += (before, instead)
        length += len(before)
        if len(instead) != 1 or len(change.group()) != 1:
            here += (length, length + len(instead))
            there += (change.start(), change.end())
        length += len(instead)
        last = change.end()
    folded.append(text[last:].lower())
    return Folded("".join(folded), here, there)


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    if char in "’ʼ´":
        return "'"
    if unicodedata.category(char) == "Cf":
        # A soft hyphen or a zero-width space: invisible, so it is dropped.
        return ""
    apart = unicodedata.normalize("NFKD", char).casefold()
    return "".join(each for each in apart if not unicodedata.combining(each))
