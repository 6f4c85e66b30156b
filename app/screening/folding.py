"""Text with case and accents folded, so that 'Čaj', 'CAJ' and 'caj' are one word, and the way back to the positions."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache

# Whatever is not one plain character for one plain character: letters beyond ASCII, and space that is not one blank.
_CHANGES = re.compile(r"[^\x00-\x7f]|[ \t\r\n]{2,}|[\t\r\n]")


@dataclass(frozen=True)
class Folded:
    """A folded text. `_here` and `_there` are positions in it and in the source, wherever the distance changes."""

    text: str
    _here: list[int] = field(default_factory=lambda: [0])
    _there: list[int] = field(default_factory=lambda: [0])

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Where a passage of the folded text stands in the source."""
        return self._source(start), self._source(end - 1) + 1

    def _source(self, position: int) -> int:
        at = bisect_right(self._here, position) - 1
        following = self._there[at + 1] if at + 1 < len(self._there) else None
        there = self._there[at] + position - self._here[at]
        return there if following is None else min(there, following - 1)


def fold(text: str) -> Folded:
    """The text without case, accents and invisible characters, every run of white space as one blank."""
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
        # A soft hyphen, a zero-width space: not seen, so not counted.
        return ""
    apart = unicodedata.normalize("NFKD", char).casefold()
    return "".join(each for each in apart if not unicodedata.combining(each))
