"""What is shown of a hit: read from the database again, through `public()`, with a snippet of what it says now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup
from sqlalchemy.orm import joinedload

from app.articles.models import Article
from app.comments.models import Comment
from app.foundation.database import db
from app.foundation.markup import plain
from app.search.documents import (
    KINDS,
    among_picked,
    article_text,
    comparison_words,
    key_of,
    split_key,
    story_text,
    topic_text,
)
from app.search.engine import Words
from app.search.snippets import marked, snippet
from app.stories.models import Story
from app.stories.reading import FOR_CARDS, Tried
from app.topics.models import Topic

# What the items of a page need, in a fixed number of statements.
_LOADED: dict[str, Sequence[Any]] = {
    "story": FOR_CARDS,
    "topic": (joinedload(Topic.live),),
    "article": (joinedload(Article.live),),
    "comment": (
        joinedload(Comment.live),
        joinedload(Comment.author),
        joinedload(Comment.story).joinedload(Story.live),
        joinedload(Comment.article).joinedload(Article.live),
        joinedload(Comment.topic),
    ),
}


@dataclass(frozen=True)
class Item:
    """A hit as a page shows it. A comment goes by the title of what it stands on."""

    thing: Any
    title: str
    marked_title: Markup
    snippet: Markup
    condition: str | None = None
    author_name: str | None = None
    treatments: Sequence[Tried] = field(default_factory=list)
    is_invented: bool = False

    @property
    def kind(self) -> str:
        """What it is: story, topic, article or comment."""
        kind: str = self.thing.kind
        return kind

    @property
    def key(self) -> str:
        """What it is called in the index."""
        return key_of(self.kind, self.thing.id)

    @property
    def url(self) -> str:
        """Where it is read. Needs a request."""
        url: str = self.thing.url
        return url

    @property
    def published_at(self) -> datetime:
        """Since when it is public."""
        moment: datetime = self.thing.published_at or self.thing.created_at
        return moment


def read(keys: Iterable[str], wanted: Collection[Words]) -> list[Item]:
    """The items of these keys in their order; what is not public is not among them. `wanted` is marked."""
    ids: dict[str, list[int]] = {}
    ordered = list(keys)
    for key in ordered:
        kind, number = split_key(key)
        ids.setdefault(kind, []).append(number)
    items = {item.key: item for kind, numbers in ids.items() for item in _SHOWN[kind](_public(kind, numbers), wanted)}
    return [items[key] for key in ordered if key in items]


def _public(kind: str, ids: Collection[int]) -> Sequence[Any]:
    model = KINDS[kind]
    chosen = sa.select(model).options(*_LOADED[kind]).where(model.id.in_(ids), among_picked(model))
    return db.session.scalars(chosen).unique().all()


def _item(thing: Any, title: str, text: str, wanted: Collection[Words], **more: Any) -> Item:
    return Item(thing, title, marked(title, wanted), snippet(text, wanted), **more)


def _stories(stories: Sequence[Any], wanted: Collection[Words]) -> Iterator[Item]:
    for story in stories:
        live = story.live
        yield _item(
            story,
            live.title,
            story_text(live),
            wanted,
            condition=live.condition.name,
            author_name=story.author.display_name,
            treatments=[Tried(each.topic.name, each.effect, each.effect_label) for each in live.treatments],
            is_invented=story.is_invented,
        )


def _topics(topics: Sequence[Any], wanted: Collection[Words]) -> Iterator[Item]:
    for topic in topics:
        yield _item(topic, topic.name, topic_text(topic.definition, topic.live.overview_html), wanted)


def _articles(articles: Sequence[Any], wanted: Collection[Words]) -> Iterator[Item]:
    compared = comparison_words([article.live.id for article in articles])
    for article in articles:
        yield _item(article, article.live.title, article_text(article.live, compared[article.live.id]), wanted)


def _comments(comments: Sequence[Any], wanted: Collection[Words]) -> Iterator[Item]:
    for comment in comments:
        subject = comment.subject
        yield _item(
            comment,
            subject.name if subject.kind == "topic" else subject.live.title,
            plain(comment.live.body_html),
            wanted,
            author_name=comment.author.display_name,
            is_invented=comment.is_invented,
        )


_SHOWN: dict[str, Callable[[Sequence[Any], Collection[Words]], Iterator[Item]]] = {
    "story": _stories,
    "topic": _topics,
    "article": _articles,
    "comment": _comments,
}
