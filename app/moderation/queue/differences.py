"""The differences between two versions of a text, by paragraph and by word, and between their answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")
# Comparing words takes time that grows with the product of the lengths; longer paragraphs are shown as a whole.
LONGEST_PARAGRAPH = 4_000


@dataclass(frozen=True)
class Piece:
    """A run of text that both versions have ('same'), only the old one ('del') or only the new one ('ins')."""

    change: str
    text: str


def paragraphs(old: str, new: str) -> list[list[Piece]]:
    """The new text by paragraphs, each as pieces that stayed, were deleted or were inserted."""
    before, after = _paragraphs_of(old), _paragraphs_of(new)
    compared: list[list[Piece]] = []
    for change, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if change == "equal":
            compared += [[Piece("same", text)] for text in after[j1:j2]]
            continue
        pairs = min(i2 - i1, j2 - j1)
        compared += [list(words(before[i1 + at], after[j1 + at])) for at in range(pairs)]
        compared += [[Piece("del", text)] for text in before[i1 + pairs : i2]]
        compared += [[Piece("ins", text)] for text in after[j1 + pairs : j2]]
    return compared


def words(old: str, new: str) -> Iterator[Piece]:
    """The pieces of one paragraph, compared word by word."""
    if max(len(old), len(new)) > LONGEST_PARAGRAPH:
        yield from (Piece("del", old), Piece("ins", new))
        return
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
    for change, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if change == "equal":
            yield Piece("same", "".join(after[j1:j2]))
            continue
        if i2 > i1:
            yield Piece("del", "".join(before[i1:i2]))
        if j2 > j1:
            yield Piece("ins", "".join(after[j1:j2]))


def _paragraphs_of(text: str) -> list[str]:
    return [part for part in re.split(r"\n{2,}", text) if part.strip()]


@dataclass(frozen=True)
class FieldChange:
    """An answer that differs between two versions."""

    label: str
    old: str
    new: str


def fields(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> list[FieldChange]:
    """The answers, given as (label, words), that differ. A label may be in one version only."""
    before, after = dict(old), dict(new)
    labels: dict[str, Any] = dict.fromkeys([*before, *after])
    return [
        FieldChange(label, before.get(label, ""), after.get(label, ""))
        for label in labels
        if before.get(label, "") != after.get(label, "")
    ]
