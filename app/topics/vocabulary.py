"""The vocabulary: finding topics by any of their names, and adding topics and names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from app.foundation.contributions.publication import add_once
from app.foundation.database import db
from app.foundation.errors import Refused
from app.foundation.events import NamesChanged, PublicChanged, record
from app.foundation.text.strings import hidden_character, name_key, slugify
from app.topics.models import UNLISTED, NameKind, RelationKind, Topic, TopicKind, TopicName, TopicRelation

NAME_MAX_LENGTH = 200


@dataclass(frozen=True)
class Entry:
    """A topic to be added to the vocabulary. `names` are its other names, as (kind, name)."""

    name: str
    about: TopicKind
    slug: str | None = None
    definition: str = ""
    names: tuple[tuple[NameKind, str], ...] = ()
    source: str | None = None
    source_key: str | None = None


def find(name: str, about: TopicKind | None = None) -> Topic | None:
    """Return the topic with this name in any spelling ('5 fu', '5-FU'), or None. Preferred names take precedence."""
    key = name_key(name)
    if not key:
        return None
    chosen = sa.select(Topic).join(Topic.names).where(TopicName.key == key)
    if about is not None:
        chosen = chosen.where(Topic.about == about)
    return db.session.scalars(
        chosen.order_by(sa.case((TopicName.kind == NameKind.PREFERRED, 0), else_=1), Topic.id).limit(1)
    ).first()


def by_slug(slug: str) -> Topic | None:
    """Return the topic with this slug, with or without a page, or None."""
    return db.session.scalar(sa.select(Topic).where(Topic.slug == slug, Topic.listed()))


def is_reachable(topic: Topic) -> bool:
    """Whether there is a page of a topic to link to, see `Topic.reachable`. One statement."""
    return bool(db.session.scalar(sa.select(Topic.reachable()).where(Topic.id == topic.id)))


def preferred_names(about: TopicKind) -> list[str]:
    """Return the preferred names of one kind of topic, for the suggestions in a form."""
    return list(
        db.session.scalars(sa.select(Topic.name).where(Topic.about == about, Topic.listed()).order_by(Topic.name))
    )


def unlisted_topic(name: str, about: TopicKind) -> Topic:
    """Return a new topic object for a name that is not in the vocabulary. It is not stored."""
    return Topic(name=name, about=about, source=UNLISTED)


def stand_in(about: TopicKind) -> Topic:
    """Return the stand-in topic for unlisted names of this kind; it is created when it is first needed.

    It has no names, so it is never found, and a revision that refers to it cannot become public.
    """
    same = sa.select(Topic).where(Topic.source == UNLISTED, Topic.source_key == about)
    slug = _free_slug(f"not-listed-{about}", about)
    add_once(Topic(slug=slug, about=about, name="not listed", source=UNLISTED, source_key=about.value), same)
    return db.session.scalars(same).one()


def with_narrower(topic: Topic) -> sa.Select[int]:
    """Select the ids of a topic and of all narrower topics (warts, plantar warts, ...)."""
    broader = TopicRelation.kind == RelationKind.BROADER
    parts = sa.select(sa.literal(topic.id).label("id")).cte(recursive=True)
    # UNION, not UNION ALL, so that a cycle in the vocabulary does not lead to an endless loop.
    parts = parts.union(sa.select(TopicRelation.topic_id).where(TopicRelation.other_id == parts.c.id, broader))
    return sa.select(parts.c.id)


def add(entry: Entry) -> tuple[Topic, bool]:
    """Add an entry to the vocabulary, or complete the existing topic. Returns the topic and whether anything changed.

    Adding the same entry twice changes nothing. The name and definition of an existing topic are kept, because editors
    may have written them. Raises Refused for a name that `check_name` refuses and for an id of a topic of another kind.
    """
    name = entry.name.strip()
    check_name(name)
    topic = _existing_topic(entry)
    if topic is None:
        topic = Topic(
            slug=_free_slug(entry.slug or name, entry.about),
            about=entry.about,
            name=name,
            definition=entry.definition.strip(),
            source=entry.source,
            source_key=entry.source_key,
        )
        db.session.add(topic)
        changed = True
    else:
        changed = _fill_in(topic, entry)
    names = [(NameKind.PREFERRED, topic.name), *entry.names]
    if entry.source_key and name != topic.name:
        names.append((NameKind.SYNONYM, name))
    new_names = add_names(topic, names)
    return topic, changed or new_names


def check_name(name: str) -> None:
    """Raise Refused for a name of a topic that is empty, too long, or has a character in it that cannot be seen."""
    if not name_key(name) or len(name) > NAME_MAX_LENGTH:
        raise Refused(f"a name has 1 to {NAME_MAX_LENGTH} characters: {name[:60]!r}")
    strange = hidden_character(name)
    if strange:
        raise Refused(f"a name has the invisible character {strange} in it: {name[:60]!r}")


def add_names(topic: Topic, names: Iterable[tuple[NameKind, str]]) -> bool:
    """Add names to a topic, except those it already has. Returns whether any was new."""
    known = {name.key for name in topic.names}
    before = len(known)
    for kind, name in names:
        key = name_key(name)
        if key and key not in known and len(name) <= NAME_MAX_LENGTH:
            known.add(key)
            topic.names.append(TopicName(name=name.strip(), key=key, kind=kind))
    db.session.flush()
    if len(known) == before:
        return False
    record(NamesChanged(topic.id))
    return True


def relate(topic: Topic, kind: RelationKind, other: Topic) -> None:
    """Add a relation from a topic to another, unless it exists already."""
    if not any(relation.kind is kind and relation.other_id == other.id for relation in topic.relations):
        topic.relations.append(TopicRelation(kind=kind, other_id=other.id))
        db.session.flush()


def _existing_topic(entry: Entry) -> Topic | None:
    chosen = sa.select(Topic).options(selectinload(Topic.names))
    if entry.source_key:
        topic = db.session.scalar(chosen.where(Topic.source == entry.source, Topic.source_key == entry.source_key))
        if topic is not None and topic.about is not entry.about:
            raise Refused(f"{entry.source_key} is in the vocabulary already, as the {topic.about} {topic.name!r}")
        if topic is not None:
            return topic
    chosen = chosen.where(Topic.about == entry.about)
    if entry.slug:
        topic = db.session.scalar(chosen.where(Topic.slug == entry.slug))
        if topic is not None:
            return topic
    named = (
        chosen.join(TopicName, TopicName.topic_id == Topic.id)
        .where(TopicName.key == name_key(entry.name), TopicName.kind == NameKind.PREFERRED)
        .limit(1)
    )
    return db.session.scalar(named)


def _fill_in(topic: Topic, entry: Entry) -> bool:
    changed = False
    if not topic.definition and entry.definition.strip():
        topic.definition = entry.definition.strip()
        record(PublicChanged("topic", topic.id))
        changed = True
    if topic.source_key is None and entry.source_key:
        topic.source, topic.source_key = entry.source, entry.source_key
        changed = True
    return changed


def _free_slug(name: str, about: TopicKind) -> str:
    slug = slugify(name)
    taken = set(
        db.session.scalars(sa.select(Topic.slug).where(sa.or_(Topic.slug == slug, Topic.slug.like(f"{slug}-%"))))
    )
    if slug not in taken:
        return slug
    if f"{slug}-{about}" not in taken:
        return f"{slug}-{about}"
    number = 2
    while f"{slug}-{number}" in taken:
        number += 1
    return f"{slug}-{number}"
