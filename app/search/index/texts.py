"""The text by which something is found: the same for its document in the index and for the snippets of results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa

from app.articles.models import ComparisonCell, ComparisonCriterion
from app.foundation.contributions.revisions import Revision
from app.foundation.database import db
from app.foundation.kinds import AnyKind
from app.foundation.text.markup import plain


def contribution_text(kind: AnyKind, live: Revision) -> str:
    """The texts of a revision of any kind, except its title."""
    texts = [text for text in kind.texts if not (kind.title and text.name == "title")]
    return "\n".join(filter(None, (plain(text.html_of(live)) if text.html else text.of(live) for text in texts)))


def story_text(live: Any) -> str:
    """The text of a revision of a story, or of a row with its columns."""
    return "\n".join(filter(None, (plain(live.body_html), plain(live.advice_html or ""), live.body_place)))


def topic_text(definition: str, overview_html: str) -> str:
    """The text of the page of a topic."""
    return "\n".join(filter(None, (definition, plain(overview_html))))


def article_text(live: Any, cells: Iterable[str] = ()) -> str:
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
