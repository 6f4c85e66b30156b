"""Reading documents: everything that is public, from the database, in the form in which it is indexed.

Rows are read through `public()` only, in batches of a few statements each, so that memory stays flat however many there
are. Stories, topics, articles and comments have readers of their own; every other kind of the registry that is
searchable is read by `_contributions`. Comments are filed under the topics of the page they are on, so that filters
apply to them, but carry no names: they are found by their own words only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.articles.models import Article, ArticleRevision, ComparisonCell, ComparisonCriterion
from app.comments.models import SUBJECTS, Comment, CommentAncestor, CommentRevision
from app.foundation import kinds
from app.foundation.contributions.models import Publication
from app.foundation.contributions.revisions import Revision
from app.foundation.database import db
from app.foundation.kinds import AnyKind, Text
from app.foundation.text.markup import plain
from app.search.index.document_topics import (
    DocumentTopics,
    TopicNames,
    outcomes_of_stories,
    side_effects_of_stories,
    topics_of_articles,
    topics_of_stories,
    topics_of_topics,
)
from app.search.index.documents import Document, indexed_models, key_of, public_by_ids, published_at
from app.stories.models import Story, StoryRevision
from app.topics.models import Topic, TopicKind, TopicRevision

BATCH = 500

Reader = Callable[[sa.ColumnElement[bool], TopicNames], Iterator[Document]]
"""Yields the documents of a kind that meet a condition, in the order of their ids. `Names` is a cache."""


LiveRow = sa.Row[*tuple[Any, ...]]
"""What `_live_rows` reads of one row: its id, `at`, and the columns asked for, by their names."""


def public_documents(kind: str, ids: Collection[int] | None = None) -> Iterator[Document]:
    """The documents of a kind in the order of their ids, all or those with these ids. Only what is public."""
    model = indexed_models()[kind]
    read: Reader = _READERS.get(kind) or partial(_contributions, kind)
    names = TopicNames()
    for batch in _batches(model, ids):
        yield from read(sa.and_(public_by_ids(model), batch), names)


def count_public(kind: str) -> int:
    """The number of documents of a kind."""
    model = indexed_models()[kind]
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(model.public())) or 0


def _batches(model: type[Publication], ids: Collection[int] | None) -> Iterator[sa.ColumnElement[bool]]:
    if ids is None:
        last = db.session.scalar(sa.select(sa.func.max(model.id))) or 0
        for start in range(1, last + 1, BATCH):
            yield model.id.between(start, start + BATCH - 1)
    else:
        ordered = sorted(ids)
        for start in range(0, len(ordered), BATCH):
            yield model.id.in_(ordered[start : start + BATCH])


def _contributions(name: str, chosen: sa.ColumnElement[bool], _names: TopicNames) -> Iterator[Document]:
    """The documents of any kind of contribution, by the title and the texts that its `Kind` declares."""
    kind = kinds.get(name)
    assert kind.searching is not None, "only searchable kinds are indexed"
    statement = sa.select(kind.model).options(joinedload(kind.model.live)).where(chosen).order_by(kind.model.id)
    for contribution in db.session.scalars(statement):
        above = ((other, getattr(contribution, column)) for other, column in kind.searching.within.items())
        yield Document(
            kind=name,
            id=contribution.id,
            title=kind.title(contribution.live) if kind.title else "",
            names=(),
            synonyms=(),
            text=contribution_text(kind, contribution.live),
            topics=(),
            conditions=(),
            treatments=(),
            within=tuple(key_of(other, number) for other, number in above if number is not None),
            published_at=contribution.published_at or contribution.created_at,
        )


def _live_rows(
    model: type[Publication],
    revisions: type[Revision],
    chosen: sa.ColumnElement[bool],
    *columns: sa.SQLColumnExpression[object],
) -> Sequence[LiveRow]:
    """The id, the time of publication (`at`) and these columns of what meets a condition, with its live revision."""
    return db.session.execute(
        sa.select(model.id, published_at(model), *columns)
        .join(revisions, revisions.id == model.live_revision_id)
        .where(chosen)
        .order_by(model.id)
    ).all()


def _filed_document(kind: str, row: LiveRow, text: str, filed: DocumentTopics, names: TopicNames) -> Document:
    """The document of a story or an article, which is also found by the names of the topics it is filed under."""
    return Document(
        kind=kind,
        id=row.id,
        title=row.title,
        names=names.preferred(filed.topics),
        synonyms=names.others(filed.topics),
        text=text,
        topics=tuple(filed.topics),
        conditions=tuple(filed.conditions),
        treatments=tuple(filed.treatments),
        within=(),
        published_at=row.at,
    )


def _stories(chosen: sa.ColumnElement[bool], names: TopicNames) -> Iterator[Document]:
    live = StoryRevision
    rows = _live_rows(Story, live, chosen, live.title, live.body_html, live.advice_html, live.body_place, Story.helpful)
    filed = topics_of_stories([row.id for row in rows])
    effects = side_effects_of_stories([row.id for row in rows])
    went = outcomes_of_stories([row.id for row in rows])
    names.load(topic for each in filed.values() for topic in each.topics)
    for row in rows:
        document = _filed_document("story", row, story_text(row), filed[row.id], names)
        yield replace(
            document,
            topics=tuple(dict.fromkeys([*document.topics, *effects[row.id]])),
            side_effects=tuple(dict.fromkeys(effects[row.id])),
            outcomes=tuple(dict.fromkeys(went[row.id])),
            helpful=row.helpful,
        )


def _topics(chosen: sa.ColumnElement[bool], names: TopicNames) -> Iterator[Document]:
    rows = _live_rows(
        Topic, TopicRevision, chosen, Topic.name, Topic.about, Topic.definition, TopicRevision.overview_html
    )
    names.load(row.id for row in rows)
    for row in rows:
        yield Document(
            kind="topic",
            id=row.id,
            title=row.name,
            # All of its names are on its page.
            names=(*names.preferred([row.id]), *names.others([row.id])),
            synonyms=(),
            text=topic_text(row.definition, row.overview_html),
            topics=(row.id,),
            conditions=(row.id,) if row.about is TopicKind.CONDITION else (),
            treatments=(row.id,) if row.about is TopicKind.TREATMENT else (),
            within=(),
            published_at=row.at,
        )


def _articles(chosen: sa.ColumnElement[bool], names: TopicNames) -> Iterator[Document]:
    live = ArticleRevision
    rows = _live_rows(Article, live, chosen, Article.live_revision_id, live.title, live.excerpt, live.body_html)
    filed = topics_of_articles([row.id for row in rows])
    cells = comparison_words([row.live_revision_id for row in rows])
    names.load(topic for each in filed.values() for topic in each.topics)
    for row in rows:
        yield _filed_document("article", row, article_text(row, cells[row.live_revision_id]), filed[row.id], names)


def _comments(chosen: sa.ColumnElement[bool], _names: TopicNames) -> Iterator[Document]:
    live = CommentRevision
    rows = _live_rows(Comment, live, chosen, Comment.story_id, Comment.article_id, Comment.topic_id, live.body_html)
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
    """The keys of the comments that each comment answers, directly or indirectly, the topmost first."""
    above: dict[int, list[str]] = defaultdict(list)
    for comment_id, ancestor_id in db.session.execute(
        sa.select(CommentAncestor.comment_id, CommentAncestor.ancestor_id)
        .where(CommentAncestor.comment_id.in_(comment_ids))
        .order_by(CommentAncestor.ancestor_id)
    ):
        above[comment_id].append(key_of("comment", ancestor_id))
    return above


def _filed_subjects(rows: Sequence[object]) -> dict[str, dict[int, DocumentTopics]]:
    """Where the pages under which these comments are were filed, by kind and id."""
    filed = {}
    for kind, read in _TOPIC_READERS.items():
        subjects = {subject_id for row in rows if (subject_id := getattr(row, f"{kind}_id"))}
        filed[kind] = read(subjects) if subjects else {}
    return filed


_TOPIC_READERS: dict[str, Callable[[Collection[int]], dict[int, DocumentTopics]]] = {
    "story": topics_of_stories,
    "article": topics_of_articles,
    "topic": topics_of_topics,
}
_READERS: dict[str, Reader] = {
    "story": _stories,
    "topic": _topics,
    "article": _articles,
    "comment": _comments,
}


# --- Texts: the same for documents and for the snippets of results ------------------------------------------------


def contribution_text(kind: AnyKind, live: Revision) -> str:
    """The texts of a revision of any kind, except its title."""
    texts = [text for text in kind.texts if not (kind.title and text.name == "title")]
    return "\n".join(filter(None, (_plain_text(text, live) for text in texts)))


def _plain_text(text: Text, live: Revision) -> str:
    html = text.html_of(live)
    return text.of(live) if html is None else plain(html)


def story_text(live: StoryRevision | LiveRow) -> str:
    """The text of a revision of a story, or of a row with its columns."""
    return "\n".join(filter(None, (plain(live.body_html), plain(live.advice_html or ""), live.body_place)))


def topic_text(definition: str, overview_html: str) -> str:
    """The text of the page of a topic."""
    return "\n".join(filter(None, (definition, plain(overview_html))))


def article_text(live: ArticleRevision | LiveRow, cells: Iterable[str] = ()) -> str:
    """The text of a revision of an article, or of a row with its columns; `cells` are those of its comparison."""
    return "\n".join(filter(None, (live.excerpt, plain(live.body_html), *cells)))


def comparison_words(revision_ids: Collection[int]) -> dict[int, list[str]]:
    """The texts of the comparisons of these revisions of articles, criteria and cells, by the id of the revision."""
    words: dict[int, list[str]] = defaultdict(list)
    criterion, cell = ComparisonCriterion, ComparisonCell
    for statement in (
        sa.select(criterion.revision_id, criterion.name, criterion.note).order_by(criterion.id),
        sa.select(cell.revision_id, cell.figure, cell.text).order_by(cell.id),
    ):
        revision_id = statement.selected_columns[0]
        for revision, *texts in db.session.execute(statement.where(revision_id.in_(revision_ids))):
            words[revision].append(" ".join(filter(None, texts)))
    return words
