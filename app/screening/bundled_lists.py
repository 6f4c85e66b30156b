"""The word lists in the folder `words`: one file each, with a comment that says what it is for."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "words"


def load_words(name: str) -> frozenset[str]:
    """Return the words of a list in lower case. Lines that begin with # are comments."""
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
