"""The topics that the rows of a table name, looked up once for each name and kept for the import."""

from __future__ import annotations

from app.foundation.database import db, transaction
from app.foundation.errors import Refused
from app.foundation.text.strings import name_key
from app.topics import vocabulary
from app.topics.models import Topic, TopicKind
from app.transfer.csv_tables import BadRow
from app.transfer.mapping import StoryMapping

# A column of free text names something new in every row; the cache is emptied before that fills the memory.
MOST_CACHED = 10_000


class TopicCache:
    """Topics by kind and name, detached from the session, so that a commit does not cause them to be read again."""

    def __init__(self) -> None:
        self._topics: dict[tuple[TopicKind, str], Topic | None] = {}
        # A topic that is found by two of its names is one object.
        self._by_id: dict[int, Topic] = {}
        self._placeholders: dict[tuple[TopicKind, str], Topic] = {}

    def get(self, name: str, kind: TopicKind) -> Topic:
        """The topic of this kind that has the name. Raises BadRow if there is none."""
        topic = self._find(name, kind)
        if topic is None:
            raise BadRow(f"no {kind} named {name[:60]!r} in the vocabulary")
        return topic

    def prepare(self, mapping: StoryMapping, *, write: bool) -> None:
        """Add the topics that the mapping declares to the vocabulary, in a transaction of its own.

        Raises Refused, before anything is written, for the first topic that the mapping names and that is neither
        declared nor in the vocabulary. Without `write`, placeholders take the place of topics that would be added.
        """
        declared = {
            (entry.about, name_key(name)): entry
            for entry in mapping.topics
            for name in (*(other for _, other in entry.names), entry.name)
        }
        for place, name, kind in mapping.topic_names():
            if (kind, name_key(name)) not in declared and self._find(name, kind) is None:
                raise Refused(f"{place}: no {kind} named {name!r}, neither in the vocabulary nor in the mapping")
        if write and mapping.topics:
            with transaction():
                for entry in mapping.topics:
                    vocabulary.add(entry)
            self._clear()
        elif not write:
            self._placeholders = {key: Topic(name=entry.name, about=entry.about) for key, entry in declared.items()}

    def _find(self, name: str, kind: TopicKind) -> Topic | None:
        key = (kind, name_key(name))
        if key not in self._topics:
            if len(self._topics) >= MOST_CACHED:
                self._clear()
            topic = vocabulary.find(name, kind)
            if topic is not None:
                db.session.expunge(topic)
                topic = self._by_id.setdefault(topic.id, topic)
            self._topics[key] = topic
        return self._topics[key] or self._placeholders.get(key)

    def _clear(self) -> None:
        self._topics.clear()
        self._by_id.clear()
