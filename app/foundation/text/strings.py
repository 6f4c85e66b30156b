"""Slugs, keys for comparing names, and other small functions on strings."""

from __future__ import annotations

import re
import unicodedata

import regex

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_NOT_NAME = re.compile(r"[\W_]+")
# Letters and symbols by their Unicode category, but invisible: Hangul fillers and the empty Braille cell.
_BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Scripts in which U+200C and U+200D decide how letters are joined.
_JOINING = "".join(
    rf"\p{{{script}}}"
    for script in (
        *("Arabic", "Syriac", "Mongolian", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu"),
        *("Kannada", "Malayalam", "Sinhala", "Khmer", "Myanmar", "Tibetan"),
    )
)
_HIDDEN = regex.compile(rf"(?![\u200c\u200d])[\p{{C}}\p{{Zl}}\p{{Zp}}]|(?<![{_JOINING}])[\u200c\u200d]")


def slugify(text: str, longest: int = 80) -> str:
    """Return ASCII words joined by hyphens, at most `longest` characters long; 'untitled' if nothing is left."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    slug = _NOT_WORD.sub("-", ascii_text.lower()).strip("-")
    if len(slug) > longest:
        slug = slug[:longest].rsplit("-", 1)[0]
    return slug or "untitled"


def name_key(name: str) -> str:
    """Return the key by which names of topics are compared: without accents, case, hyphens ('5-FU' is '5 fu')."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    return _NOT_NAME.sub(" ", "".join(char for char in folded if not unicodedata.combining(char))).strip()


def has_words(text: str) -> bool:
    """Whether a text has anything visible in it: a letter, a digit, a punctuation mark, an emoji."""
    return any(char.isprintable() and not char.isspace() and char not in _BLANK for char in text)


def hidden_character(text: str) -> str | None:
    """Return the first character that cannot be seen and has no business in a name, as 'U+202E', or None.

    These are control characters, those that turn the direction of writing, zero-width and unassigned ones. The joiners
    that Persian and the scripts of India are spelt with are allowed after a letter of such a script.
    """
    # Nearly all names are printable.
    found = None if text.isprintable() else _HIDDEN.search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def csv_cell(value: object) -> object:
    """Return a value for a CSV file: text that starts like a formula gets an apostrophe, so that it is not executed."""
    formula = isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if formula else value
