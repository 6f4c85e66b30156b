"""What a word is: how texts, names and queries become the tokens that are compared.

The same for indexing, for searching and for marking the words of a snippet, and independent of any engine. Case,
accents, hyphens and apostrophes do not count, and letters part from digits: '5-FU', '5 FU' and '5fu' are the tokens
'5', 'fu' one after the other. English words are compared by their stems.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from whoosh.lang.porter import stem

_stem: Callable[[str], str] = stem  # which has no types

LONGEST = 64
"""Characters of a token that count: what somebody pasted without spaces must not fill the index."""

# A combining accent that has no precomposed letter belongs to its word; `\w` alone would cut there.
_LETTERS = r"(?:[^\W\d_]++[\u0300-\u036f]*+)++"
WORD = re.compile(rf"{_LETTERS}(?:['\u2019]{_LETTERS})*|\d+")
"""A word as it is written."""

# What people write around the words they mean. Indexed, so that phrases match word by word; left out of a query that
# says anything else.
_STOP_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        a about am an and any anybody anyone are as at be been but by can could did do does doing for from get had has
        have having he her him his how i if in into is it its just me my myself of on or our she should so some
        somebody someone that the their them then there they this to us was we were what when where which while who
        why will with would you your
        """,
    )
)


class Token(NamedTuple):
    """A word as it is compared, and where it stands in the text."""

    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The words of a text in their order."""
    return [Token(normal(match[0]), *match.span()) for match in WORD.finditer(text)]


def words(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return [normal(word) for word in WORD.findall(text)]


def written(text: str) -> list[tuple[str, str]]:
    """The words of a text as they are compared and as they are written, see `compared`."""
    return [compared(word) for word in WORD.findall(text)]


def apart(text: str) -> str:
    """The words of a text as they are written, letters parted from digits: '5fu' is '5 fu'."""
    return " ".join(WORD.findall(text))


def is_stop_word(word: str) -> bool:
    """Whether a word as typed says nothing by itself."""
    return word.casefold() in _STOP_WORDS


@lru_cache(maxsize=100_000)
def compared(word: str) -> tuple[str, str]:
    """A single word as it is compared, and as it is typed except for what does not count."""
    letters = folded(word)
    return _stem(letters) if letters.isascii() and letters.isalpha() else letters, letters


def normal(word: str) -> str:
    """A single word as it is compared."""
    return compared(word)[0]


def folded(word: str) -> str:
    """A single word, or its beginning, without what does not count, but not stemmed."""
    if word.isascii():
        return word[:LONGEST].lower().removesuffix("'s").replace("'", "")
    decomposed = unicodedata.normalize("NFKD", word[:LONGEST].casefold()).replace("\u2019", "'").removesuffix("'s")
    return "".join(char for char in decomposed if char != "'" and not unicodedata.combining(char))
