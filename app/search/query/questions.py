"""Questions about topics: what a query asks of the topics it names, and which pages answer that.

'side effects of aldara' asks for a section of the page of imiquimod, although that may speak of reactions; 'which is
better, aldara or efudix' asks for the article that compares them. The phrases are in `questions.toml`, by language.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from app.articles.models import Article, ComparisonOption
from app.foundation.database import db
from app.search.index.documents import key_of
from app.search.index.engine import Query, Words
from app.search.query import analysis
from app.search.query.parsing import Parsed
from app.topics.models import Topic

FILE = Path(__file__).with_name("questions.toml")
# The kinds of questions that articles with a comparison answer: of several treatments, and of others than one.
COMPARISON, ALTERNATIVES = "comparison", "alternatives"
# With more words than these beside the topics and the question itself, something more particular is meant.
MAX_OTHER_WORDS = 1
MAX_TOPICS = 4


@dataclass(frozen=True)
class Answer:
    """Which pages answer a query, as keys of documents, best first; and the words of a section that answers it."""

    keys: tuple[str, ...] = ()
    words: Collection[Words] = ()

    def lift(self, query: Query) -> Query:
        """The query with these pages as its first results."""
        return replace(query, first=self.keys)


class _Question(NamedTuple):
    """A kind of question: the phrases by which it is known, as written and folded, and the words of its answer."""

    kind: str
    phrases: Sequence[Sequence[str]]
    words: Collection[Words]


def answer(parsed: Parsed, query: Query) -> Answer:
    """The pages that answer a query that asks something of topics. At most two statements; none without a question.

    `query` is what `understand` made of `parsed`.
    """
    groups = [clause.topics for group in query.groups for clause in group if clause.topics]
    topics = dict.fromkeys(topic for ids in groups for topic in ids)
    if not topics or len(topics) > MAX_TOPICS:
        return Answer()
    asked = list(_asked(parsed))
    if not asked or _other_words(parsed, query, asked) > MAX_OTHER_WORDS:
        return Answer()
    kinds = {question.kind for question in asked}
    keys: list[str] = []
    if COMPARISON in kinds and len(groups) > 1:
        keys += _comparisons(topics, at_least=2)
    elif ALTERNATIVES in kinds:
        keys += _comparisons(topics, at_least=1)
    # 'best' and 'or' alone ask nothing of a single topic.
    if kinds - {COMPARISON}:
        keys += _pages(topics)
    return Answer(tuple(keys), frozenset(word for question in asked for word in question.words))


def words_of_questions() -> frozenset[str]:
    """The forms of all words of questions in the language of the site."""
    return frozenset(
        word for question in _questions(analysis.language().code) for phrase in question.phrases for word in phrase
    )


def _asked(parsed: Parsed) -> Iterator[_Question]:
    typed = [form for part in parsed.included if not part.quoted for form in part.typed]
    for question in _questions(analysis.language().code):
        if any(_has(typed, phrase) for phrase in question.phrases):
            yield question


def _has(typed: Sequence[str], phrase: Sequence[str]) -> bool:
    """Whether a phrase is part of what was typed."""
    starts = range(len(typed) - len(phrase) + 1)
    return any(list(typed[start : start + len(phrase)]) == list(phrase) for start in starts)


def _other_words(parsed: Parsed, query: Query, asked: Collection[_Question]) -> int:
    """How many words belong neither to a topic nor to a question."""
    known = {form for clause in query.clauses if clause.topics for forms in clause.typed for form in forms}
    known.update(word for question in asked for phrase in question.phrases for word in phrase)
    return sum(not part.is_stop_word and not known.issuperset(part.typed) for part in parsed.included)


def _pages(topics: Collection[int]) -> list[str]:
    """The pages of these topics, as far as they have one."""
    chosen = sa.select(Topic.id).where(Topic.id.in_(topics), Topic.public())
    found = set(db.session.scalars(chosen))
    return [key_of("topic", topic) for topic in topics if topic in found]


def _comparisons(topics: Collection[int], at_least: int) -> list[str]:
    """The articles that compare at least so many of these treatments, those with most of them first."""
    compared = sa.func.count(ComparisonOption.topic_id)
    chosen = (
        sa.select(Article.id)
        .join(ComparisonOption, ComparisonOption.revision_id == Article.live_revision_id)
        .where(Article.public(), ComparisonOption.topic_id.in_(topics))
        .group_by(Article.id)
        .having(compared >= at_least)
        .order_by(compared.desc(), Article.id.desc())
    )
    return [key_of("article", number) for number in db.session.scalars(chosen)]


@cache
def _questions(language: str) -> Sequence[_Question]:
    tables: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(FILE.read_text(encoding="utf-8")).get(language, {})
    return [
        _Question(
            kind,
            [[analysis.form_of(word) for word in phrase.split()] for phrase in table["phrases"]],
            frozenset(tuple(analysis.words(words)) for words in table["words"]),
        )
        for kind, table in tables.items()
    ]
