"""Publishing the pages of topics. Loaded from files for now; editors will use the same function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.foundation import clock
from app.foundation.contributions import publication
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db
from app.foundation.text.markup import RENDERER_VERSION
from app.foundation.text.rendered_text import RenderedText
from app.topics.models import Topic, TopicRevision


@dataclass(frozen=True)
class Overview:
    """What a topic's page says. `references` are {"text": ..., "url": ... or None} in the order of their numbers."""

    body: RenderedText
    references: Sequence[dict[str, str | None]] = ()
    reviewed_by: str | None = None
    reviewed_on: date | None = None
    next_review_due: date | None = None


def publish(topic: Topic, overview: Overview) -> TopicRevision:
    """Make this the topic's page. For editors and for what loads the site's own content."""
    revision = TopicRevision(
        topic=topic,
        number=(topic.live.number + 1) if topic.live else 1,
        state=RevisionState.APPROVED,
        decided_at=clock.now(),
        renderer_version=RENDERER_VERSION,
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
