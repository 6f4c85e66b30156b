"""The lists of words beside this module: one file each, with a line that says what it is for."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "words"


def words(name: str) -> frozenset[str]:
    """The words of a list, in small letters; lines beginning with # are comments."""
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())
