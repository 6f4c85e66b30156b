"""Searching with Whoosh alone: what the arrays of `ranking` and `facets` are held against.

Slow, and written to be read: a query of Whoosh says what is found, Whoosh weighs it and puts it in order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from whoosh import query as whoosh_query

from app.search.documents import key_of
from app.search.engine import Clause, Filters, Query, Words
from app.search.weights import OWN_WORDS, PAGE_OF_TOPIC, WIDENED

q: Any = whoosh_query


def ranked(searcher: Any, query: Query, filters: Filters) -> list[str]:
    """The keys of all documents found, best first; of no query in no order."""
    wanted = full_query(query, filters)
    numbers = [number for number, _score in searcher.search(wanted, limit=None).items()]
    exact = set(searcher.docs_for_query(exact_query(query))) if query.groups else set(numbers)
    numbers = [each for each in numbers if each in exact] + [each for each in numbers if each not in exact]
    # Whoosh's own ANDNOT lets some of what it should leave out through, where that is a sum of several fields.
    left_out = {number for clause in query.excluded for number in searcher.docs_for_query(_full(clause))}
    return [searcher.stored_fields(number)["key"] for number in numbers if number not in left_out]


def exact_query(query: Query) -> Any:
    return q.And([q.Or([_exact(clause) for clause in group]) for group in query.groups])


def full_query(query: Query, filters: Filters) -> Any:
    found = q.And([q.Or([_full(clause) for clause in group]) for group in query.groups]) if query.groups else q.Every()
    filed = list(_filed(filters))
    # Required, but without a say in the order.
    return q.Require(found, q.And(filed)) if filed else found


def _filed(filters: Filters) -> Iterable[Any]:
    for field, values in (
        ("kind", filters.kinds),
        ("year", filters.years),
        ("conditions", filters.conditions),
        ("side_effects", filters.side_effects),
    ):
        if values:
            yield q.Or([q.Term(field, str(value)) for value in values])
    if filters.treatments and filters.outcomes:
        pairs = [f"{treatment}:{outcome}" for treatment in filters.treatments for outcome in filters.outcomes]
        yield q.Or([q.Term("outcomes", pair) for pair in pairs])
    elif filters.treatments:
        yield q.Or([q.Term("treatments", str(topic)) for topic in filters.treatments])
    elif filters.outcomes:
        yield q.Or([q.Term("outcomes", outcome) for outcome in filters.outcomes])


def _exact(clause: Clause) -> Any:
    return q.And([_said(words) for words in clause.exact])


def _full(clause: Clause) -> Any:
    if not clause.widened:
        return _exact(clause)
    return q.Or(
        [
            _exact(clause),
            q.And([_in("synonyms", words, WIDENED) for words in clause.exact]),
            *(q.Term("topics", str(topic), boost=WIDENED) for topic in clause.topics),
            *(q.Term("key", key_of("topic", topic), boost=PAGE_OF_TOPIC) for topic in clause.topics),
            *(_said(words, WIDENED) for words in clause.others),
        ]
    )


def _said(words: Words, weight: float = 1.0) -> Any:
    return q.Or([_in(field, words, weight * boost) for field, boost in OWN_WORDS.items()])


def _in(field: str, words: Words, boost: float) -> Any:
    if len(words) == 1:
        return q.Term(field, words[0], boost=boost)
    return q.Phrase(field, list(words), boost=boost)
