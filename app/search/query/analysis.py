"""Analysis: how texts, names and queries are turned into tokens.

The same for indexing, searching and highlighting, and for every engine. Case, accents, hyphens and apostrophes are
ignored, and letters are separated from digits: '5-FU', '5 FU' and '5fu' are the tokens '5' and 'fu'. Tokens are stems
in the language of the site. Each token has a form: the word as written, folded but not stemmed.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple

import Stemmer
from flask import Flask, current_app
from whoosh.lang import stopwords_for_language

from config import ConfigurationError

ENGLISH = "en"
LANGUAGES = {
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "hu": "hungarian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "sv": "swedish",
}
"""The languages with stop words in every version of Whoosh, and their Snowball stemmers. French and Italian are not
supported, since elisions ('l\u2019eczéma') would have to be split first, nor are other alphabets than the Latin one."""

MAX_TOKEN_LENGTH = 64
"""Characters of a token; the rest is cut off, so that text pasted without spaces does not fill the index."""

# Words whose tokens are cached: more than a text of any length repeats, and about 10 MB if somebody sends nonsense.
CACHED_WORDS = 50_000

# A combining accent that has no precomposed letter belongs to its word; `\w` alone would cut there.
_LETTERS = r"(?:[^\W\d_]++[\u0300-\u036f]*+)++"
WORD = re.compile(rf"{_LETTERS}(?:['\u2019]{_LETTERS})*|\d+")
"""Matches a word as written."""

# Stop words are indexed, so that phrases can contain them, and left out of queries that have other words. The lists of
# other languages come with Whoosh.
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


# American spellings of British words, and the singular of words from Greek, so that either finds the other.
_ENGLISH_SPELLINGS = [
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"(?<=..[a-z])(?<![en]c)is(?=(?:e[drs]?|ing|ations?|ers)$)", "iz"),  # moisturising, hospitalised
        (r"(?<=.[bdlmnptv])our(?=(?:s|ed|ing|less|ful)?$)", "or"),  # colour, tumour
        (r"(?<=avi)our(?=(?:s|al)?$)", "or"),  # behaviour
        (r"(?<=[nhlck])ae(?=[mst])", "e"),  # anaemia, haemorrhage, anaesthetic
        (r"(?<=gyn)ae|(?<=^p)ae(?=d)|(?<=^c)ae(?=sar)", "e"),  # gynaecologist, paediatric, caesarean
        (r"^oe(?=dem|str|sop)|(?<=rrh)oe|(?<=^f)oe(?=t)", "e"),  # oedema, oestrogen, diarrhoea, foetus
        (r"(?<=at|gn|ur|ch|mb|er|br|cr)oses$", "osis"),  # keratoses, diagnoses
        (r"(?<=ast)ases$", "asis"),  # metastases
    )
]


class Token(NamedTuple):
    """A token, with the start and end of its word in the text."""

    text: str
    start: int
    end: int


class Language:
    """The analysis of one language."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._stemmer = _Stemmer(LANGUAGES[code])
        self._spellings = _ENGLISH_SPELLINGS if code == ENGLISH else []
        self.stop_words = (
            _ENGLISH_STOP_WORDS
            if code == ENGLISH
            else frozenset(form for word in stopwords_for_language(code) for form in (word, form_of(word)))
        )
        self.compared = lru_cache(maxsize=CACHED_WORDS)(self._compared)

    def _compared(self, word: str) -> tuple[str, str]:
        """(token, form) of a single word."""
        letters = form_of(word)
        if not (letters.isascii() and letters.isalpha()):
            return letters, letters
        spelled = letters
        for pattern, replacement in self._spellings:
            spelled = pattern.sub(replacement, spelled)
        return self._stemmer.stem(spelled), letters


class _Stemmer(threading.local):
    """A Snowball stemmer for each thread: they must not be shared. What they return is cached by `Language`."""

    def __init__(self, algorithm: str) -> None:
        self.stem: Callable[[str], str] = Stemmer.Stemmer(algorithm, maxCacheSize=0).stemWord


_language = cache(Language)


def language() -> Language:
    """The language of the running application; English without one."""
    return _language(current_app.config["SEARCH_LANGUAGE"] if current_app else ENGLISH)


def init_app(app: Flask) -> None:
    """Choose the language: SALVE_SEARCH_LANGUAGE, else the language of the site if it is supported, else English.

    Raises ConfigurationError if SALVE_SEARCH_LANGUAGE is not supported.
    """
    code = app.config["SEARCH_LANGUAGE"]
    if code and code not in LANGUAGES:
        raise ConfigurationError(f"SALVE_SEARCH_LANGUAGE must be one of {', '.join(LANGUAGES)}, not {code!r}.")
    of_site = app.config["BABEL_DEFAULT_LOCALE"].partition("_")[0].lower()
    app.config["SEARCH_LANGUAGE"] = code or (of_site if of_site in LANGUAGES else ENGLISH)


def tokens(text: str) -> list[Token]:
    """The tokens of a text in order."""
    compared = language().compared
    return [Token(compared(match[0])[0], *match.span()) for match in WORD.finditer(text)]


def words(text: str) -> list[str]:
    """The tokens of a text in order, without their places."""
    return [word for word, _form in tokens_and_forms(text)]


def tokens_and_forms(text: str) -> list[tuple[str, str]]:
    """(token, form) of each word of a text, in order."""
    return list(map(language().compared, WORD.findall(text)))


def split_words(text: str) -> str:
    """The words of a text as written, with letters separated from digits: '5 fu' for '5fu'."""
    return " ".join(WORD.findall(text))


def is_stop_word(word: str) -> bool:
    """Whether a word as written is a stop word."""
    return word.casefold() in language().stop_words


def token_of(word: str) -> str:
    """The token of a single word."""
    return language().compared(word)[0]


def form_of(word: str) -> str:
    """The form of a single word, or of the beginning of one: folded, but not stemmed."""
    if word.isascii():
        return word[:MAX_TOKEN_LENGTH].lower().removesuffix("'s").replace("'", "")
    decomposed = (
        unicodedata.normalize("NFKD", word[:MAX_TOKEN_LENGTH].casefold()).replace("\u2019", "'").removesuffix("'s")
    )
    return "".join(char for char in decomposed if char != "'" and not unicodedata.combining(char))
