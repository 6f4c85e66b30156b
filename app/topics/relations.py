"""Reading the relations of a topic, in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from app.foundation.database import db
from app.topics.models import RelationKind, Topic, TopicRelation


@dataclass(frozen=True)
class RelatedTopics:
    """Topics under one heading: 'Treatments for it', 'Alternatives', ..."""

    heading: str
    topics: list[Topic]


def related_topics(topic: Topic) -> list[RelatedTopics]:
    """Return the topics related to a topic, under headings; each once, and only topics with a page."""
    groups: dict[str, list[Topic]] = {}
    for relation in _relations_of(topic):
        forwards = relation.topic_id == topic.id
        other = relation.other if forwards else relation.topic
        heading = _headings()[relation.kind][0 if forwards else 1]
        seen = groups.setdefault(heading, [])
        if other.has_page and other not in seen:
            seen.append(other)
    return [
        RelatedTopics(heading, sorted(topics, key=lambda each: each.name))
        for heading, topics in groups.items()
        if topics
    ]


def _relations_of(topic: Topic) -> Sequence[TopicRelation]:
    return db.session.scalars(
        sa.select(TopicRelation)
        .options(joinedload(TopicRelation.other), joinedload(TopicRelation.topic))
        .where(sa.or_(TopicRelation.topic_id == topic.id, TopicRelation.other_id == topic.id))
        .order_by(TopicRelation.kind, TopicRelation.id)
    ).all()


def _headings() -> dict[RelationKind, tuple[str, str]]:
    return {
        RelationKind.TREATS: (_("Used for"), _("Treatments")),
        RelationKind.ALTERNATIVE_TO: (_("Alternatives"), _("Alternatives")),
        RelationKind.BROADER: (_("Part of"), _("In particular")),
        RelationKind.RELATED: (_("Related"), _("Related")),
    }
