"""User names: one script, no invisible characters, nothing that looks like staff, somebody else or an address."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from confusable_homoglyphs import confusables
from flask_babel import gettext as _

from app.foundation.errors import Refused

MIN_LENGTH = 3
MAX_LENGTH = 30
SKELETON_LENGTH = 60
_PUNCTUATION = frozenset("-_.")
# Who runs the site, or is trusted as if they did. Reserved as a name and as a part of one, also in the plural.
_ROLES = (
    "admin", "administrator", "administration", "mod", "moderator", "moderation", "editor", "editorial", "staff",
    "official", "support", "helpdesk", "owner", "founder", "webmaster", "postmaster", "hostmaster", "security",
    "abuse", "salve", "system", "root", "doctor", "dr", "nurse", "physician", "clinician", "consultant",
    "dermatologist", "pharmacist", "surgeon", "medic",
)  # fmt: skip
# Not reserved themselves, but a role beside one of them is: 'theadmin', 'salve-team', 'real.doctor.uk'.
_BESIDE_ROLES = (
    "the", "your", "our", "my", "real", "site", "team", "of", "at", "chief", "head", "senior", "super", "uk", "x",
)  # fmt: skip
_SITE_NAMES = re.compile(r"(imported|anonymous|deleted|erased|removed|hidden|nobody|everyone|team|help|me)[0-9]*")

# What looks alike to people and is not in Unicode's table of confusable characters, or not as they read it.
_LOOK_ALIKE = str.maketrans({"i": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "v": "b"})
_SMALL_CAPITAL = re.compile(r"LATIN LETTER SMALL CAPITAL ([A-Z])")


def key(name: str) -> str:
    """Return the key by which user names are compared."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def skeleton(name: str) -> str:
    """Return what is left of a name when everything is taken away that can be overlooked: at most 60 characters.

    Two names with the same skeleton can be taken for one another. Characters are replaced by those they look like (UTS
    39, https://www.unicode.org/reports/tr39/); accents and separators are left out. For comparing only, never shown.
    """
    decomposed = unicodedata.normalize("NFKD", key(name))
    letters = (char for char in decomposed if not unicodedata.combining(char) and char not in _PUNCTUATION)
    return "".join(map(_prototype, letters)).translate(_LOOK_ALIKE)[:SKELETON_LENGTH]


# Bounded: anybody can try names in all letters there are.
@lru_cache(maxsize=4096)
def _prototype(char: str) -> str:
    alike = confusables.confusables_data.get(char, ())
    # Characters that others are replaced by have a list of all these.
    prototype = alike[0]["c"] if len(alike) == 1 else char
    small_capital = _SMALL_CAPITAL.fullmatch(unicodedata.name(prototype, "")) if len(prototype) == 1 else None
    return (small_capital[1] if small_capital else str(prototype)).casefold()


def check(name: str, *, of_staff: bool = False) -> str:
    """Return the name as it will be shown, or raise Refused with the reason. Only staff may have reserved names."""
    shown = unicodedata.normalize("NFKC", name).strip()
    if not MIN_LENGTH <= len(shown) <= MAX_LENGTH:
        raise Refused(_("Use %(least)s to %(most)s characters.", least=MIN_LENGTH, most=MAX_LENGTH), "username")
    if not all(char.isalnum() or char in _PUNCTUATION for char in shown) or not shown[0].isalnum():
        raise Refused(_("Use letters and numbers, with . _ or - between. Start with a letter or number."), "username")
    if len(_scripts(shown)) > 1:
        raise Refused(_("Use letters from one alphabet. Mixed letters can imitate someone else’s name."), "username")
    if not of_staff and _looks_official(shown):
        raise Refused(_("That name sounds like someone who runs this site. Choose another."), "username")
    return shown


def _scripts(name: str) -> set[str]:
    # The first word of a character's Unicode name is its script for every alphabet: LATIN, GREEK, CYRILLIC, ...
    return {unicodedata.name(char, "?").split()[0] for char in name if char.isalpha()}


def _looks_official(name: str) -> bool:
    parts = [skeleton(part).rstrip("0123456789") for part in re.split(r"[-_.]|(?<=[a-z])(?=[A-Z])", name)]
    return any(_OFFICIAL.fullmatch(part) for part in (*parts, "".join(parts))) or bool(
        _SITE_NAMES.fullmatch(re.sub(r"[-_.]", "", key(name)))
    )


def _any_of(words: tuple[str, ...]) -> str:
    return "|".join(map(skeleton, words))


# A role in the singular or plural, with words beside it that make it sound no less official.
_OFFICIAL = re.compile(rf"(?:{_any_of(_BESIDE_ROLES)})*(?:(?:{_any_of(_ROLES)})s?(?:{_any_of(_BESIDE_ROLES)})*)+")
