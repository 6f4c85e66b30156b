"""Suggestions while somebody types: topics by any of their names, then titles of stories and articles. Public only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.articles.models import Article
from app.foundation import markup
from app.foundation.database import db
from app.foundation.text import name_key
from app.search import analysis, visibility
from app.search.documents import among_picked, split_key
from app.search.engine import IndexUnavailable
from app.search.engines import engine
from app.search.query import LONGEST, MOST_WORDS
from app.stories.models import Story
from app.topics.models import NameKind, Topic, TopicName

MOST = 8
MOST_TOPICS = 5
# Letters of a word before it says anything about a title.
SHORTEST = 3
_TITLED: dict[str, type[Story | Article]] = {"story": Story, "article": Article}


@dataclass(frozen=True)
class Suggestion:
    """Something to go to. `name` is the other name by which a topic was found. The address needs a request."""

    kind: str
    title: str
    url: str
    name: str | None = None


def suggest(typed: str) -> list[Suggestion]:
    """What somebody may mean who has typed so far. A handful of statements; without an index topics only."""
    text = " ".join(markup.clean_input(typed[: 10 * LONGEST]).split())[:LONGEST]
    if not name_key(text):
        return []
    found = list(_topics(name_key(text)))
    return [*found, *_titles(text, MOST - len(found))]


def _topics(key: str) -> Iterator[Suggestion]:
    """Topics with a name, or a word in a name, that begins like this."""
    begins = sa.and_(TopicName.key >= key, TopicName.key < f"{key}\U0010ffff")
    rows = db.session.execute(
        sa.select(Topic, TopicName.name)
        .join(TopicName, TopicName.topic_id == Topic.id)
        .where(Topic.public(), sa.or_(begins, TopicName.key.contains(f" {key}", autoescape=True)))
        # Who types the beginning of a topic's own name need not be told of another.
        .order_by(
            sa.case((begins, 0), else_=1),
            sa.case((TopicName.kind == NameKind.PREFERRED, 0), else_=1),
            sa.func.length(TopicName.key),
            TopicName.id,
        )
        # The names of one topic often begin alike.
        .limit(4 * MOST_TOPICS)
    )
    seen: set[int] = set()
    for topic, name in rows:
        if topic.id not in seen and len(seen) < MOST_TOPICS:
            seen.add(topic.id)
            is_other = analysis.words(name) != analysis.words(topic.name)
            yield Suggestion("topic", topic.name, topic.url, name if is_other else None)


def _titles(text: str, most: int) -> Iterator[Suggestion]:
    *before, last = analysis.apart(text).split()[:MOST_WORDS] or [""]
    if len(last) < SHORTEST:
        return
    exclude = visibility.masked()
    words = [word for word in before if not analysis.is_stop_word(word)]
    try:
        keys = engine().titled([analysis.normal(word) for word in words], last, tuple(_TITLED), exclude, most)
    except IndexUnavailable:
        return
    things = {(kind, thing.id): thing for kind in _TITLED for thing in _public(kind, keys)}
    for kind, number in map(split_key, keys):
        if (kind, number) in things:
            thing = things[kind, number]
            yield Suggestion(kind, thing.live.title, thing.url)


def _public(kind: str, keys: Sequence[str]) -> Sequence[Any]:
    model: Any = _TITLED[kind]
    ids = [number for each, number in map(split_key, keys) if each == kind]
    if not ids:
        return []
    return db.session.scalars(
        sa.select(model).options(joinedload(model.live)).where(model.id.in_(ids), among_picked(model))
    ).all()
