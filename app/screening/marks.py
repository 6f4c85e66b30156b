"""A mark: a passage of a text that a person should look at, and the reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """A passage that a person should look at. A mark never decides anything.

    `start` and `end` are positions in the text as given. `replacement` is a neutral wording for the whole passage, or
    '' if there is none. `why` is translated when it is shown.
    """

    kind: str
    start: int
    end: int
    text: str
    why: str
    replacement: str = ""


# Characters with several variants. Each is replaced by exactly one character, so positions do not change.
_VARIANTS = str.maketrans({"’": "'", "ʼ": "'", "´": "'", "`": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " ",
                           "–": "-", "‐": "-", "‑": "-", "\t": " "})  # fmt: skip


def normalised_characters(text: str) -> str:
    """Return the text with only one kind of apostrophe, hyphen and space. Its length does not change."""
    return text.translate(_VARIANTS)


def lower_same_length(text: str) -> str:
    """Return the text in lower case, except for the few letters that would become two. Its length does not change."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def without_overlaps(marks: Iterable[Mark], length: int) -> list[Mark]:
    """Return the marks in the order of the text; of two that overlap, only the one that was given first."""
    taken = bytearray(length)
    kept = []
    for mark in marks:
        if not any(taken[mark.start : mark.end]):
            taken[mark.start : mark.end] = b"\x01" * (mark.end - mark.start)
            kept.append(mark)
    return sorted(kept, key=lambda mark: mark.start)
