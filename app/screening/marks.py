"""A mark: a passage of a text, and why a person should look at it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Mark:
    """A passage worth a look. A mark never decides anything: a person does.

    `start` and `end` are positions in the text as given. `replacement` is a neutral wording for the whole passage,
    or '' where none can be offered. `why` is translated when it is shown.
    """

    kind: str
    start: int
    end: int
    text: str
    why: str
    replacement: str = ""


# Signs that are written in several ways, one character each, so that positions stay.
_EVEN = str.maketrans({"’": "'", "ʼ": "'", "´": "'", "`": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "–": "-",
                       "‐": "-", "‑": "-", "\t": " "})  # fmt: skip


def even(text: str) -> str:
    """The text with one kind of apostrophe, hyphen and space; as long as before."""
    return text.translate(_EVEN)


def lowered(text: str) -> str:
    """The text in small letters, as long as before: the few capitals that become two letters stay."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def apart(marks: Iterable[Mark], length: int) -> list[Mark]:
    """The marks in the order of the text; of two that overlap only the one that came first."""
    taken = bytearray(length)
    kept = []
    for mark in marks:
        if not any(taken[mark.start : mark.end]):
            taken[mark.start : mark.end] = b"\x01" * (mark.end - mark.start)
            kept.append(mark)
    return sorted(kept, key=lambda mark: mark.start)
