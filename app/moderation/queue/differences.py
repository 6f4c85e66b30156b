"""The differences between two versions of a text, by paragraph and by word, and between their answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")
# In characters. The time of a comparison grows with the product of the lengths: longer paragraphs are not compared.
MAX_PARAGRAPH_LENGTH = 4_000


@dataclass(frozen=True)
class Piece:
    """A passage: `change` is 'same' if both versions have it, 'del' if only the old, 'ins' if only the new one."""

    change: str
    text: str


def compare_paragraphs(old: str, new: str) -> list[list[Piece]]:
    """Two versions of a text compared: for each paragraph of either, its pieces in order."""
    before, after = _paragraphs_of(old), _paragraphs_of(new)
    compared: list[list[Piece]] = []
    for change, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if change == "equal":
            compared += [[Piece("same", text)] for text in after[j1:j2]]
            continue
        pairs = min(i2 - i1, j2 - j1)
        compared += [list(compare_words(before[i1 + at], after[j1 + at])) for at in range(pairs)]
        compared += [[Piece("del", text)] for text in before[i1 + pairs : i2]]
        compared += [[Piece("ins", text)] for text in after[j1 + pairs : j2]]
    return compared


def compare_words(old: str, new: str) -> Iterator[Piece]:
    """Two versions of a paragraph compared word by word, as pieces in order."""
    if max(len(old), len(new)) > MAX_PARAGRAPH_LENGTH:
        yield from (Piece("del", old), Piece("ins", new))
        return
    yield from (Piece(change, text) for change, text in word_changes(old, new))


def word_changes(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Two versions of a paragraph compared word by word, as (change, text) in order: 'same', 'del' or 'ins'.

    Changed words with only a space between them are one change: a new sentence is read as a sentence.
    """
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
    opcodes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    removed = added = ""
    for number, (change, i1, i2, j1, j2) in enumerate(opcodes):
        gone, come = "".join(before[i1:i2]), "".join(after[j1:j2])
        is_gap = change == "equal" and not come.strip() and 0 < number < len(opcodes) - 1
        if change != "equal" or (is_gap and removed and added):
            removed, added = removed + gone, added + come
            continue
        yield from _changed(removed, added)
        removed = added = ""
        yield "same", come
    yield from _changed(removed, added)


def _changed(removed: str, added: str) -> Iterator[tuple[str, str]]:
    if removed:
        yield "del", removed
    if added:
        yield "ins", added


def _paragraphs_of(text: str) -> list[str]:
    return [part for part in re.split(r"\n{2,}", text) if part.strip()]


@dataclass(frozen=True)
class FieldChange:
    """An answer that differs between two versions, with its label and words. An empty text means no answer."""

    label: str
    old: str
    new: str


def compare_fields(old: list[tuple[str, str]], new: list[tuple[str, str]]) -> list[FieldChange]:
    """The answers that differ between two versions, each version given as a list of (label, words)."""
    before, after = dict(old), dict(new)
    labels: dict[str, None] = dict.fromkeys([*before, *after])
    return [
        FieldChange(label, before.get(label, ""), after.get(label, ""))
        for label in labels
        if before.get(label, "") != after.get(label, "")
    ]
