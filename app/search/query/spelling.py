"""'Did you mean': another spelling of a word that hardly anything says, for a reader to take or leave.

Only words that public texts say now: candidates come from the index, which may still know words of what is gone, and
each is looked for, without what is masked, and read in a text before it is offered. A word that is part of any topic's
name is never corrected, and no word is taken for another that merely resembles it: written as they sound, the two may
differ in one letter (prednisone is not prednisolone, nor clobetasol clobetasone).
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

# With more results than this nobody is asked what they meant.
FEW = 3
SHORTEST = 4
MOST_CORRECTED = 3
# Candidates for a word that are looked for, and texts that are read to see how people write it.
MOST_TRIED = 5
MOST_READ = 5
# Letters that another spelling may have more or fewer: sounds are written with two.
MOST_LONGER = 3
# How much commoner another spelling has to be.
COMMONER = 3

_SOUNDS = [
    (re.compile(pattern), letter)
    for pattern, letter in (("ph", "f"), ("y", "i"), ("ck|[cq]", "k"), ("z", "s"), ("ae|oe", "e"), ("th", "t"))
]
_DOUBLED = re.compile(r"(.)\1+")
# With which letters a word may begin that sounds as if it began with another.
_BEGINNINGS = {"f": "fp", "p": "pf", "c": "ckq", "k": "kcq", "q": "qck", "s": "sz", "z": "zs", "i": "iy", "y": "yi"}


@dataclass(frozen=True)
class Correction:
    """What a reader may have meant: the whole query, and how much it finds."""

    text: str
    total: int


def did_you_mean(parsed: Parsed, hits: Hits, filters: IndexFilters, index: Index = MAIN) -> Correction | None:
    """Another spelling of a query that found little, if it finds more among the same. No comment says how a word is
    spelt, also not to who looks for comments.
    """
    if hits.total >= FEW:
        return None
    # Before the engine opens the index, see `visibility`.
    exclude = visibility.masked()
    text = parsed.text
    corrected: dict[Part, str] = {}
    try:
        for part in _doubtful(parsed):
            word = _better(part, exclude)
            if word is not None:
                corrected[part] = word
    except IndexUnavailable:
        # Then comments alone can be searched, and are.
        return None
    if not corrected:
        return None
    for part, word in sorted(corrected.items(), key=lambda each: each[0].place, reverse=True):
        start, end = part.place
        text = text[:start] + text[start:end].replace(part.text, word) + text[end:]
    parts = tuple(replace(part, text=corrected[part]) if part in corrected else part for part in parsed.parts)
    query, _told = understand(replace(parsed, text=text, parts=parts))
    total = engine(index).search(query, filters, exclude, limit=0).total
    return Correction(text, total) if total > hits.total else None


def _doubtful(parsed: Parsed) -> list[Part]:
    """The words that may be misspelled: neither quoted nor short, and in no name of a topic. One statement."""
    parts = [
        part
        for part in parsed.wanted
        if not part.quoted and not part.says_nothing and len(part.words) == 1 and part.text.isalpha()
    ]
    parts = [part for part in parts if len(part.text) >= SHORTEST]
    if not parts:
        return []
    words = {analysis.folded(part.text) for part in parts}
    padded = sa.literal(" ") + TopicName.key + " "
    keys = sa.select(TopicName.key).where(sa.or_(*(padded.contains(f" {word} ", autoescape=True) for word in words)))
    named = {word for key in db.session.scalars(keys) for word in key.split()}
    return [part for part in parts if analysis.folded(part.text) not in named][:MOST_CORRECTED]


def _better(part: Part, exclude: Collection[str]) -> str | None:
    """How people write the word that this one was probably meant to be."""
    said = _hits(part.words[0], exclude).total
    for candidate in _alike(part.words[0])[:MOST_TRIED]:
        hits = _hits(candidate, exclude)
        if hits.total > COMMONER * said:
            written = _written(candidate, hits, _sound(analysis.folded(part.text)))
            if written is not None:
                return written
    return None


def _hits(word: str, exclude: Collection[str]) -> Hits:
    clause = Clause(exact=((word,),), widened=False)
    return engine().search(Query(((clause,),)), IndexFilters(), exclude, limit=MOST_READ)


def _written(word: str, hits: Hits, sound: str) -> str | None:
    """How public texts write a word, as `analysis` compares it, if one of its forms is nearly what was typed."""
    forms: Counter[str] = Counter()
    for kind, number in map(split_key, hits.keys):
        for document in public_documents(kind, [number]):
            for text in (document.title, *document.names, document.text):
                found = (token for token in analysis.tokens(text) if token.text == word)
                forms.update(text[token.start : token.end].lower() for token in found)
    telling = (
        form for form, _count in forms.most_common() if len(form) >= SHORTEST and not analysis.is_stop_word(form)
    )
    return next((form for form in telling if _nearly(sound, _sound(analysis.folded(form)))), None)


def _alike(word: str) -> list[str]:
    """Words of the index that this one may be a misspelling of, likest first; all as `analysis` compares them."""
    sound = _sound(word)
    found = [
        (_sound(other) != sound, abs(len(other) - len(word)), other)
        for beginning in _BEGINNINGS.get(word[0], word[0])
        for other in engine().words_with_prefix(beginning)
        if other != word and abs(len(other) - len(word)) <= MOST_LONGER and _nearly(sound, _sound(other))
    ]
    return [other for _differs, _longer, other in sorted(found)]


def _sound(word: str) -> str:
    """A word written as it sounds."""
    for pattern, letter in _SOUNDS:
        word = pattern.sub(letter, word)
    return _DOUBLED.sub(r"\1", word)


def _nearly(one: str, other: str) -> bool:
    """Whether no more than one letter is missing, added or wrong, or two neighbours are swapped."""
    start = next(_differing(one, other), min(len(one), len(other)))
    one, other = one[start:], other[start:]
    end = next(_differing(one[::-1], other[::-1]), min(len(one), len(other)))
    one, other = one[: len(one) - end], other[: len(other) - end]
    return max(len(one), len(other)) <= 1 or (len(one) == 2 and one == other[::-1])


def _differing(one: str, other: str) -> Iterator[int]:
    return (at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right)
