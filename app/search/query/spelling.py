"""'Did you mean': offering another spelling of a word.

A word is compared with the names of topics and with the words of public texts, letter by letter and as it sounds; what
is closest, is a name, or is frequent comes first. Where there are results enough, only a name with many times more of
them is offered: patients share the misspellings of names ('welbutrin').

Corrections lead to texts that are public now. The term dictionary of the index, where candidates come from, may still
have words of deleted documents, so each candidate is searched for and seen in a public text before it is offered. A
word in the name of a topic is never corrected, a word that could be a misspelling of two treatments neither, and no
word becomes a name that is two letters away and sounds different: prednisone is not corrected to prednisolone.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from app.search.index import visibility
from app.search.index.document_readers import public_documents
from app.search.index.documents import split_key
from app.search.index.engine import Clause, Hits, IndexFilters, IndexUnavailable, Query
from app.search.index.registry import MAIN, Index, engine
from app.search.query import analysis
from app.search.query.name_words import NameWords, name_words
from app.search.query.parsing import Parsed, Part
from app.search.query.questions import words_of_questions
from app.search.query.understanding import understand

# With at least this many results only names are offered.
FEW_RESULTS = 3
MIN_LENGTH = 4
# Of shorter words, another name is more often another word than a correction.
MIN_NAME_LENGTH = 6
MAX_CORRECTED = 3
# From this length on, a word may differ from a correction in two letters.
LONG_WORD = 8
# Candidates for a word that are searched for, and texts that are read for how the word is written.
MAX_CANDIDATES = 8
MAX_TEXTS_READ = 5
# How many times as frequent a correction has to be: with few results, and with enough.
MIN_FREQUENCY_RATIO = 3
MIN_FREQUENCY_RATIO_OF_NAMES = 10

# Letters of an ending that a token may lack.
MAX_ENDING = 5

_SOUNDS = [
    (re.compile(pattern), letter)
    for pattern, letter in (
        ("ph", "f"),
        ("y", "i"),
        ("ck|[cq]", "k"),
        ("z", "s"),
        ("ae|oe", "e"),
        ("th", "t"),
        ("x", "ks"),
    )
]
_REPEATED_LETTER = re.compile(r"(.)\1+")
# For the first letter of a word, the first letters of words that may sound the same.
_FIRST_LETTERS = {"f": "fp", "p": "pf", "c": "ckq", "k": "kcq", "q": "qck", "s": "sz", "z": "zs", "i": "iy", "y": "yi"}


@dataclass(frozen=True)
class Correction:
    """A corrected query, and the number of its results."""

    text: str
    total: int


@dataclass(frozen=True)
class _Candidate:
    """A token that may have been meant, and how far it is from what was typed, see `_distance`.

    A `name` is a word of names of topics, `topics` are their ids. Of other tokens the distance is a first guess: how
    they are written is not known until texts are read.
    """

    token: str
    distance: float
    name: str | None = None
    topics: frozenset[int] = frozenset()


def did_you_mean(parsed: Parsed, hits: Hits, filters: IndexFilters, index: Index = MAIN) -> Correction | None:
    """A correction of a query, if it has more results with the same filters.

    `hits` are those of the query as typed. Candidates come from the main index even for a search among comments.
    """
    names = name_words()
    only_names = hits.complete >= FEW_RESULTS
    suspects = {part: list(_similar_names(part, names)) for part in _possibly_misspelled(parsed, names)}
    if only_names:
        suspects = {part: similar for part, similar in suspects.items() if similar}
    if not suspects:
        return None
    # Before the engine is asked, see `visibility.hidden_keys`.
    exclude = visibility.hidden_keys()
    try:
        corrected = {
            part: word
            for part, similar in suspects.items()
            if (word := _correct_word(part, similar, names, exclude, only_names=only_names)) is not None
        }
    except IndexUnavailable:
        # The main index is missing, and the search was among comments.
        return None
    if not corrected:
        return None
    text = parsed.text
    for part, word in sorted(corrected.items(), key=lambda each: each[0].span, reverse=True):
        start, end = part.span
        text = text[:start] + text[start:end].replace(part.text, word) + text[end:]
    parts = tuple(replace(part, text=corrected[part]) if part in corrected else part for part in parsed.parts)
    query, _recognised = understand(replace(parsed, text=text, parts=parts))
    total = engine(index).search(query, filters, exclude, limit=0).total
    return Correction(text, total) if total > hits.complete else None


def _possibly_misspelled(parsed: Parsed, names: NameWords) -> list[Part]:
    """The words that may be misspelled: not quoted, not short, in no name of a topic and in no question."""
    parts = [
        part
        for part in parsed.included
        if not part.quoted and not part.is_stop_word and len(part.words) == 1 and part.text.isalpha()
    ]
    known = {*names.topics, *words_of_questions()}
    long_enough = [part for part in parts if len(part.text) >= MIN_LENGTH]
    return [part for part in long_enough if analysis.form_of(part.text) not in known][:MAX_CORRECTED]


def _correct_word(
    part: Part, similar: Sequence[_Candidate], names: NameWords, exclude: Collection[str], *, only_names: bool
) -> str | None:
    """The correction of a word, as names or public texts write it. `similar` are names that are close to it."""
    typed = analysis.form_of(part.text)
    if _is_ambiguous(similar):
        return None
    if only_names:
        candidates = [each for each in similar if each.name and len(each.name) >= MIN_NAME_LENGTH]
    else:
        candidates = [*similar, *_similar_tokens(part, names)]
    if not candidates:
        return None
    least = _hits(Clause(exact=(part.words,), widened=False), exclude).total
    least *= MIN_FREQUENCY_RATIO_OF_NAMES if only_names else MIN_FREQUENCY_RATIO
    best: tuple[float, str] | None = None
    for candidate in sorted(candidates, key=lambda each: (each.distance, each.name is None))[:MAX_CANDIDATES]:
        hits = _hits(Clause(exact=((candidate.token,),), topics=tuple(candidate.topics)), exclude)
        if hits.total <= least:
            continue
        written = candidate.name or _form_in_texts(candidate.token, hits, typed)
        distance = _distance(typed, analysis.form_of(written)) if written else None
        if written is None or distance is None:
            continue
        # A letter weighs like a hundred times the frequency, a name like ten times.
        rank = math.log10(1 + hits.total) + bool(candidate.name) - 2 * distance
        best = max(best or (rank, written), (rank, written))
    return best[1] if best else None


def _is_ambiguous(names: Sequence[_Candidate]) -> bool:
    """Whether names of different topics differ in equally many letters: nobody is led from one drug to another."""
    least = min((each.distance for each in names), default=0.0)
    closest: dict[str, frozenset[int]] = {}
    for each in names:
        if int(each.distance) == int(least):
            closest[each.token] = closest.get(each.token, frozenset()) | each.topics
    return len(closest) > 1 and not frozenset.intersection(*closest.values())


def _hits(clause: Clause, exclude: Collection[str]) -> Hits:
    return engine().search(Query(((clause,),)), IndexFilters(), exclude, limit=MAX_TEXTS_READ)


def _form_in_texts(word: str, hits: Hits, typed: str) -> str | None:
    """The most frequent form of a token in the texts of these hits that is close to what was typed."""
    forms: Counter[str] = Counter()
    for kind, number in map(split_key, hits.keys):
        for document in public_documents(kind, [number]):
            for text in (document.title, *document.names, document.text):
                found = (token for token in analysis.tokens(text) if token.text == word)
                forms.update(text[token.start : token.end].lower() for token in found)
    written = (
        form for form, _count in forms.most_common() if len(form) >= MIN_LENGTH and not analysis.is_stop_word(form)
    )
    return next((form for form in written if _distance(typed, analysis.form_of(form)) is not None), None)


def _similar_names(part: Part, names: NameWords) -> Iterator[_Candidate]:
    """The words of names that are close to a word."""
    typed = analysis.form_of(part.text)
    for word in _within_two_edits(typed, names.words):
        distance = _distance(typed, word)
        if distance is not None and len(word) >= MIN_LENGTH and not analysis.is_stop_word(word):
            yield _Candidate(analysis.token_of(word), distance, word, names.topics[word])


def _similar_tokens(part: Part, names: NameWords) -> Iterator[_Candidate]:
    """The tokens of the index that are close to a word, to its token, or to its beginning: the mistake may be in the
    ending, which tokens do not have.
    """
    typed, token = analysis.form_of(part.text), part.words[0]
    # Too many words of four letters differ in one.
    if len(typed) <= MIN_LENGTH:
        return iter(())
    tokens = [
        other
        for beginning in _FIRST_LETTERS.get(token[0], token[0])
        for other in engine().words_with_prefix(beginning)
        if other != token and other not in names.topics and len(other) > 2
    ]
    beginnings = {typed[:length] for length in range(max(MIN_LENGTH, len(typed) - MAX_ENDING), len(typed))}
    guesses: dict[str, float] = {}
    for word in (typed, token, *beginnings):
        for other in _within_two_edits(word, tokens):
            distance = _distance(word, other)
            if distance is not None:
                guesses[other] = min(distance + (word in beginnings), guesses.get(other, math.inf))
    return (_Candidate(other, distance) for other, distance in guesses.items())


def _within_two_edits(word: str, others: Sequence[str]) -> list[str]:
    found = process.extract(word, others, scorer=OSA.distance, score_cutoff=2, limit=None)
    return [other for other, _distance, _place in found]


def _distance(one: str, other: str) -> float | None:
    """How far two words are from each other: letters missing, added, wrong or swapped, and a little for how differently
    they sound. None if it is too far for one to be meant by the other.
    """
    letters = OSA.distance(one, other)
    sounds = OSA.distance(_phonetic(one), _phonetic(other))
    if letters > 2 or (letters == 2 and sounds > (len(one) >= LONG_WORD)) or sounds > 2:
        return None
    return letters + 0.3 * sounds


def _phonetic(word: str) -> str:
    """A word spelled as it sounds."""
    for pattern, letter in _SOUNDS:
        word = pattern.sub(letter, word)
    return _REPEATED_LETTER.sub(r"\1", word)
