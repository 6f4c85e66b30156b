"""Sentences in which people marked by hand what identifies somebody, and how a search for it did on them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from app.screening import personal_details
from app.screening.marks import Mark

HERE = Path(__file__).parent


def lines_of(text: str) -> list[str]:
    """The lines of a text that are not empty."""
    return [line.strip() for line in text.splitlines() if line.strip()]


@dataclass(frozen=True)
class Sentence:
    """A sentence without braces, and the passages that stood in them with their kind."""

    text: str
    passages: tuple[tuple[str, int, int], ...] = ()


def sentences(*names: str) -> list[Sentence]:
    """The labelled sentences of these files, in their order."""
    lines = [line for name in names for line in (HERE / name).read_text().splitlines()]
    return [_read(line) for line in lines if line and not line.startswith("#")]


def _read(line: str) -> Sentence:
    kind, bar, labelled = line.partition(" | ")
    if not bar:
        return Sentence(line)
    text, passages = "", []
    for outside, inside in re.findall(r"([^{]*)(?:\{([^}]*)\})?", labelled):
        text += outside
        if inside:
            passages.append((kind, len(text), len(text) + len(inside)))
            text += inside
    return Sentence(text, tuple(passages))


@dataclass
class Score:
    """Of the passages, how many were found; of the marks, how many touch a passage."""

    passages: int = 0
    found: int = 0
    marks: int = 0
    right: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    by_kind: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        return self.found / self.passages

    @property
    def precision(self) -> float:
        return self.right / self.marks

    def __str__(self) -> str:
        return (
            f"recall {self.recall:.3f} ({self.found} of {self.passages}), "
            f"precision {self.precision:.3f} ({self.right} of {self.marks})"
        )


def score(labelled: list[Sentence]) -> Score:
    """How the search does. A passage is found when a mark of its kind touches it."""
    result = Score()
    for sentence in labelled:
        marks = personal_details.marks(sentence.text)
        result.passages += len(sentence.passages)
        result.marks += len(marks)
        for kind, start, end in sentence.passages:
            if any(mark.kind == kind and _touches(mark, start, end) for mark in marks):
                result.found += 1
                result.by_kind[kind] += 1
            else:
                result.missed.append(f"{kind}: {sentence.text}")
        for mark in marks:
            if any(kind == mark.kind and _touches(mark, start, end) for kind, start, end in sentence.passages):
                result.right += 1
            else:
                result.wrong.append(f"{mark.kind} {mark.text!r}: {sentence.text}")
    return result


def _touches(mark: Mark, start: int, end: int) -> bool:
    return mark.start < end and start < mark.end
