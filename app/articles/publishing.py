"""Publishing articles. They are loaded from files; the caller decides who may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.articles.models import (
    Article,
    ArticleForm,
    ArticleRevision,
    ComparisonCell,
    ComparisonCondition,
    ComparisonCriterion,
    ComparisonOption,
    Evidence,
)
from app.foundation.contributions import publication
from app.foundation.database import db
from app.foundation.text.rendered_text import RenderedText
from app.topics.models import Topic


@dataclass(frozen=True)
class Cell:
    """A finding about an option by a criterion for a condition; several about the same are shown in the order given.

    `reference` is the number of an entry in the references.
    """

    condition: Topic
    option: Topic
    criterion: str
    text: str = ""
    figure: str | None = None
    evidence: Evidence | None = None
    reference: int | None = None


@dataclass(frozen=True)
class Comparison:
    """The structured part of a comparison. `criteria` are (name, note) in the order of display."""

    options: Sequence[Topic]
    criteria: Sequence[tuple[str, str]]
    conditions: Sequence[Topic]
    cells: Sequence[Cell]


@dataclass(frozen=True)
class ArticleContent:
    """The content of a revision of an article. With `comparison`, the article is a comparison, else a guide."""

    title: str
    excerpt: str
    body: RenderedText
    topics: Sequence[Topic]
    references: Sequence[dict[str, str | None]] = ()
    comparison: Comparison | None = None


def publish(slug: str, content: ArticleContent) -> Article:
    """Publish content as the article with this slug, and return the article. The caller has checked that it may.

    If the article does not exist, it is created; otherwise the content becomes its next revision.
    """
    article = db.session.scalar(sa.select(Article).where(Article.slug == slug))
    form = ArticleForm.COMPARISON if content.comparison else ArticleForm.GUIDE
    if article is None:
        article = Article(slug=slug, form=form)
        db.session.add(article)
    article.topics = list(content.topics)
    revision = ArticleRevision(
        **publication.staff_revision_columns(article),
        title=content.title,
        excerpt=content.excerpt,
        body_source=content.body.source,
        body_html=content.body.html,
        references=list(content.references),
    )
    db.session.add(revision)
    db.session.flush()
    if content.comparison is not None:
        _compare(revision, content.comparison)
    publication.make_live(article, revision)
    return article


def _compare(revision: ArticleRevision, comparison: Comparison) -> None:
    options = {topic.id: ComparisonOption(topic=topic, position=at) for at, topic in enumerate(comparison.options)}
    conditions = {
        topic.id: ComparisonCondition(topic=topic, position=at) for at, topic in enumerate(comparison.conditions)
    }
    criteria = {
        name: ComparisonCriterion(name=name, note=note, position=at)
        for at, (name, note) in enumerate(comparison.criteria)
    }
    revision.options = list(options.values())
    revision.conditions = list(conditions.values())
    revision.criteria = list(criteria.values())
    db.session.flush()
    revision.cells = [
        ComparisonCell(
            condition_id=conditions[cell.condition.id].id,
            option_id=options[cell.option.id].id,
            criterion_id=criteria[cell.criterion].id,
            text=cell.text,
            figure=cell.figure,
            evidence=cell.evidence,
            reference=cell.reference,
            position=position,
        )
        for position, cell in enumerate(comparison.cells)
    ]
    db.session.flush()
