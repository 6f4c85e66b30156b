"""Suggestions while a reader types: topics by any of their names, then titles of stories and articles. Public only."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import url_for

from app.articles.models import Article, ArticleRevision
from app.foundation.database import db
from app.foundation.text import markup
from app.foundation.text.strings import name_key
from app.search.index import visibility
from app.search.index.documents import key_of, public_by_ids, split_key
from app.search.index.engine import IndexUnavailable
from app.search.index.registry import engine
from app.search.query import analysis
from app.search.query.parsing import MAX_QUERY_LENGTH, MAX_WORDS
from app.search.query.topic_counts import TopicCounts, stories_by_topic
from app.stories.models import Story, StoryRevision, slug_of
from app.topics.models import NameKind, Topic, TopicName

MAX_SUGGESTIONS = 8
MAX_TOPICS = 5
# Names that are compared by how many stories tell of their topic.
MAX_COMPARED = 200
# Letters that a word must have before titles are looked up by it.
MIN_PREFIX_LENGTH = 3


@dataclass(frozen=True)
class Suggestion:
    """A page to go to. `name` is the other name by which a topic was found."""

    kind: str
    title: str
    url: str
    name: str | None = None


def suggest(typed: str) -> list[Suggestion]:
    """At most MAX_SUGGESTIONS suggestions for what has been typed. Without an index, topics only. Needs a request."""
    text = " ".join(markup.clean_input(typed[: 10 * MAX_QUERY_LENGTH]).split())[:MAX_QUERY_LENGTH]
    if not name_key(text):
        return []
    # Before the engine is asked, see `visibility.hidden_keys`.
    exclude = visibility.hidden_keys()
    found = list(_topics(name_key(text), exclude))
    return [*found, *_titles(text, exclude, MAX_SUGGESTIONS - len(found))]


class _Named(NamedTuple):
    """A topic by one of its names, and how well it fits: what comes first counts most."""

    begins: bool
    is_preferred: bool
    is_whole: bool
    has_overview: bool
    topic_id: int
    slug: str
    preferred: str
    name: str


def _topics(key: str, exclude: Collection[str]) -> Iterator[Suggestion]:
    """Reachable topics with a name, or a word in a name, that begins with this key.

    Whole names go first, then topics with an overview, then those that most stories tell of.
    """
    rows = db.session.execute(
        _select_topic_names(), {"key": key, "after": f"{key}\U0010ffff", "within": f"% {_escape_like(key)}%"}
    )
    best: dict[int, _Named] = {}
    for row in rows:
        best.setdefault(row[4], _Named(*row))
    stories = stories_by_topic(exclude) if len(best) > 1 else TopicCounts()
    ranked = sorted(best.values(), key=lambda each: (*(not fits for fits in each[:4]), -stories.of(each.topic_id)))
    for each in ranked[:MAX_TOPICS]:
        is_other = analysis.words(each.name) != analysis.words(each.preferred)
        url = url_for("topics.show", slug=each.slug)
        yield Suggestion("topic", each.preferred, url, each.name if is_other else None)


@cache
def _select_topic_names() -> sa.Select[*tuple[Any, ...]]:
    """Built once: building it takes longer than executing it."""
    key: sa.BindParameter[str] = sa.bindparam("key")
    begins = sa.and_(TopicName.key >= key, TopicName.key < sa.bindparam("after"))
    matches = sa.or_(begins, TopicName.key.like(sa.bindparam("within"), escape="/"))
    fits = (begins, TopicName.kind == NameKind.PREFERRED, TopicName.key == key, Topic.public())
    return (
        sa.select(*fits, Topic.id, Topic.slug, Topic.name, TopicName.name)
        # A sum, which no index answers: SQLite would begin with the topics instead of the names.
        .join(TopicName, Topic.id == TopicName.topic_id + 0)
        .where(Topic.reachable_among(matches))
        .order_by(*(each.desc() for each in fits), sa.func.length(TopicName.key), TopicName.id)
        .limit(MAX_COMPARED)
    )


def _escape_like(text: str) -> str:
    """A text escaped for LIKE."""
    return re.sub("([/%_])", r"/\1", text)


def _titles(text: str, exclude: Collection[str], most: int) -> Iterator[Suggestion]:
    *before, last = analysis.split_words(text).split()[:MAX_WORDS] or [""]
    if len(last) < MIN_PREFIX_LENGTH:
        return
    words = [word for word in before if not analysis.is_stop_word(word)]
    try:
        keys = engine().titled([analysis.token_of(word) for word in words], last, tuple(_TITLE_READERS), exclude, most)
    except IndexUnavailable:
        return
    titled = {key: suggestion for kind in _TITLE_READERS for key, suggestion in _public_suggestions(kind, keys)}
    yield from (titled[key] for key in keys if key in titled)


def _public_suggestions(kind: str, keys: Sequence[str]) -> Iterator[tuple[str, Suggestion]]:
    """(key, suggestion) of the documents of this kind that are public. Reads titles only."""
    ids = [number for each, number in map(split_key, keys) if each == kind]
    if not ids:
        return
    for number, title, url in _TITLE_READERS[kind](ids):
        yield key_of(kind, number), Suggestion(kind, title, url)


def _stories(ids: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    for number, title in db.session.execute(_titles_of(Story, StoryRevision), {"ids": ids}):
        yield number, title, url_for("stories.show", story_id=number, slug=slug_of(title))


def _articles(ids: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    for number, title, slug in db.session.execute(
        _titles_of(Article, ArticleRevision).add_columns(Article.slug), {"ids": ids}
    ):
        yield number, title, url_for("articles.show", slug=slug)


@cache
def _titles_of(model: type[Story | Article], live: type[StoryRevision | ArticleRevision]) -> sa.Select[int, str]:
    return (
        sa.select(model.id, live.title)
        .join(live, live.id == model.live_revision_id)
        .where(model.id.in_(sa.bindparam("ids", expanding=True)), public_by_ids(model))
    )


_TITLE_READERS: dict[str, Callable[[Sequence[int]], Iterator[tuple[int, str, str]]]] = {
    "story": _stories,
    "article": _articles,
}
