"""How Whoosh keeps documents, and how it is asked for them. Nothing here touches a file.

Only what whoosh3 3.54 and whoosh-reloaded 2.7.5 have in common is used.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from whoosh import columns
from whoosh import query as whoosh_query
from whoosh.fields import COLUMN, ID, KEYWORD, STORED, TEXT, Schema

from app.search import analysis
from app.search.documents import Document, key_of
from app.search.engine import Clause, Filters, Query, Words

# Whoosh has types for a part of its names only; here it goes without.
q: Any = whoosh_query
WhooshQuery = Any
_NUMBER: Any = columns.NumericColumn

VERSION = 1
"""Stands in the name of the index's folder. Raise it when the schema or `analysis` changes: what is older counts as
missing and is built anew."""

# What a document says itself, and how much more a word in a title or a name weighs than one in the text.
OWN_WORDS = {"title": 4.0, "names": 2.0, "text": 1.0}
# What was found by another name weighs little among what was found by its own words in another clause.
WIDENED = 0.2
# Who types the name of a topic is shown its page first.
PAGE_OF_TOPIC = 20.0


class OurText(TEXT):
    """A field of text whose words are those of `analysis`, with their positions.

    Whoosh's own way, an analyser that hands over one token object after the other, takes a third longer.
    """

    def index(self, value: str, **_options: Any) -> Generator[tuple[bytes, int, float, bytes], Any, None]:
        """Each word once: itself, how often it occurs, what that weighs, and where."""
        encoded = self.format.encode  # type: ignore[union-attr]  # a TEXT has one
        positions: dict[str, list[int]] = {}
        for position, word in enumerate(analysis.words(value)):
            positions.setdefault(word, []).append(position)
        for word, places in positions.items():
            yield word.encode(), len(places), float(len(places)), encoded(places)


# The fields that hold words.
WORDS = (*OWN_WORDS, "synonyms")


SCHEMA = Schema(
    key=ID(unique=True, stored=True),
    fingerprint=STORED,
    kind=ID,
    **{field: OurText(phrase=True) for field in WORDS},
    topics=KEYWORD,
    conditions=KEYWORD,
    treatments=KEYWORD,
    within=KEYWORD,
    published=COLUMN(_NUMBER("q")),
)


def fields_of(document: Document) -> dict[str, Any]:
    """A document as Whoosh takes it. Lists go past the analyser."""
    return {
        "key": document.key,
        "fingerprint": document.fingerprint,
        "kind": document.kind,
        "title": document.title,
        "names": "\n".join(document.names),
        "synonyms": "\n".join(document.synonyms),
        "text": document.text,
        "topics": [str(topic) for topic in document.topics],
        "conditions": [str(topic) for topic in document.conditions],
        "treatments": [str(topic) for topic in document.treatments],
        "within": list(document.within),
        "published": int(document.published_at.timestamp() * 1000),
    }


def exact_query(query: Query) -> WhooshQuery:
    """What says everything asked for in its own words."""
    return q.And([_exact(clause) for clause in query.clauses])


def full_query(query: Query, filters: Filters) -> WhooshQuery:
    """What is to be found: by its own words or by other names, not what is excluded, filed where asked."""
    found: WhooshQuery = q.And([_full(clause) for clause in query.clauses]) if query.clauses else q.Every()
    filed = [
        q.Term(field, str(topic))
        for field, topic in (("conditions", filters.condition), ("treatments", filters.treatment))
        if topic is not None
    ]
    if filed:
        # Required, but without a say in the order.
        found = q.Require(found, q.And(filed))
    if query.excluded:
        found = q.AndNot(found, q.Or([_full(clause) for clause in query.excluded]))
    return found


def _exact(clause: Clause) -> WhooshQuery:
    return q.And([_said(words) for words in clause.exact])


def _full(clause: Clause) -> WhooshQuery:
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


def _said(words: Words, weight: float = 1.0) -> WhooshQuery:
    return q.Or([_in(field, words, weight * boost) for field, boost in OWN_WORDS.items()])


def _in(field: str, words: Words, boost: float) -> WhooshQuery:
    if len(words) == 1:
        return q.Term(field, words[0], boost=boost)
    return q.Phrase(field, list(words), boost=boost)
