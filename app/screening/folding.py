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
    """A folded text. The offset to the source changes at `_positions`, which are `_source_positions` in the source."""

    text: str
    _positions: list[int] = field(default_factory=lambda: [0])
    _source_positions: list[int] = field(default_factory=lambda: [0])

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the position in the source of a passage of the folded text."""
        return self._source(start), self._source(end - 1) + 1

    def _source(self, position: int) -> int:
        at = bisect_right(self._positions, position) - 1
        following = self._source_positions[at + 1] if at + 1 < len(self._source_positions) else None
        source = self._source_positions[at] + position - self._positions[at]
        return source if following is None else min(source, following - 1)


def fold(text: str) -> Folded:
    """Return the text without case, accents and invisible characters, and with single blanks as white space."""
    folded: list[str] = []
    positions, source_positions = [0], [0]
    length = end = 0
    for change in _CHANGES.finditer(text):
        before = text[end : change.start()].lower()
        replacement = " " if change.group()[0] in " \t\r\n" else _folded(change.group())
        folded += (before, replacement)
        length += len(before)
        if len(replacement) != 1 or len(change.group()) != 1:
            positions += (length, length + len(replacement))
            source_positions += (change.start(), change.end())
        length += len(replacement)
        end = change.end()
    folded.append(text[end:].lower())
    return Folded("".join(folded), positions, source_positions)


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    if char in "’ʼ´":
        return "'"
    if unicodedata.category(char) == "Cf":
        # A soft hyphen or a zero-width space: invisible, so it is dropped.
        return ""
    decomposed = unicodedata.normalize("NFKD", char).casefold()
    return "".join(each for each in decomposed if not unicodedata.combining(each))
