"""What a word is: how texts, names and queries become the tokens that are compared.

The same for indexing, for searching and for marking the words of a snippet, and independent of any engine. Case,
accents, hyphens and apostrophes do not count, and letters part from digits: '5-FU', '5 FU' and '5fu' are the tokens
'5', 'fu' one after the other. Words are compared by their stems, in the language of the site.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, NamedTuple

from flask import Flask, current_app
from whoosh import lang as whoosh_lang

from config import ConfigurationError

# Which has no types.
_lang: Any = whoosh_lang

ENGLISH = "en"
LANGUAGES = ("da", "de", "en", "es", "fi", "hu", "nl", "no", "pt", "sv")
"""For which stems and stop words come with every Whoosh. French and Italian are not among them, since what is elided
('l\u2019eczéma') would have to be parted first, nor is any other alphabet than the Latin."""

LONGEST = 64
"""Characters of a token that count: what somebody pasted without spaces must not fill the index."""

# A combining accent that has no precomposed letter belongs to its word; `\w` alone would cut there.
_LETTERS = r"(?:[^\W\d_]++[\u0300-\u036f]*+)++"
WORD = re.compile(rf"{_LETTERS}(?:['\u2019]{_LETTERS})*|\d+")
"""A word as it is written."""

# What people write around the words they mean. Indexed, so that phrases match word by word; left out of a query that
# says anything else. The words of other languages are Whoosh's.
_ENGLISH_STOP_WORDS = frozenset(
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


class Language:
    """The words of one language."""

    def __init__(self, code: str) -> None:
        # Porter's first stemmer is several times faster than his second, and English is what most texts are in.
        self._stem: Callable[[str], str] = _lang.stemmer_for_language("en_porter" if code == ENGLISH else code)
        self.stop_words = (
            _ENGLISH_STOP_WORDS
            if code == ENGLISH
            else frozenset(form for word in _lang.stopwords_for_language(code) for form in (word, folded(word)))
        )
        self.compared = lru_cache(maxsize=100_000)(self._compared)

    def _compared(self, word: str) -> tuple[str, str]:
        """A single word as it is compared, and as it is typed except for what does not count."""
        letters = folded(word)
        return self._stem(letters) if letters.isascii() and letters.isalpha() else letters, letters


_language = cache(Language)


def language() -> Language:
    """The language of the running site; English where none runs."""
    return _language(current_app.config["SEARCH_LANGUAGE"] if current_app else ENGLISH)


def init_app(app: Flask) -> None:
    """Settle the language: the one that is set, else that of the site, if its words are known, else English.

    Raises ConfigurationError for one that is not known.
    """
    code = app.config["SEARCH_LANGUAGE"]
    if code and code not in LANGUAGES:
        raise ConfigurationError(f"SALVE_SEARCH_LANGUAGE must be one of {', '.join(LANGUAGES)}, not {code!r}.")
    of_site = app.config["BABEL_DEFAULT_LOCALE"].partition("_")[0].lower()
    app.config["SEARCH_LANGUAGE"] = code or (of_site if of_site in LANGUAGES else ENGLISH)


def tokens(text: str) -> list[Token]:
    """The words of a text in their order."""
    compared = language().compared
    return [Token(compared(match[0])[0], *match.span()) for match in WORD.finditer(text)]


def words(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return [word for word, _form in written(text)]


def written(text: str) -> list[tuple[str, str]]:
    """The words of a text as they are compared, and as they are written except for what does not count."""
    return list(map(language().compared, WORD.findall(text)))


def apart(text: str) -> str:
    """The words of a text as they are written, letters parted from digits: '5fu' is '5 fu'."""
    return " ".join(WORD.findall(text))


def is_stop_word(word: str) -> bool:
    """Whether a word as typed says nothing by itself."""
    return word.casefold() in language().stop_words


def normal(word: str) -> str:
    """A single word as it is compared."""
    return language().compared(word)[0]


def folded(word: str) -> str:
    """A single word, or its beginning, without what does not count, but not stemmed."""
    if word.isascii():
        return word[:LONGEST].lower().removesuffix("'s").replace("'", "")
    decomposed = unicodedata.normalize("NFKD", word[:LONGEST].casefold()).replace("\u2019", "'").removesuffix("'s")
    return "".join(char for char in decomposed if char != "'" and not unicodedata.combining(char))
