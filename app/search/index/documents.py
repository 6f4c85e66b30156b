"""Documents: what is public, in the shape in which it is indexed.

Reads only through `public()`, in batches of a few statements each, so that memory stays flat however much there is.
A document carries the names that stand on its page apart from the other names of its topics: the former are its own
words, by the latter it is found only after everything that says the word itself. A comment is filed where the thing it
stands on is, so that filters find it, but carries no names: it is found by its own words.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa

from app.articles.models import Article, ArticleRevision
from app.comments.models import SUBJECTS, Comment, CommentAncestor, CommentRevision
from app.foundation.database import db
from app.foundation.text.markup import plain
from app.search.index.filing import Filed, Names, filed_articles, filed_stories, filed_topics, outcomes, side_effects
from app.search.index.texts import article_text, comparison_words, story_text, topic_text
from app.stories.models import Story, StoryRevision
from app.topics.models import Topic, TopicKind, TopicRevision

BATCH = 500

# Every kind of thing that is found, in the order in which the page offers them.
INDEXED_MODELS: dict[str, type[Story | Topic | Article | Comment]] = {
    "story": Story,
    "topic": Topic,
    "article": Article,
    "comment": Comment,
}


@dataclass(frozen=True)
class Document:
    """Something public as the index keeps it. Topics, conditions and treatments are ids of topics."""

    kind: str
    id: int
    title: str
    names: tuple[str, ...]
    synonyms: tuple[str, ...]
    text: str
    topics: tuple[int, ...]
    conditions: tuple[int, ...]
    treatments: tuple[int, ...]
    within: tuple[str, ...]
    published_at: datetime
    side_effects: tuple[int, ...] = ()
    # Which treatment went how: (topic, code of an effect).
    outcomes: tuple[tuple[int, str], ...] = ()
    # How many say that it helped them, as far as that is shown.
    helpful: int = 0

    @property
    def key(self) -> str:
        """What it is called in the index: 'story:12'."""
        return key_of(self.kind, self.id)

    @cached_property
    def fingerprint(self) -> str:
        """A short hash over all of it: differs as soon as anything does."""
        values = [*vars(self).values()]
        return blake2b(json.dumps(values, default=str).encode(), digest_size=8).hexdigest()


def key_of(kind: str, number: int) -> str:
    """What a thing is called in the index: 'story:12'."""
    return f"{kind}:{number}"


def split_key(key: str) -> tuple[str, int]:
    """The kind and number that a key is made of."""
    kind, _colon, number = key.partition(":")
    return kind, int(number)


def public_documents(kind: str, ids: Collection[int] | None = None) -> Iterator[Document]:
    """The documents of one kind, in the order of their ids: of these ids, or all there are. What is not public is not
    among them.
    """
    model = INDEXED_MODELS[kind]
    names = Names()
    for chosen in _batches(model, ids):
        yield from _READERS[kind](sa.and_(among_picked(model), chosen), names)


def among_picked(model: type[Story | Topic | Article | Comment]) -> sa.ColumnElement[bool]:
    """`public()`, for a statement that picks rows by their ids.

    As a CASE, because SQLite knows nothing of how common a state is: given the bare condition it goes through the index
    of everything published, a hundred times slower than looking up twenty ids.
    """
    return sa.case((model.public(), sa.true()), else_=sa.false())


def count_public(kind: str) -> int:
    """How many documents of a kind there are."""
    model = INDEXED_MODELS[kind]
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(model.public())) or 0


def _batches(
    model: type[Story | Topic | Article | Comment], ids: Collection[int] | None
) -> Iterator[sa.ColumnElement[bool]]:
    if ids is None:
        last = db.session.scalar(sa.select(sa.func.max(model.id))) or 0
        for start in range(1, last + 1, BATCH):
            yield model.id.between(start, start + BATCH - 1)
    else:
        ordered = sorted(ids)
        for start in range(0, len(ordered), BATCH):
            yield model.id.in_(ordered[start : start + BATCH])


# --- The kinds --------------------------------------------------------------------------------------------------

Chosen = sa.ColumnElement[bool]


def when_public(model: type[Story | Topic | Article | Comment]) -> sa.ColumnElement[datetime]:
    """The column `at`: since when a thing is public."""
    return sa.func.coalesce(model.published_at, model.created_at, type_=model.created_at.type).label("at")


def _stories(chosen: Chosen, names: Names) -> Iterator[Document]:
    live = StoryRevision
    rows = db.session.execute(
        sa.select(
            Story.id, when_public(Story), live.title, live.body_html, live.advice_html, live.body_place, Story.helpful
        )
        .join(live, live.id == Story.live_revision_id)
        .where(chosen)
        .order_by(Story.id)
    ).all()
    filed = filed_stories([row.id for row in rows])
    effects = side_effects([row.id for row in rows])
    went = outcomes([row.id for row in rows])
    names.load(topic for each in filed.values() for topic in each.topics)
    for row in rows:
        topics = filed[row.id]
        yield Document(
            kind="story",
            id=row.id,
            title=row.title,
            names=names.preferred(topics.topics),
            synonyms=names.others(topics.topics),
            text=story_text(row),
            topics=tuple(dict.fromkeys([*topics.topics, *effects[row.id]])),
            conditions=tuple(topics.conditions),
            treatments=tuple(topics.treatments),
            within=(),
            published_at=row.at,
            side_effects=tuple(dict.fromkeys(effects[row.id])),
            outcomes=tuple(dict.fromkeys(went[row.id])),
            helpful=row.helpful,
        )


def _topics(chosen: Chosen, names: Names) -> Iterator[Document]:
    rows = db.session.execute(
        sa.select(Topic.id, when_public(Topic), Topic.name, Topic.about, Topic.definition, TopicRevision.overview_html)
        .join(TopicRevision, TopicRevision.id == Topic.live_revision_id)
        .where(chosen)
        .order_by(Topic.id)
    ).all()
    names.load(row.id for row in rows)
    for row in rows:
        yield Document(
            kind="topic",
            id=row.id,
            title=row.name,
            # All of its names stand on its page: here they are its own words.
            names=(*names.preferred([row.id]), *names.others([row.id])),
            synonyms=(),
            text=topic_text(row.definition, row.overview_html),
            topics=(row.id,),
            conditions=(row.id,) if row.about is TopicKind.CONDITION else (),
            treatments=(row.id,) if row.about is TopicKind.TREATMENT else (),
            within=(),
            published_at=row.at,
        )


def _articles(chosen: Chosen, names: Names) -> Iterator[Document]:
    live = ArticleRevision
    rows = db.session.execute(
        sa.select(Article.id, Article.live_revision_id, when_public(Article), live.title, live.excerpt, live.body_html)
        .join(live, live.id == Article.live_revision_id)
        .where(chosen)
        .order_by(Article.id)
    ).all()
    filed = filed_articles([row.id for row in rows])
    cells = comparison_words([row.live_revision_id for row in rows])
    names.load(topic for each in filed.values() for topic in each.topics)
    for row in rows:
        topics = filed[row.id]
        yield Document(
            kind="article",
            id=row.id,
            title=row.title,
            names=names.preferred(topics.topics),
            synonyms=names.others(topics.topics),
            text=article_text(row, cells[row.live_revision_id]),
            topics=tuple(topics.topics),
            conditions=tuple(topics.conditions),
            treatments=tuple(topics.treatments),
            within=(),
            published_at=row.at,
        )


def _comments(chosen: Chosen, _names: Names) -> Iterator[Document]:
    rows = db.session.execute(
        sa.select(
            Comment.id,
            when_public(Comment),
            Comment.story_id,
            Comment.article_id,
            Comment.topic_id,
            CommentRevision.body_html,
        )
        .join(CommentRevision, CommentRevision.id == Comment.live_revision_id)
        .where(chosen)
        .order_by(Comment.id)
    ).all()
    above = _above([row.id for row in rows])
    filed = _filed_subjects(rows)
    for row in rows:
        kind = next(kind for kind in SUBJECTS if getattr(row, f"{kind}_id"))
        subject_id = getattr(row, f"{kind}_id")
        topics = filed[kind][subject_id]
        yield Document(
            kind="comment",
            id=row.id,
            title="",
            names=(),
            synonyms=(),
            text=plain(row.body_html),
            topics=(),
            conditions=tuple(topics.conditions),
            treatments=tuple(topics.treatments),
            within=(key_of(kind, subject_id), *above[row.id]),
            published_at=row.at,
        )


def _above(comment_ids: Collection[int]) -> dict[int, list[str]]:
    """The keys of the comments above each of these, the topmost first."""
    above: dict[int, list[str]] = defaultdict(list)
    for comment_id, ancestor_id in db.session.execute(
        sa.select(CommentAncestor.comment_id, CommentAncestor.ancestor_id)
        .where(CommentAncestor.comment_id.in_(comment_ids))
        .order_by(CommentAncestor.ancestor_id)
    ):
        above[comment_id].append(key_of("comment", ancestor_id))
    return above


def _filed_subjects(rows: Sequence[Any]) -> dict[str, dict[int, Filed]]:
    """Where the things are filed that these comments stand on, by their kind."""
    filed = {}
    for kind, read in _FILED.items():
        subjects = {subject_id for row in rows if (subject_id := getattr(row, f"{kind}_id"))}
        filed[kind] = read(subjects) if subjects else {}
    return filed


_FILED: dict[str, Callable[[Collection[int]], dict[int, Filed]]] = {
    "story": filed_stories,
    "article": filed_articles,
    "topic": filed_topics,
}
_READERS: dict[str, Callable[[Chosen, Names], Iterator[Document]]] = {
    "story": _stories,
    "topic": _topics,
    "article": _articles,
    "comment": _comments,
}
