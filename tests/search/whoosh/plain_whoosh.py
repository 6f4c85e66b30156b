"""Matching with Whoosh alone: what the arrays of `ranking` and `facets` are held against.

Slow, and written to be read: a query of Whoosh says what is found.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Any

from whoosh import query as whoosh_query

from app.search.index.documents import key_of
from app.search.index.engine import Clause, Query, Words
from app.search.index.weights import WORD_FIELDS
from app.search.whoosh.codec import LAST_POSITION, place

q: Any = whoosh_query


def matching(searcher: Any, query: Query) -> list[str]:
    """The keys of all documents that match."""
    numbers = searcher.docs_for_query(full_query(searcher, query))
    # Whoosh's own ANDNOT lets some of what it should leave out through, where that is a sum of several fields.
    left_out = {number for clause in query.excluded for number in searcher.docs_for_query(_full(searcher, clause))}
    return [searcher.stored_fields(number)["key"] for number in numbers if number not in left_out]


def full_query(searcher: Any, query: Query) -> Any:
    groups = [q.Or([_full(searcher, clause) for clause in group]) for group in query.groups]
    return q.And(groups) if groups else q.Every()


def _exact(searcher: Any, clause: Clause) -> Any:
    if clause.literal:
        return q.And([_quoted(searcher, *pair) for pair in zip(clause.exact, clause.typed, strict=True)])
    return q.And([_said(words) for words in clause.exact])


def _quoted(searcher: Any, words: Words, typed: Words) -> Any:
    """Whoosh knows nothing of forms: it is told which documents have them one after the other."""
    fields = []
    for field in WORD_FIELDS:
        keys = [searcher.stored_fields(number)["key"] for number in _typed_in(searcher, field, words, typed)]
        fields.append(q.Require(_in(field, words), q.Or([q.Term("key", key) for key in keys])))
    return q.Or(fields)


def _typed_in(searcher: Any, field: str, words: Words, typed: Words) -> Iterable[int]:
    """The documents with these forms of these words one after the other, by walking through Whoosh's postings."""
    reader = searcher.reader()
    places: list[dict[int, set[int]]] = []
    for word, form in zip(words, typed, strict=True):
        places.append({})
        matcher = reader.postings(field, word) if (field, word.encode()) in reader else None
        while matcher is not None and matcher.is_active():
            at = array("I", matcher.value())
            places[-1][matcher.id()] = {
                each & LAST_POSITION for each in at if each == place(each & LAST_POSITION, form)
            }
            matcher.next()
    for number in places[0]:
        if any(
            all(first + at in each.get(number, ()) for at, each in enumerate(places)) for first in places[0][number]
        ):
            yield number


def _full(searcher: Any, clause: Clause) -> Any:
    if not clause.widened:
        return _exact(searcher, clause)
    return q.Or(
        [
            _exact(searcher, clause),
            q.And([_in("synonyms", words) for words in clause.exact]),
            *(q.Term("topics", str(topic)) for topic in clause.topics),
            *(q.Term("key", key_of("topic", topic)) for topic in clause.topics),
            *(_said(words) for words in clause.others),
        ]
    )


def _said(words: Words) -> Any:
    return q.Or([_in(field, words) for field in WORD_FIELDS])


def _in(field: str, words: Words) -> Any:
    return q.Term(field, words[0]) if len(words) == 1 else q.Phrase(field, list(words))
