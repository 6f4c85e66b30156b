"""Words and addresses: how text becomes part of a URL, and when two names are the same name."""

from __future__ import annotations

import re
import unicodedata

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_NOT_NAME = re.compile(r"[\W_]+")
# Letters and symbols by their Unicode category, and yet nothing to see: Hangul fillers and the empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def slugify(text: str, longest: int = 80) -> str:
    """ASCII words joined by hyphens, at most `longest` characters; 'untitled' when nothing is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    slug = _NOT_WORD.sub("-", ascii_text.lower()).strip("-")
    if len(slug) > longest:
        slug = slug[:longest].rsplit("-", 1)[0]
    return slug or "untitled"


def name_key(name: str) -> str:
    """What makes two names of a topic the same: accents, case, hyphens and spacing do not count ('5-FU' is '5 fu')."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    return _NOT_NAME.sub(" ", "".join(char for char in folded if not unicodedata.combining(char))).strip()


def has_words(text: str) -> bool:
    """Whether there is anything to see in a text: a letter, a digit, a sign, an emoji."""
    return any(char.isprintable() and not char.isspace() and char not in _BLANK for char in text)


def cell(value: object) -> object:
    """What may stand in a table for a spreadsheet: a text that begins like a formula is marked as text."""
    formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if formula else value
