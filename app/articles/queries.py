"""Reading articles: lists, and a comparison as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, selectinload

from app.articles.models import (
    Article,
    ArticleRevision,
    ComparisonCell,
    ComparisonCondition,
    ComparisonCriterion,
    ComparisonOption,
    Evidence,
)
from app.topics.models import Topic

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


@dataclass(frozen=True)
class CellContent:
    """What a cell of a comparison shows: what is known about one option by one criterion."""

    text: str
    figure: str | None = None
    evidence_label: str | None = None
    reference_number: int | None = None
    # The address of the stories that say it.
    url: str | None = None


@dataclass(frozen=True)
class StoriesRow:
    """The row of a comparison with what the stories say."""

    name: str
    note: str
    is_stories: bool = True


@dataclass(frozen=True)
class Table:
    """A comparison for one condition. Options and criteria about which nothing is known here are left out."""

    condition: Topic
    options: list[ComparisonOption]
    criteria: list[ComparisonCriterion | StoriesRow]
    cells: Mapping[tuple[int, int], ComparisonCell]
    story_cells: Mapping[int, CellContent]

    def cell(self, criterion: ComparisonCriterion | StoriesRow, option: ComparisonOption) -> CellContent | None:
        """Return the content of a cell: what is known about an option by a criterion, or what its stories say."""
        if isinstance(criterion, StoriesRow):
            return self.story_cells.get(option.topic_id, CellContent(_("no stories yet")))
        cell = self.cells.get((option.id, criterion.id))
        if cell is None:
            return None
        return CellContent(cell.text, cell.figure, evidence_label(cell.evidence), cell.reference)


def tables(
    revision: ArticleRevision, story_cells: Mapping[tuple[int, int], CellContent], stories_row: StoriesRow
) -> list[Table]:
    """The tables of a comparison, one for each condition it covers.

    `story_cells` is what the stories say, by the ids of condition and treatment; if there is any, it becomes
    one more row.
    """
    return [_table(revision, condition, story_cells, stories_row) for condition in revision.conditions]


def _table(
    revision: ArticleRevision,
    condition: ComparisonCondition,
    story_cells: Mapping[tuple[int, int], CellContent],
    stories_row: StoriesRow,
) -> Table:
    condition_cells = {
        treatment_id: cell
        for (condition_id, treatment_id), cell in story_cells.items()
        if condition_id == condition.topic_id
    }
    cells = {(cell.option_id, cell.criterion_id): cell for cell in revision.cells if cell.condition_id == condition.id}
    options = {option for option, _criterion in cells}
    criteria = {criterion for _option, criterion in cells}
    return Table(
        condition=condition.topic,
        options=[option for option in revision.options if option.id in options],
        criteria=[
            *(criterion for criterion in revision.criteria if criterion.id in criteria),
            *(
                [stories_row]
                if any(option.topic_id in condition_cells for option in revision.options if option.id in options)
                else []
            ),
        ],
        cells=cells,
        story_cells=condition_cells,
    )


def evidence_label(evidence: Evidence | None) -> str | None:
    """Return the words for a kind of evidence, such as 'randomised trial'."""
    words = {
        Evidence.RANDOMISED_TRIAL: _("randomised trial"),
        Evidence.COHORT_STUDY: _("cohort study"),
        Evidence.CASE_SERIES: _("case series, no control group"),
        Evidence.RETROSPECTIVE_COMPARISON: _("retrospective comparison"),
        Evidence.SYSTEMATIC_REVIEW: _("systematic review"),
        Evidence.REVIEW_ARTICLE: _("review article"),
        Evidence.PRODUCT_LABEL: _("product label"),
        Evidence.LEAFLET: _("patient information"),
        Evidence.GUIDANCE: _("official guidance"),
        Evidence.COST_STUDY: _("cost study"),
        Evidence.MODEL: _("calculated in a model, no patients"),
    }
    return words[evidence] if evidence else None
