"""Words and addresses: how text becomes part of a URL, and when two names are the same name."""

from __future__ import annotations

import re
import unicodedata

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_NOT_NAME = re.compile(r"[\W_]+")


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
