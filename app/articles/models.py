"""Models of articles: guides in prose, and comparisons of treatments as structured data."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.foundation.contributions.models import Publication
from app.foundation.contributions.revisions import Revision
from app.foundation.database import Model, enum_column
from app.foundation.text.markup import RenderedHTML
from app.topics.models import Topic


class ArticleForm(enum.StrEnum):
    """The forms of articles: a guide in prose, or a comparison of treatments."""

    GUIDE = "guide"
    COMPARISON = "comparison"


class Evidence(enum.StrEnum):
    """The kind of study or document that a cell of a comparison comes from."""

    RANDOMISED_TRIAL = "randomised_trial"
    COHORT_STUDY = "cohort_study"
    CASE_SERIES = "case_series"
    RETROSPECTIVE_COMPARISON = "retrospective_comparison"
    SYSTEMATIC_REVIEW = "systematic_review"
    REVIEW_ARTICLE = "review_article"
    PRODUCT_LABEL = "product_label"
    LEAFLET = "leaflet"
    GUIDANCE = "guidance"
    COST_STUDY = "cost_study"
    MODEL = "model"


class ArticleTopic(Model):
    """An article is about a topic."""

    __tablename__ = "article_topics"

    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True, index=True)


class Article(Publication, Model):
    """An article: a guide or a comparison. The public reads its live revision."""

    __tablename__ = "articles"
    __table_args__ = (sa.Index("ix_articles_published", "state", "published_at"),)

    kind = "article"

    slug: Mapped[str] = mapped_column(sa.String(100), unique=True)
    form: Mapped[ArticleForm] = mapped_column(enum_column(ArticleForm))
    live_revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("article_revisions.id", use_alter=True))

    live: Mapped[ArticleRevision | None] = relationship(foreign_keys=[live_revision_id], post_update=True)
    topics: Mapped[list[Topic]] = relationship(secondary="article_topics", order_by=Topic.name)

    @property
    def url(self) -> str:
        """The address of the page of the article."""
        return url_for("articles.show", slug=self.slug)


class ArticleRevision(Revision, Model):
    """A revision of an article. A comparison has options, criteria, conditions and cells besides its body."""

    __tablename__ = "article_revisions"
    __table_args__ = (sa.UniqueConstraint("article_id", "number"),)

    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles.id"))
    title: Mapped[str] = mapped_column(sa.String(200))
    excerpt: Mapped[str] = mapped_column(sa.String(400))
    body_source: Mapped[str] = mapped_column(sa.Text)
    body_html: Mapped[str] = mapped_column(RenderedHTML)
    # [{"text": ..., "url": ... or null}] in the order of their numbers, by which cells refer to them.
    references: Mapped[list[dict[str, str | None]]] = mapped_column("reference_list", sa.JSON)

    article: Mapped[Article] = relationship(foreign_keys=[article_id])
    options: Mapped[list[ComparisonOption]] = relationship(
        order_by="ComparisonOption.position", cascade="all, delete-orphan"
    )
    criteria: Mapped[list[ComparisonCriterion]] = relationship(
        order_by="ComparisonCriterion.position", cascade="all, delete-orphan"
    )
    conditions: Mapped[list[ComparisonCondition]] = relationship(
        order_by="ComparisonCondition.position", cascade="all, delete-orphan"
    )
    cells: Mapped[list[ComparisonCell]] = relationship(order_by="ComparisonCell.position", cascade="all, delete-orphan")


class _ComparedTopic:
    """A mixin for a topic at its position in a comparison. A comparison contains a topic at most once."""

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("article_revisions.id", ondelete="CASCADE"))
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"))
    position: Mapped[int]

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[sa.UniqueConstraint, ...]:
        """The constraint that a comparison contains a topic at most once."""
        return (sa.UniqueConstraint("revision_id", "topic_id"),)

    @declared_attr
    def topic(cls) -> Mapped[Topic]:
        """The treatment or condition."""
        return relationship()


class ComparisonOption(_ComparedTopic, Model):
    """One of the treatments that a comparison compares."""

    __tablename__ = "comparison_options"

    @property
    def name(self) -> str:
        """The name of the treatment."""
        return self.topic.name

    @property
    def url(self) -> str:
        """The address of the page of the treatment."""
        return self.topic.url


class ComparisonCriterion(Model):
    """A criterion by which the options are compared."""

    __tablename__ = "comparison_criteria"
    __table_args__ = (sa.UniqueConstraint("revision_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("article_revisions.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(120))
    note: Mapped[str] = mapped_column(sa.String(400), default="")
    position: Mapped[int]


class ComparisonCondition(_ComparedTopic, Model):
    """A condition that the comparison covers, in a table of its own on the page."""

    __tablename__ = "comparison_conditions"


class ComparisonCell(Model):
    """A finding for an option, a criterion and a condition: its text, figure and evidence. No row: nothing is known.

    Studies disagree, so there can be several findings, in the order of their positions, each with its own source.
    """

    __tablename__ = "comparison_cells"
    __table_args__ = (
        # By the naming convention it would be one character longer than PostgreSQL allows.
        sa.UniqueConstraint(
            "condition_id", "option_id", "criterion_id", "position", name="uq_comparison_cells_position"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(sa.ForeignKey("article_revisions.id", ondelete="CASCADE"), index=True)
    condition_id: Mapped[int] = mapped_column(sa.ForeignKey("comparison_conditions.id", ondelete="CASCADE"))
    option_id: Mapped[int] = mapped_column(sa.ForeignKey("comparison_options.id", ondelete="CASCADE"))
    criterion_id: Mapped[int] = mapped_column(sa.ForeignKey("comparison_criteria.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    figure: Mapped[str | None] = mapped_column(sa.String(80))
    evidence: Mapped[Evidence | None] = mapped_column(enum_column(Evidence))
    reference: Mapped[int | None]
    position: Mapped[int] = mapped_column(default=0)
