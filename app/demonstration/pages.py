"""Topics, articles and comparisons from the content files, with their texts rendered and dated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from app.demonstration.entries import (
    ArticleTable,
    ComparisonTable,
    GuideTable,
    ReferenceTable,
    TopicPageTable,
    TopicTable,
)
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import RenderedText, render_text
from app.topics.pages import Overview
from app.topics.vocabulary import Entry

# Pages are published in the morning, before anybody comments on them.
PUBLISHED = time(7, tzinfo=UTC)

Reference = dict[str, str | None]


@dataclass(frozen=True)
class TopicEntry:
    """A topic; one without an overview has no page."""

    where: str
    table: TopicTable
    entry: Entry
    overview: Overview | None = None
    published_at: datetime | None = None


@dataclass(frozen=True)
class ArticleEntry:
    """An article; with `comparison` it has tables as well."""

    where: str
    table: ArticleTable
    body: RenderedText
    published_at: datetime
    references: tuple[Reference, ...]
    comparison: ComparisonTable | None = None


def topic(table: TopicTable, where: str) -> TopicEntry:
    """A topic, with its page if it has one."""
    entry = Entry(
        name=table.name,
        about=table.kind,
        slug=table.slug,
        definition=table.definition,
        names=tuple((name.kind, str(name.name)) for name in table.names),
    )
    if not isinstance(table, TopicPageTable):
        return TopicEntry(where, table, entry)
    overview = Overview(
        body=render_text(table.body, Profile.EDITORIAL),
        references=tuple(map(_reference, table.references)),
        reviewed_by=table.reviewed_by,
        reviewed_on=table.reviewed_on,
        next_review_due=table.next_review_due,
    )
    return TopicEntry(where, table, entry, overview, _morning(table.reviewed_on))


def article(table: GuideTable | ComparisonTable, where: str) -> ArticleEntry:
    """An article or a comparison."""
    comparison = table if isinstance(table, ComparisonTable) else None
    return ArticleEntry(
        where=where,
        table=table,
        body=render_text(table.intro if isinstance(table, ComparisonTable) else table.body, Profile.EDITORIAL),
        published_at=_morning(table.published_on),
        references=tuple(map(_reference, table.references)),
        comparison=comparison,
    )


def _reference(table: ReferenceTable) -> Reference:
    return {"text": table.text, "url": table.url or None}


def _morning(day: date) -> datetime:
    return datetime.combine(day, PUBLISHED)
