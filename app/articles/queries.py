"""Reading articles: lists, and what the tables of a comparison need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.articles.models import (
    Article,
    ArticleRevision,
    ComparisonCondition,
    ComparisonOption,
)

# The number of articles on the page of a topic.
ARTICLES_SHOWN = 10


@dataclass(frozen=True)
class ArticleRow:
    """An article in a list."""

    url: str
    title: str
    excerpt: str
    published_at: datetime | None
    comment_count: int


def select_newest() -> sa.Select[Article]:
    """All public articles, newest first."""
    return (
        sa.select(Article)
        .options(joinedload(Article.live))
        .where(Article.public())
        .order_by(Article.published_at.desc(), Article.id.desc())
    )


def rows(articles: Sequence[Article], comment_counts: Mapping[int, int]) -> list[ArticleRow]:
    """Return what a list shows of these articles."""
    return [
        ArticleRow(
            article.url,
            article.live.title,
            article.live.excerpt,
            article.published_at,
            comment_counts.get(article.id, 0),
        )
        for article in articles
        if article.live is not None
    ]


# Everything a comparison's tables need, in a fixed number of statements.
COMPARISON_LOADERS = (
    joinedload(Article.live).selectinload(ArticleRevision.options).joinedload(ComparisonOption.topic),
    joinedload(Article.live).selectinload(ArticleRevision.conditions).joinedload(ComparisonCondition.topic),
    joinedload(Article.live).selectinload(ArticleRevision.criteria),
    joinedload(Article.live).selectinload(ArticleRevision.cells),
    selectinload(Article.topics),
)
