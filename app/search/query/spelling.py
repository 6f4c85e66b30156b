"""'Did you mean': offering another spelling of a word that hardly any document contains.

Corrections are words of texts that are public now. The term dictionary of the index, where candidates come from, may
still have words of deleted documents, so each candidate is searched for and seen in a public text before it is offered.
A word in the name of a topic is never corrected. Spelled as they sound, a word and its correction differ in at most one
letter: prednisone is not corrected to prednisolone, nor clobetasol to clobetasone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import sqlalchemy as sa

from app.foundation.database import db
from app.search.index import visibility
from app.search.index.document_readers import public_documents
from app.search.index.documents import split_key
from app.search.index.engine import Clause, Hits, IndexFilters, IndexUnavailable, Query
from app.search.index.registry import MAIN, Index, engine
from app.search.query import analysis
from app.search.query.parsing import Parsed, Part
from app.search.query.understanding import understand
from app.topics.models import TopicName

# With at least this many results no correction is offered.
FEW_RESULTS = 3
MIN_LENGTH = 4
MAX_CORRECTED = 3
# Candidates for a word that are searched for, and texts that are read for how the word is written.
MAX_CANDIDATES = 5
MAX_TEXTS_READ = 5
# By how many letters a correction may be longer or shorter: some sounds are written with two.
MAX_LENGTH_DIFFERENCE = 3
# How many times as frequent a correction has to be.
MIN_FREQUENCY_RATIO = 3

_SOUNDS = [
    (re.compile(pattern), letter)
    for pattern, letter in (("ph", "f"), ("y", "i"), ("ck|[cq]", "k"), ("z", "s"), ("ae|oe", "e"), ("th", "t"))
]
_REPEATED_LETTER = re.compile(r"(.)\1+")
# For the first letter of a word, the first letters of words that may sound the same.
_FIRST_LETTERS = {"f": "fp", "p": "pf", "c": "ckq", "k": "kcq", "q": "qck", "s": "sz", "z": "zs", "i": "iy", "y": "yi"}


@dataclass(frozen=True)
class Correction:
    """A corrected query, and the number of its results."""

    text: str
    total: int


def did_you_mean(parsed: Parsed, hits: Hits, filters: IndexFilters, index: Index = MAIN) -> Correction | None:
    """A correction of a query with few results, if it has more results with the same filters.

    `hits` are those of the query as typed. Candidates come from the main index even for a search among comments.
    """
    if hits.complete >= FEW_RESULTS:
        return None
    # Before the engine is asked, see `visibility.hidden_keys`.
    exclude = visibility.hidden_keys()
    text = parsed.text
    corrected: dict[Part, str] = {}
    try:
        for part in _possibly_misspelled(parsed):
            word = _correct_word(part, exclude)
            if word is not None:
                corrected[part] = word
    except IndexUnavailable:
        # The main index is missing, and the search was among comments.
        return None
    if not corrected:
        return None
    for part, word in sorted(corrected.items(), key=lambda each: each[0].span, reverse=True):
        start, end = part.span
        text = text[:start] + text[start:end].replace(part.text, word) + text[end:]
    parts = tuple(replace(part, text=corrected[part]) if part in corrected else part for part in parsed.parts)
    query, _recognised = understand(replace(parsed, text=text, parts=parts))
    total = engine(index).search(query, filters, exclude, limit=0).total
    return Correction(text, total) if total > hits.complete else None


def _possibly_misspelled(parsed: Parsed) -> list[Part]:
    """The words that may be misspelled: not quoted, not short, and in no name of a topic. One statement."""
    parts = [
        part
        for part in parsed.included
        if not part.quoted and not part.is_stop_word and len(part.words) == 1 and part.text.isalpha()
    ]
    parts = [part for part in parts if len(part.text) >= MIN_LENGTH]
    if not parts:
        return []
    words = {analysis.form_of(part.text) for part in parts}
    padded = sa.literal(" ") + TopicName.key + " "
    keys = sa.select(TopicName.key).where(sa.or_(*(padded.contains(f" {word} ", autoescape=True) for word in words)))
    named = {word for key in db.session.scalars(keys) for word in key.split()}
    return [part for part in parts if analysis.form_of(part.text) not in named][:MAX_CORRECTED]


def _correct_word(part: Part, exclude: Collection[str]) -> str | None:
    """The correction of a word, as public texts write it."""
    frequency = _hits(part.words[0], exclude).total
    for candidate in _similar_tokens(part.words[0])[:MAX_CANDIDATES]:
        hits = _hits(candidate, exclude)
        if hits.total > MIN_FREQUENCY_RATIO * frequency:
            written = _form_in_texts(candidate, hits, _phonetic(analysis.form_of(part.text)))
            if written is not None:
                return written
    return None


def _hits(word: str, exclude: Collection[str]) -> Hits:
    clause = Clause(exact=((word,),), widened=False)
    return engine().search(Query(((clause,),)), IndexFilters(), exclude, limit=MAX_TEXTS_READ)


def _form_in_texts(word: str, hits: Hits, sound: str) -> str | None:
    """The most frequent form of a token in the texts of these hits that sounds nearly like what was typed."""
    forms: Counter[str] = Counter()
    for kind, number in map(split_key, hits.keys):
        for document in public_documents(kind, [number]):
            for text in (document.title, *document.names, document.text):
                found = (token for token in analysis.tokens(text) if token.text == word)
                forms.update(text[token.start : token.end].lower() for token in found)
    candidates = (
        form for form, _count in forms.most_common() if len(form) >= MIN_LENGTH and not analysis.is_stop_word(form)
    )
    return next((form for form in candidates if _within_one_edit(sound, _phonetic(analysis.form_of(form)))), None)


def _similar_tokens(word: str) -> list[str]:
    """Tokens of the index that sound nearly like this token, the most similar first."""
    sound = _phonetic(word)
    found = [
        (_phonetic(other) != sound, abs(len(other) - len(word)), other)
        for beginning in _FIRST_LETTERS.get(word[0], word[0])
        for other in engine().words_with_prefix(beginning)
        if other != word
        and abs(len(other) - len(word)) <= MAX_LENGTH_DIFFERENCE
        and _within_one_edit(sound, _phonetic(other))
    ]
    return [other for _differs, _longer, other in sorted(found)]


def _phonetic(word: str) -> str:
    """A word spelled as it sounds."""
    for pattern, letter in _SOUNDS:
        word = pattern.sub(letter, word)
    return _REPEATED_LETTER.sub(r"\1", word)


def _within_one_edit(one: str, other: str) -> bool:
    """Whether two words are the same but for one letter missing, added or wrong, or two neighbours swapped."""
    start = next(_differences(one, other), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    end = next(_differences(one[::-1], other[::-1]), min(len(one), len(other)))
    one, other = one[: len(one) - end], other[: len(other) - end]
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])


def _differences(one: str, other: str) -> Iterator[int]:
    return (at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right)
