"""Publishing the pages of topics. They are loaded from files; the caller decides who may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.foundation.contributions import publication
from app.foundation.database import db
from app.foundation.text.rendered_text import RenderedText
from app.topics.models import Topic, TopicRevision


@dataclass(frozen=True)
class Overview:
    """The content of a topic's page. `references` are {"text": ..., "url": ... or None}, ordered by their numbers."""

    body: RenderedText
    references: Sequence[dict[str, str | None]] = ()
    reviewed_by: str | None = None
    reviewed_on: date | None = None
    next_review_due: date | None = None


def publish(topic: Topic, overview: Overview) -> TopicRevision:
    """Publish an overview as the page of a topic, and return the live revision. The caller has checked that it may."""
    revision = TopicRevision(
        **publication.staff_revision_columns(topic),
        overview_source=overview.body.source,
        overview_html=overview.body.html,
        references=list(overview.references),
        reviewed_by=overview.reviewed_by,
        reviewed_on=overview.reviewed_on,
        next_review_due=overview.next_review_due,
    )
    db.session.add(revision)
    publication.make_live(topic, revision)
    return revision
