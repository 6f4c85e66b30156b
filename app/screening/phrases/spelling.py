"""Reading careless spelling: words in their usual form, with the way back to the text as it was written.

For searches that look for phrases people write in haste: without apostrophes ('cant'), in capitals, with letters
missing or exchanged ('sucidal'). A word is taken for a misspelling of one of a few words only if it is no English word
itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from app.screening.marks import lower_same_length, normalised_characters

MAX_WORD_LENGTH = 40
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_PUNCTUATION = re.compile(r"[.!?;:]|\n\s*\n")

# Contractions with and without their apostrophe, and what people write for words of the phrases. Not 'wont', which is
# also a misspelling of 'want'.
_CONTRACTIONS = {
    **{
        f"{verb}{end}": f"{full} not"
        for verb, full in {
            "do": "do", "does": "does", "did": "did", "is": "is", "was": "was", "are": "are", "were": "were",
            "have": "have", "has": "has", "had": "had", "could": "could", "would": "would", "should": "should",
            "ca": "can", "might": "might", "must": "must",
        }.items()
        for end in ("n't", "nt")
    },
    "cannot": "can not", "won't": "will not", "ain't": "am not", "aint": "am not", "dnt": "do not", "cnt": "can not",
    "i'm": "i am", "im": "i am", "iam": "i am", "i've": "i have", "ive": "i have", "iv": "i have", "i'd": "i would",
    "i'll": "i will", "he's": "he is", "hes": "he is", "she's": "she is", "shes": "she is", "it's": "it is",
    "they're": "they are", "they'd": "they would", "everyone'd": "everyone would", "life's": "life is",
    "there's": "there is", "theres": "there is", "what's": "what is", "whats": "what is", "wats": "what is",
    "we'd": "we would", "you'd": "you would", "who'd": "who would", "nobody'd": "nobody would",
    "wanna": "want to", "wana": "want to", "gonna": "going to", "gona": "going to", "gunna": "going to",
    "anymore": "any more", "nemore": "any more", "anymroe": "any more", "b4": "before",
    "wud": "would", "cud": "could", "wen": "when", "wiv": "with", "wat": "what", "bin": "been", "n": "and",
    "hav": "have", "every1": "everyone", "evry1": "everyone", "evryone": "everyone", "no1": "nobody", "ded": "dead",
    "dieing": "dying", "diing": "dying", "kil": "kill", "kiled": "killed", "killd": "killed", "pils": "pills",
    "tryed": "tried", "tryd": "tried", "meself": "myself", "hisself": "himself", "liv": "live", "livng": "living",
    "agen": "again", "dosent": "does not", "wnat": "want", "wantd": "wanted", "rists": "wrists", "endin": "ending",
    "endding": "ending", "livin": "living", "cuttin": "cutting", "hurtin": "hurting", "killin": "killing",
    "thinkin": "thinking", "burnin": "burning", "jumpin": "jumping", "bein": "being", "hangin": "hanging",
    "reson": "reason", "cuting": "cutting",
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """The words of a text in their usual form, one blank between them, and ' . ' between sentences."""

    text: str
    _starts: list[int]
    _source: list[tuple[int, int]]

    def source(self, start: int, end: int) -> tuple[int, int]:
        """The position in the source of the words that a passage of `text` touches."""
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1) - 1
        return self._source[first][0], self._source[last][1]


class Spelling:
    """Reads words, and misspellings of `keywords`, each with the number of letters that may be wrong.

    `no_misspellings` are the English words that are as similar to a keyword as a misspelling would be.
    """

    def __init__(self, keywords: Mapping[str, int], no_misspellings: frozenset[str]) -> None:
        self._keywords = keywords
        self._no_misspellings = no_misspellings | keywords.keys()
        self._shortest = min(len(word) - most for word, most in keywords.items())
        self._longest = max(len(word) + most for word, most in keywords.items())
        self._initials = frozenset(word[0] for word in keywords)
        # Bounded, so that texts full of invented words cannot fill the memory.
        self._keyword_for = lru_cache(maxsize=10_000)(self._nearest_keyword)

    def words(self, text: str) -> Words:
        """Read a text. Takes time in proportion to its length."""
        plain = lower_same_length(normalised_characters(text))
        written: list[str] = []
        starts: list[int] = []
        source: list[tuple[int, int]] = []
        length = end = 0
        for token in _TOKEN.finditer(plain):
            gap = " . " if _PUNCTUATION.search(plain, end, token.start()) else " "
            word = self._usual_form(token.group())
            starts.append(length + len(gap))
            source.append(token.span())
            written += (gap, word)
            length += len(gap) + len(word)
            end = token.end()
        return Words("".join(written) + " .", starts or [0], source or [(0, 0)])

    def _usual_form(self, word: str) -> str:
        usual = _CONTRACTIONS.get(word)
        if usual is not None:
            return usual
        if not self._shortest <= len(word) <= self._longest:
            # The beginning of a very long word is enough, and the phrases are searched for in linear time.
            return word[:MAX_WORD_LENGTH]
        if word[0] not in self._initials or word in self._no_misspellings:
            return word
        return self._keyword_for(word)

    def _nearest_keyword(self, word: str) -> str:
        near = [
            (distance, keyword)
            for keyword, most in self._keywords.items()
            if keyword[0] == word[0] and (distance := OSA.distance(keyword, word, score_cutoff=most)) <= most
        ]
        return min(near)[1] if near else word
