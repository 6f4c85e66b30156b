"""Reading the relations of a topic, in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import aliased

from app.foundation.database import db
from app.topics.models import RelationKind, Topic, TopicRelation


@dataclass(frozen=True)
class RelatedTopics:
    """Topics under one heading: 'Treatments for it', 'Alternatives', ..."""

    heading: str
    topics: list[Topic]


def related_topics(topic: Topic) -> list[RelatedTopics]:
    """Return the reachable topics related to a topic, under headings, each once and by name. One statement."""
    groups: dict[str, list[Topic]] = {}
    for kind, is_forwards, other in _relations_of(topic):
        seen = groups.setdefault(_headings()[kind][0 if is_forwards else 1], [])
        if other not in seen:
            seen.append(other)
    return [RelatedTopics(heading, sorted(topics, key=lambda each: each.name)) for heading, topics in groups.items()]


def _relations_of(topic: Topic) -> Sequence[sa.Row[RelationKind, bool, Topic]]:
    """(kind, whether the topic is the one that relates, the other topic) of its relations."""
    other = aliased(Topic)
    is_forwards = TopicRelation.topic_id == topic.id
    other_id = sa.case((is_forwards, TopicRelation.other_id), else_=TopicRelation.topic_id)
    return db.session.execute(
        sa.select(TopicRelation.kind, is_forwards, other)
        .join(other, other.id == other_id)
        .where(sa.or_(is_forwards, TopicRelation.other_id == topic.id), other.reachable())
        .order_by(TopicRelation.kind, TopicRelation.id)
    ).all()


def _headings() -> dict[RelationKind, tuple[str, str]]:
    return {
        RelationKind.TREATS: (_("Used for"), _("Treatments")),
        RelationKind.ALTERNATIVE_TO: (_("Alternatives"), _("Alternatives")),
        RelationKind.BROADER: (_("Part of"), _("Types")),
        RelationKind.RELATED: (_("Related"), _("Related")),
    }
