"""The scores of ranking by the book: BM25F with one saturation, and words close together, counted from the texts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from statistics import mean

from app.search.index.documents import Document
from app.search.index.weights import DEFAULT_WEIGHTS, PROXIMITY_WINDOW, WORD_FIELDS
from app.search.query import analysis

Fields = Mapping[str, Sequence[str]]
CLOSE_FIELDS = ("title", "text")


def scores(documents: Sequence[Document], words: Sequence[str]) -> dict[str, float]:
    """The scores of documents for a query of these words, each in a group of its own, by key."""
    tokens = {
        each.key: {
            "title": analysis.words(each.title),
            "names": analysis.words("\n".join(each.names)),
            "text": analysis.words(each.text),
        }
        for each in documents
    }
    lengths = {field: mean(len(fields[field]) for fields in tokens.values()) for field in WORD_FIELDS}
    query = [analysis.token_of(word) for word in words]

    def weighted(fields: Fields, count: Callable[[Sequence[str]], int], among: Sequence[str]) -> float:
        weights = DEFAULT_WEIGHTS
        total = 0.0
        for field in among:
            norm = 1 - weights.b + weights.b * len(fields[field]) / (lengths[field] or 1)
            total += weights.fields[field] * count(fields[field]) / norm
        return total * (weights.k1 + 1) / (total + weights.k1)

    def idf(word: str) -> float:
        having = sum(any(word in fields[field] for field in WORD_FIELDS) for fields in tokens.values())
        return math.log(1 + (len(tokens) - having + 0.5) / (having + 0.5))

    def score(fields: Fields) -> float:
        total = sum(
            idf(word) * weighted(fields, lambda text, word=word: text.count(word), WORD_FIELDS) for word in query
        )
        for one, other in pairwise(query):
            factor = DEFAULT_WEIGHTS.proximity * min(idf(one), idf(other))
            total += factor * weighted(fields, lambda text, pair=(one, other): _close(text, *pair), CLOSE_FIELDS)
        return total

    return {key: score(fields) for key, fields in tokens.items()}


def _close(text: Sequence[str], one: str, other: str) -> int:
    """How often one word has another at most PROXIMITY_WINDOW words away."""
    others = [place for place, word in enumerate(text) if word == other]
    places = (place for place, word in enumerate(text) if word == one)
    return sum(any(abs(place - each) <= PROXIMITY_WINDOW for each in others) for place in places)
