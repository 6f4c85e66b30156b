"""Names: the topics a table speaks of, looked up once and kept for the run."""

from __future__ import annotations

from app.foundation.database import db, transaction
from app.foundation.errors import Refused
from app.foundation.text.strings import name_key
from app.topics import vocabulary
from app.topics.models import Topic, TopicKind
from app.transfer.csv_tables import BadRow
from app.transfer.mapping import StoryMapping

# A column of free names must not fill the memory.
MOST_KEPT = 10_000


class Names:
    """Topics by kind and name. They are taken out of the session, so that no commit makes them be read again."""

    def __init__(self) -> None:
        self._topics: dict[tuple[TopicKind, str], Topic | None] = {}
        # One object for a topic whatever name it was found by.
        self._by_id: dict[int, Topic] = {}
        self._stand_ins: dict[tuple[TopicKind, str], Topic] = {}

    def topic(self, name: str, kind: TopicKind) -> Topic:
        """The topic of this kind that goes by the name. Raises BadRow if there is none."""
        topic = self._found(name, kind)
        if topic is None:
            raise BadRow(f"no {kind} named {name[:60]!r} in the vocabulary")
        return topic

    def prepare(self, mapping: StoryMapping, *, write: bool) -> None:
        """Take the mapping's own topics into the vocabulary, and find every topic it names.

        Raises Refused for the first that is missing, before anything is written. Without `write` nothing ever is, and
        topics that would be new are stood in for.
        """
        declared = {(entry.about, name_key(name)): entry for entry in mapping.topics
                    for name in (*(other for _, other in entry.names), entry.name)}  # fmt: skip
        for place, name, kind in mapping.topic_names():
            if (kind, name_key(name)) not in declared and self._found(name, kind) is None:
                raise Refused(f"{place}: no {kind} named {name!r}, neither in the vocabulary nor in the mapping")
        if write and mapping.topics:
            with transaction():
                for entry in mapping.topics:
                    vocabulary.add(entry)
            self._forget()
        elif not write:
            self._stand_ins = {at: Topic(name=entry.name, about=entry.about) for at, entry in declared.items()}

    def _found(self, name: str, kind: TopicKind) -> Topic | None:
        at = (kind, name_key(name))
        if at not in self._topics:
            if len(self._topics) >= MOST_KEPT:
                self._forget()
            topic = vocabulary.find(name, kind)
            if topic is not None:
                db.session.expunge(topic)
                topic = self._by_id.setdefault(topic.id, topic)
            self._topics[at] = topic
        return self._topics[at] or self._stand_ins.get(at)

    def _forget(self) -> None:
        self._topics.clear()
        self._by_id.clear()
