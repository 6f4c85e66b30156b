"""User names: one script, no invisible characters, nothing that looks like staff or an e-mail address."""

from __future__ import annotations

import re
import unicodedata

from app.foundation.errors import Refused

MIN_LENGTH = 3
MAX_LENGTH = 30
_PUNCTUATION = frozenset("-_.")
# Reserved as a whole name and as a part of one ('the-moderator', 'admin2').
_STAFF_NAMES = re.compile(
    r"(admin|administrator|moderator|moderation|editor|editorial|staff|official|support|salve|system|root)[0-9]*"
)
_SITE_NAMES = re.compile(r"(imported|anonymous|deleted|erased|removed|hidden|nobody|everyone|team|help|mod|me)[0-9]*")


def key(name: str) -> str:
    """Return the key by which user names are compared."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def check(name: str, *, of_staff: bool = False) -> str:
    """Return the name as it will be shown, or raise Refused with the reason. Only staff may have reserved names."""
    shown = unicodedata.normalize("NFKC", name).strip()
    if not MIN_LENGTH <= len(shown) <= MAX_LENGTH:
        raise Refused(f"A user name has {MIN_LENGTH} to {MAX_LENGTH} characters.", "username")
    if not all(char.isalnum() or char in _PUNCTUATION for char in shown) or not shown[0].isalnum():
        raise Refused("Use letters, digits, and . _ - between them; start with a letter or digit.", "username")
    if len(_scripts(shown)) > 1:
        raise Refused("Use letters of one alphabet: mixed ones can pass for somebody else's name.", "username")
    if not of_staff and _looks_official(key(shown)):
        raise Refused("This name could be taken for the people who run the site. Please choose another.", "username")
    return shown


def _scripts(name: str) -> set[str]:
    # The first word of a character's Unicode name is its script for every alphabet: LATIN, GREEK, CYRILLIC, ...
    return {unicodedata.name(char, "?").split()[0] for char in name if char.isalpha()}


def _looks_official(folded: str) -> bool:
    parts = re.split(r"[-_.]", folded)
    return any(_STAFF_NAMES.fullmatch(part) for part in parts) or bool(_SITE_NAMES.fullmatch("".join(parts)))
