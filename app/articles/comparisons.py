"""A comparison as tables, one for each condition, and which of their columns a reader wants side by side."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.articles.models import (
    Article,
    ArticleRevision,
    ComparisonCell,
    ComparisonCondition,
    ComparisonCriterion,
    ComparisonOption,
    Evidence,
)
from app.foundation.text.strings import slugify
from app.topics.models import Topic

# The number of options that a phone shows side by side: at most, and if nothing was chosen.
MAX_CHOSEN = 3
DEFAULT_CHOSEN = 2


@dataclass(frozen=True)
class Finding:
    """Something known about one option by one criterion: a cell of a comparison shows one or several of them."""

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
    cells: Mapping[tuple[int, int], Sequence[ComparisonCell]]
    story_cells: Mapping[int, Finding]

    @property
    def fragment(self) -> str:
        """The id of its section. Addresses with it are shared, so it stays the same as long as the topic's slug."""
        return f"for-{self.condition.slug}"

    def option_fragment(self, option: ComparisonOption) -> str:
        """The id of the head of a column."""
        return f"{self.condition.slug}-option-{option.topic.slug}"

    def row_fragment(self, criterion: ComparisonCriterion | StoriesRow) -> str:
        """The id of a row."""
        return f"{self.condition.slug}-row-{slugify(criterion.name)}"

    @property
    def best_known(self) -> list[ComparisonOption]:
        """The options to begin with: those about which most is known here, in the order of the table."""
        known = Counter(option for option, _criterion in self.cells)
        best = sorted(self.options, key=lambda option: -known[option.id])[:DEFAULT_CHOSEN]
        return [option for option in self.options if option in best]

    def findings(self, criterion: ComparisonCriterion | StoriesRow, option: ComparisonOption) -> list[Finding]:
        """Return what a cell says: what is known about an option by a criterion, or what its stories say."""
        if isinstance(criterion, StoriesRow):
            return [self.story_cells.get(option.topic_id, Finding(_("no stories yet")))]
        return [
            Finding(cell.text, cell.figure, evidence_label(cell.evidence), cell.reference)
            for cell in self.cells.get((option.id, criterion.id), ())
        ]


@dataclass(frozen=True)
class Choice:
    """What a phone shows: one condition, and the options that stand side by side. A wide screen shows everything."""

    article_slug: str
    condition: Topic
    # The slugs of the options that were asked for; empty if none of them is in the table.
    options: tuple[str, ...] = ()

    def is_for(self, table: Table) -> bool:
        """Whether this is the table that a phone shows."""
        return table.condition.id == self.condition.id

    @property
    def most(self) -> int:
        """The number of options that have room side by side."""
        return MAX_CHOSEN

    @property
    def default(self) -> int:
        """The number of options that stand side by side if nothing was chosen."""
        return DEFAULT_CHOSEN

    @property
    def is_too_much(self) -> bool:
        """Whether more was asked for than has room."""
        return len(self.options) > MAX_CHOSEN

    def of(self, table: Table) -> list[ComparisonOption]:
        """The options of a table that stand side by side on a phone, in the order of the table."""
        if self.options and self.is_for(table):
            return [option for option in table.options if option.topic.slug in self.options[:MAX_CHOSEN]]
        return table.best_known

    def url(self, table: Table, *options: ComparisonOption) -> str:
        """The address of a table with these options side by side, or with those chosen."""
        return url_for(
            "articles.show",
            slug=self.article_slug,
            condition=table.condition.slug,
            option=[option.topic.slug for option in options or self.of(table)],
            _anchor=table.option_fragment(options[0]) if options else table.fragment,
        )


def choose(article: Article, tables: Sequence[Table], arguments: MultiDict[str, str]) -> Choice:
    """Return what the address asks for: `condition`, and `option` several times. What is not known here is ignored."""
    condition = arguments.get("condition")
    table = next((table for table in tables if table.condition.slug == condition), tables[0])
    asked = set(arguments.getlist("option"))
    slugs = [option.topic.slug for option in table.options]
    return Choice(article.slug, table.condition, tuple(slug for slug in slugs if slug in asked))


def read_tables(
    revision: ArticleRevision, story_cells: Mapping[tuple[int, int], Finding], stories_row: StoriesRow
) -> list[Table]:
    """The tables of a comparison, one for each condition about which anything is known.

    `story_cells` is what the stories say, by the ids of condition and treatment; if there is any, it becomes
    one more row.
    """
    tables = [_table(revision, condition, story_cells, stories_row) for condition in revision.conditions]
    return [table for table in tables if table.options]


def _table(
    revision: ArticleRevision,
    condition: ComparisonCondition,
    story_cells: Mapping[tuple[int, int], Finding],
    stories_row: StoriesRow,
) -> Table:
    cells: dict[tuple[int, int], list[ComparisonCell]] = defaultdict(list)
    for cell in revision.cells:
        if cell.condition_id == condition.id:
            cells[cell.option_id, cell.criterion_id].append(cell)
    known_options = {option for option, _criterion in cells}
    known_criteria = {criterion for _option, criterion in cells}
    options = [option for option in revision.options if option.id in known_options]
    of_condition = {
        option.topic_id: story_cells[condition.topic_id, option.topic_id]
        for option in options
        if (condition.topic_id, option.topic_id) in story_cells
    }
    criteria = [criterion for criterion in revision.criteria if criterion.id in known_criteria]
    return Table(
        condition=condition.topic,
        options=options,
        criteria=[*criteria, *([stories_row] if of_condition else [])],
        cells=cells,
        story_cells=of_condition,
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
