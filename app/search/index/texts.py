"""The words of things: the same for the index and for the snippets that are cut from the database's text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa

from app.articles.models import ComparisonCell, ComparisonCriterion
from app.foundation.database import db
from app.foundation.text.markup import plain


def story_text(live: Any) -> str:
    """The words of a story's version (a row or an object), for the index and for its snippets."""
    return "\n".join(filter(None, (plain(live.body_html), plain(live.advice_html or ""), live.body_place)))


def topic_text(definition: str, overview_html: str) -> str:
    """The words of a topic's page."""
    return "\n".join(filter(None, (definition, plain(overview_html))))


def article_text(live: Any, cells: Iterable[str] = ()) -> str:
    """The words of an article's version, with those of its comparison."""
    return "\n".join(filter(None, (live.excerpt, plain(live.body_html), *cells)))


def comparison_words(revision_ids: Collection[int]) -> dict[int, list[str]]:
    """What the tables of these versions of articles say: criteria and cells."""
    said: dict[int, list[str]] = defaultdict(list)
    criterion, cell = ComparisonCriterion, ComparisonCell
    for statement in (
        sa.select(criterion.revision_id, criterion.name, criterion.note).order_by(criterion.id),
        sa.select(cell.revision_id, cell.figure, cell.text).order_by(cell.id),
    ):
        revision_id = statement.selected_columns[0]
        for revision, *texts in db.session.execute(statement.where(revision_id.in_(revision_ids))):
            said[revision].append(" ".join(filter(None, texts)))
    return said
