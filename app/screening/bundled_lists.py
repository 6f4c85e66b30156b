"""The word lists in the folder `words`: one file each, with a comment that says what it is for."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "words"


def load_words(name: str) -> frozenset[str]:
    """Return the words of a list in lower case. Lines that begin with # are comments."""
    lines = load_lines(name)
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def load_lines(name: str) -> list[str]:
    """Return the lines of a file of this folder as they are."""
    return (_FOLDER / name).read_text(encoding="utf-8").splitlines()
