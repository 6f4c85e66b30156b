"""What is shown of a hit: read from the database again, through `public()`, with a snippet of what it says now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Any

import sqlalchemy as sa
from flask import url_for
from markupsafe import Markup
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.articles.models import Article
from app.comments.models import Comment
from app.foundation.database import db
from app.foundation.text.markup import excerpt, plain
from app.search.index.documents import INDEXED_MODELS, among_picked, key_of, split_key, when_public
from app.search.index.texts import article_text, comparison_words, story_text, topic_text
from app.search.results.snippets import Wanted, marked, snippet
from app.stories.answers import Effect
from app.stories.models import Story, StoryRevision, TreatmentTried, slug_of
from app.stories.queries import Tried
from app.topics.models import Topic

# Characters of a comment that stand for a title.
FIRST_WORDS = 80
# What the items of a page need, in a fixed number of statements.
_LOADED: dict[str, Sequence[Any]] = {
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
class Subject:
    """What a comment stands on."""

    title: str
    address: Callable[[], str]

    @property
    def url(self) -> str:
        """Where it is read. Needs a request."""
        return self.address()


@dataclass(frozen=True)
class Item:
    """A hit as a page shows it. A comment goes by its first words; `on` is what it stands on."""

    kind: str
    id: int
    address: Callable[[], str] = field(compare=False, repr=False)
    title: str
    marked_title: Markup
    snippet: Markup
    published_at: datetime
    condition: str | None = None
    author_name: str | None = None
    treatments: Sequence[Tried] = field(default_factory=list)
    is_invented: bool = False
    helpful: int = 0
    on: Subject | None = None

    @property
    def key(self) -> str:
        """What it is called in the index."""
        return key_of(self.kind, self.id)

    @property
    def url(self) -> str:
        """Where it is read. Needs a request."""
        return self.address()


def read(keys: Iterable[str], wanted: Wanted) -> list[Item]:
    """The items of these keys in their order; what is not public is not among them. `wanted` is marked."""
    ids: dict[str, list[int]] = {}
    ordered = list(keys)
    for key in ordered:
        kind, number = split_key(key)
        ids.setdefault(kind, []).append(number)
    items = {item.key: item for kind, numbers in ids.items() for item in _SHOWN[kind](numbers, wanted)}
    return [items[key] for key in ordered if key in items]


# --- The kinds --------------------------------------------------------------------------------------------------


def _stories(ids: Collection[int], wanted: Wanted) -> Iterator[Item]:
    """Most of what is found: read as rows, which takes a third of the time that objects would."""
    rows = db.session.execute(_story_rows(), {"ids": ids}).all()
    tried: dict[int, list[Tried]] = defaultdict(list)
    for revision_id, name, effect in db.session.execute(_tried_rows(), {"ids": [row.live_id for row in rows]}):
        tried[revision_id].append(Tried(name, effect, effect.words if effect else None))
    for row in rows:
        yield Item(
            "story",
            row.id,
            partial(url_for, "stories.show", story_id=row.id, slug=slug_of(row.title)),
            row.title,
            marked(row.title, wanted),
            snippet(story_text(row), wanted),
            row.at,
            condition=row.condition,
            author_name=row.Person.display_name,
            treatments=tried[row.live_id],
            is_invented=row.is_invented,
            helpful=row.helpful,
        )


@cache
def _story_rows() -> sa.Select[*tuple[Any, ...]]:
    live = StoryRevision
    return (
        sa.select(
            *(Story.id, Story.is_invented, Story.helpful, when_public(Story)),
            *(live.id.label("live_id"), live.title, live.body_html, live.advice_html, live.body_place),
            Topic.name.label("condition"),
            Person,
        )
        .join(live, live.id == Story.live_revision_id)
        .join(Topic, Topic.id == live.condition_id)
        .join(Person, Person.id == Story.author_id)
        .where(Story.id.in_(sa.bindparam("ids", expanding=True)), among_picked(Story))
    )


@cache
def _tried_rows() -> sa.Select[int, str, Effect | None]:
    tried = TreatmentTried
    return (
        sa.select(tried.revision_id, Topic.name, tried.effect)
        .join(Topic, Topic.id == tried.topic_id)
        .where(tried.revision_id.in_(sa.bindparam("ids", expanding=True)))
        .order_by(tried.position)
    )


def _public(kind: str, ids: Collection[int]) -> Sequence[Any]:
    model = INDEXED_MODELS[kind]
    chosen = sa.select(model).options(*_LOADED[kind]).where(model.id.in_(ids), among_picked(model))
    return db.session.scalars(chosen).unique().all()


def _url(thing: Any) -> str:
    return str(thing.url)


def _item(thing: Any, title: str, text: str, wanted: Wanted, **more: Any) -> Item:
    since = thing.published_at or thing.created_at
    words = marked(title, wanted), snippet(text, wanted)
    return Item(thing.kind, thing.id, partial(_url, thing), title, *words, since, **more)


def _topics(ids: Collection[int], wanted: Wanted) -> Iterator[Item]:
    for topic in _public("topic", ids):
        yield _item(topic, topic.name, topic_text(topic.definition, topic.live.overview_html), wanted)


def _articles(ids: Collection[int], wanted: Wanted) -> Iterator[Item]:
    articles = _public("article", ids)
    compared = comparison_words([article.live.id for article in articles])
    for article in articles:
        yield _item(article, article.live.title, article_text(article.live, compared[article.live.id]), wanted)


def _comments(ids: Collection[int], wanted: Wanted) -> Iterator[Item]:
    for comment in _public("comment", ids):
        subject = comment.subject
        text = " ".join(plain(comment.live.body_html).split())
        title = excerpt(text, FIRST_WORDS)
        yield _item(
            comment,
            title,
            _after(title, text),
            wanted,
            author_name=comment.author.display_name,
            is_invented=comment.is_invented,
            on=Subject(subject.name if subject.kind == "topic" else subject.live.title, partial(_url, subject)),
        )


def _after(opening: str, text: str) -> str:
    """How a comment goes on after the words it goes by: nothing is said twice, and nothing where they are all."""
    rest = text.removeprefix(opening.removesuffix("…")).lstrip(" .,;:-–—")
    return f"… {rest}" if rest else ""


_SHOWN: dict[str, Callable[[Collection[int], Wanted], Iterator[Item]]] = {
    "story": _stories,
    "topic": _topics,
    "article": _articles,
    "comment": _comments,
}
