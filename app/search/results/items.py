"""The items of a page of results: read from the database again, through `public()`, with a snippet of the present text.

Stories, topics, articles and comments have readers of their own, any other kind is shown by what its `Kind` declares.
"""

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
from app.foundation import kinds
from app.foundation.contributions.models import Publication
from app.foundation.database import db
from app.foundation.kinds import AnyKind, LoaderOption
from app.foundation.text.markup import excerpt, plain
from app.search.index.document_readers import article_text, comparison_words, contribution_text, story_text, topic_text
from app.search.index.documents import indexed_models, key_of, public_by_ids, published_at, split_key
from app.search.results.sections import best_section
from app.search.results.snippets import HighlightTerms, highlight_terms, snippet
from app.stories.answers import Effect
from app.stories.models import Story, StoryRevision, TreatmentTried, slug_of
from app.stories.queries import CardTreatment
from app.topics.models import Topic

# Characters of a text that are its title, for kinds without titles.
OPENING_LENGTH = 80
# What the items of a page need, so that the number of statements is fixed.
_LOADER_OPTIONS: dict[str, Sequence[LoaderOption]] = {
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
    """The page that a comment is on."""

    title: str
    build_url: Callable[[], str]

    @property
    def url(self) -> str:
        """Its address. Needs a request."""
        return self.build_url()


@dataclass(frozen=True)
class Item:
    """A result as pages show it.

    `marked_title` and `snippet` have the words of the query marked. Kinds without titles are called by their first
    words. `subject` is the page that a comment is on, `helpful` the number of readers whom a story helped, `section`
    the heading of the part of a page that the address leads to.
    """

    kind: str
    id: int
    build_url: Callable[[], str] = field(compare=False, repr=False)
    title: str
    marked_title: Markup
    snippet: Markup
    published_at: datetime
    condition: str | None = None
    author_name: str | None = None
    author_title: str = ""
    treatments: Sequence[CardTreatment] = field(default_factory=list)
    is_invented: bool = False
    helpful: int = 0
    subject: Subject | None = None
    section: str | None = None

    @property
    def key(self) -> str:
        """The key of its document in the index."""
        return key_of(self.kind, self.id)

    @property
    def label(self) -> str:
        """What its kind is called beside it: 'Story'."""
        return str(kinds.title(self.kind))

    @property
    def url(self) -> str:
        """Its address. Needs a request."""
        return self.build_url()


def read_items(keys: Iterable[str], terms: HighlightTerms) -> list[Item]:
    """The items with these keys, in this order, with `terms` marked. What is not public is left out."""
    ids: dict[str, list[int]] = {}
    ordered = list(keys)
    for key in ordered:
        kind, number = split_key(key)
        ids.setdefault(kind, []).append(number)
    items = {item.key: item for kind, numbers in ids.items() for item in _read(kind, numbers, terms)}
    return [items[key] for key in ordered if key in items]


# --- The kinds --------------------------------------------------------------------------------------------------


def _stories(ids: Collection[int], terms: HighlightTerms) -> Iterator[Item]:
    """Read as rows, which takes a third of the time that objects would."""
    rows = db.session.execute(_story_rows(), {"ids": ids}).all()
    tried: dict[int, list[CardTreatment]] = defaultdict(list)
    for revision_id, name, effect in db.session.execute(_treatment_rows(), {"ids": [row.live_id for row in rows]}):
        tried[revision_id].append(CardTreatment(name, effect, effect.words if effect else None))
    for row in rows:
        yield Item(
            "story",
            row.id,
            partial(url_for, "stories.show", story_id=row.id, slug=slug_of(row.title)),
            row.title,
            highlight_terms(row.title, terms),
            snippet(story_text(row), terms),
            row.at,
            condition=row.condition,
            author_name=row.Person.display_name,
            author_title=row.Person.staff_title,
            treatments=tried[row.live_id],
            is_invented=row.is_invented,
            helpful=row.helpful,
        )


@cache
def _story_rows() -> sa.Select[*tuple[Any, ...]]:
    live = StoryRevision
    return (
        sa.select(
            *(Story.id, Story.is_invented, Story.helpful, published_at(Story)),
            *(live.id.label("live_id"), live.title, live.body_html, live.advice_html, live.body_place),
            Topic.name.label("condition"),
            Person,
        )
        .join(live, live.id == Story.live_revision_id)
        .join(Topic, Topic.id == live.condition_id)
        .join(Person, Person.id == Story.author_id)
        .where(Story.id.in_(sa.bindparam("ids", expanding=True)), public_by_ids(Story))
    )


@cache
def _treatment_rows() -> sa.Select[int, str, Effect | None]:
    tried = TreatmentTried
    return (
        sa.select(tried.revision_id, Topic.name, tried.effect)
        .join(Topic, Topic.id == tried.topic_id)
        .where(tried.revision_id.in_(sa.bindparam("ids", expanding=True)))
        .order_by(tried.position)
    )


def _load(kind: str, ids: Collection[int]) -> Sequence[Any]:
    model = indexed_models()[kind]
    chosen = sa.select(model).options(*_LOADER_OPTIONS.get(kind, ())).where(model.id.in_(ids), public_by_ids(model))
    return db.session.scalars(chosen).unique().all()


def _url(thing: Publication, section: str | None = None) -> str:
    return f"{thing.url}#{section}" if section else str(thing.url)


def _item(
    thing: Publication,
    title: str,
    text: str,
    terms: HighlightTerms,
    *,
    html: str = "",
    author: Person | None = None,
    is_invented: bool = False,
    subject: Subject | None = None,
) -> Item:
    """An item. With `html`, the editorial text, it leads to the section that says most of what is sought."""
    since = thing.published_at or thing.created_at
    section = best_section(html, terms.sought)
    words = highlight_terms(title, terms), snippet(section.text if section else text, terms)
    address = partial(_url, thing, section.id if section else None)
    return Item(
        thing.kind,
        thing.id,
        address,
        title,
        *words,
        since,
        author_name=author.display_name if author else None,
        author_title=author.staff_title if author else "",
        is_invented=is_invented,
        subject=subject,
        section=section.heading if section else None,
    )


def _topics(ids: Collection[int], terms: HighlightTerms) -> Iterator[Item]:
    for topic in _load("topic", ids):
        html = topic.live.overview_html
        yield _item(topic, topic.name, topic_text(topic.definition, html), terms, html=html)


def _articles(ids: Collection[int], terms: HighlightTerms) -> Iterator[Item]:
    articles = _load("article", ids)
    compared = comparison_words([article.live.id for article in articles])
    for article in articles:
        live = article.live
        yield _item(article, live.title, article_text(live, compared[live.id]), terms, html=live.body_html)


def _comments(ids: Collection[int], terms: HighlightTerms) -> Iterator[Item]:
    for comment in _load("comment", ids):
        subject = comment.subject
        text = " ".join(plain(comment.live.body_html).split())
        title = excerpt(text, OPENING_LENGTH)
        yield _item(
            comment,
            title,
            _rest_after(title, text),
            terms,
            author=comment.author,
            is_invented=comment.is_invented,
            subject=Subject(subject.name if subject.kind == "topic" else subject.live.title, partial(_url, subject)),
        )


def _contributions(kind: AnyKind, ids: Collection[int], terms: HighlightTerms) -> Iterator[Item]:
    """Items of any kind of contribution, by the title and the texts that its `Kind` declares."""
    for contribution in _load(kind.name, ids):
        text = " ".join(contribution_text(kind, contribution.live).split())
        title = kind.title(contribution.live) if kind.title else excerpt(text, OPENING_LENGTH)
        body = text if kind.title else _rest_after(title, text)
        yield _item(contribution, title, body, terms, author=contribution.author)


def _rest_after(opening: str, text: str) -> str:
    """The rest of a text after the opening by which it is called; empty if there is no more."""
    rest = text.removeprefix(opening.removesuffix("…")).lstrip(" .,;:-–—")
    return f"… {rest}" if rest else ""


def _read(kind: str, ids: Collection[int], terms: HighlightTerms) -> Iterator[Item]:
    reader = _READERS.get(kind)
    return reader(ids, terms) if reader else _contributions(kinds.get(kind), ids, terms)


_READERS: dict[str, Callable[[Collection[int], HighlightTerms], Iterator[Item]]] = {
    "story": _stories,
    "topic": _topics,
    "article": _articles,
    "comment": _comments,
}
