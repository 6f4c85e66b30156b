"""Random documents, queries and filters for tests of engines, and filters as plain Python."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from hypothesis import strategies as st

from app.search.index.documents import Document
from app.search.index.engine import Clause, IndexFilters, Query
from app.search.query import analysis

WORDS = ["itch", "burns", "week", "burn", "red", "not", "at", "all", "peel", "rare", "weeks"]
OUTCOMES = ["not_at_all", "slightly", "moderately", "very_well", "too_early"]
KINDS = ("story", "topic", "article", "comment")


def a_document(chance: random.Random, number: int) -> Document:
    """Like a story, drawn at random: topics 1 to 4 are conditions, 11 to 14 treatments, 21 to 23 side effects."""

    def words(most: int) -> str:
        return " ".join(chance.choices(WORDS, weights=range(len(WORDS), 0, -1), k=chance.randint(0, most)))

    kinds = ["story", "story", "story", "article", "comment", "topic"]
    conditions = tuple(chance.sample(range(1, 5), chance.randint(0, 1)))
    treatments = tuple(chance.sample(range(11, 15), chance.randint(0, 3)))
    effects = tuple(chance.sample(range(21, 24), chance.randint(0, 2)))
    # A treatment that was tried twice may have two outcomes.
    outcomes = [(topic, chance.choice(OUTCOMES)) for topic in treatments * 2 if chance.random() < 0.5]
    return Document(
        kind=chance.choice(kinds),
        id=number,
        title=words(4),
        names=(words(2),),
        synonyms=(words(2),),
        text=words(60),
        topics=(*conditions, *treatments, *effects),
        conditions=conditions,
        treatments=treatments,
        within=(f"{chance.choice(kinds)}:{chance.randint(1, 20)}",) if chance.random() < 0.1 else (),
        published_at=datetime(chance.randint(2018, 2025), 3, 14, 12, number % 60, tzinfo=UTC),
        side_effects=effects,
        outcomes=tuple(dict.fromkeys(outcomes)),
        helpful=chance.choice([0, 0, 0, 3, 12]),
    )


def passes(document: Document, filters: IndexFilters) -> bool:
    """Whether a document passes filters, by what `IndexFilters` says of them."""
    return (
        (not filters.kinds or document.kind in filters.kinds)
        and (not filters.conditions or bool({*document.conditions} & {*filters.conditions}))
        and (not filters.side_effects or bool({*document.side_effects} & {*filters.side_effects}))
        and (not filters.years or document.published_at.year in filters.years)
        and passes_treatments(document, filters)
    )


def passes_treatments(document: Document, filters: IndexFilters) -> bool:
    if filters.treatments and filters.outcomes:
        return any(topic in filters.treatments and how in filters.outcomes for topic, how in document.outcomes)
    if filters.treatments:
        return bool({*document.treatments} & {*filters.treatments})
    return not filters.outcomes or bool({how for _topic, how in document.outcomes} & {*filters.outcomes})


# --- Clauses ---


def a_clause(*words: str, **more: object) -> Clause:
    return Clause(exact=tuple(tuple(analysis.words(each)) for each in words), **more)


def quoted(words: str) -> Clause:
    return Clause.quoted(tuple(analysis.words(words)), tuple(words.split()))


def asking(*words: str) -> Query:
    """A query for all of these words, each in a group of its own."""
    return Query(tuple((a_clause(word),) for word in words))


# --- Strategies ---

single = st.sampled_from(WORDS)
phrase = st.lists(single, min_size=1, max_size=3).map(" ".join)
quoted_clauses = st.lists(single, min_size=1, max_size=3).map(lambda words: quoted(" ".join(words)))
plain_clauses = st.lists(phrase, min_size=1, max_size=2).map(lambda words: a_clause(*words, widened=False))
wide_clauses = st.builds(
    lambda words, topics, others: a_clause(
        *words, topics=tuple(topics), others=tuple(tuple(other.split()) for other in others)
    ),
    st.lists(phrase, min_size=1, max_size=2),
    st.lists(st.sampled_from([1, 2, 11, 12, 21]), max_size=2, unique=True),
    st.lists(phrase, max_size=2, unique=True),
)
clauses = plain_clauses | wide_clauses | quoted_clauses
queries = st.builds(
    Query,
    st.lists(st.lists(clauses, min_size=1, max_size=2).map(tuple), max_size=3).map(tuple),
    st.lists(plain_clauses | quoted_clauses, max_size=1).map(tuple),
)


def some(*values: object) -> st.SearchStrategy[tuple[object, ...]]:
    return st.just(()) | st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


filterings = st.builds(
    IndexFilters,
    kinds=some("story", "article", "comment"),
    conditions=some(1, 2, 3, 99),
    treatments=some(11, 12, 13, 99),
    outcomes=some(*OUTCOMES),
    side_effects=some(21, 22),
    years=some(2018, 2020, 2024, 1999),
)
