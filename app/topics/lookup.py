"""Looking up topics for the fields of forms, by any name: 'Aldara' is offered and accepted as 'Imiquimod (Aldara)'."""

from __future__ import annotations

import re

import sqlalchemy as sa

from app.foundation.database import db
from app.foundation.text.strings import name_key
from app.topics import vocabulary
from app.topics.models import NameKind, Topic, TopicKind, TopicName

MAX_SUGGESTIONS = 8
TYPED_MAX_LENGTH = 100
_DISPLAY_NAME = re.compile(r"(.+) \((.+)\)")


def display_name(name: str, other: str) -> str:
    """Return how a topic is shown to somebody who typed one of its names: 'Imiquimod (Aldara)'."""
    return name if name_key(name) == name_key(other) else f"{name} ({other})"


def find(typed: str, about: TopicKind | None) -> Topic | None:
    """Return the topic with this name, or chosen as 'Imiquimod (Aldara)', or None; of this kind if one is given."""
    topic = vocabulary.find(typed, about)
    picked = _DISPLAY_NAME.fullmatch(typed)
    if topic is not None or picked is None:
        return topic
    topic = vocabulary.find(picked[1], about)
    # Both have to be names of the topic: 'Imiquimod (the cheap one)' means something else.
    return topic if topic is not None and name_key(picked[2]) in {name.key for name in topic.names} else None


def display_name_for(topic: Topic, typed: str) -> str:
    """Return what to show for a name that was typed: the topic with that name in the form 'Imiquimod (Aldara)'."""
    key = name_key(typed)
    other = next((name.name for name in topic.names if name.key == key), None)
    return display_name(topic.name, other) if other else typed


def best_name_first(begins: sa.ColumnElement[bool]) -> tuple[sa.ColumnElement[int], ...]:
    """The order of suggested names: first those that meet `begins`, then preferred ones, then short ones."""
    return (
        sa.case((begins, 0), else_=1),
        # No other name of a topic need be mentioned where its preferred name fits.
        sa.case((TopicName.kind == NameKind.PREFERRED, 0), else_=1),
        sa.func.length(TopicName.key),
        TopicName.id.expression,
    )


def begins_with(key: str) -> sa.ColumnElement[bool]:
    """The condition that a name begins with this key."""
    return sa.and_(TopicName.key >= key, TopicName.key < f"{key}\U0010ffff")


def matches(key: str) -> sa.ColumnElement[bool]:
    """The condition that a name, or a word in it, begins with this key."""
    return sa.or_(begins_with(key), TopicName.key.contains(f" {key}", autoescape=True))


def suggest(typed: str, about: TopicKind) -> list[str]:
    """Return topics of this kind, as shown, with a name or a word in it that begins with `typed`. One statement."""
    key = name_key(typed[:TYPED_MAX_LENGTH])
    if not key:
        return []
    rows = db.session.execute(
        sa.select(Topic.id, Topic.name, TopicName.name.label("other"))
        .join(TopicName, TopicName.topic_id == Topic.id)
        .where(Topic.about == about, matches(key))
        .order_by(*best_name_first(begins_with(key)))
        # Names of the same topic often begin with the same letters.
        .limit(4 * MAX_SUGGESTIONS)
    )
    found: dict[int, str] = {}
    for topic_id, name, other in rows:
        found.setdefault(topic_id, display_name(name, other))
    return list(found.values())[:MAX_SUGGESTIONS]
