"""The topics that the rows of a table name: looked up once for each name and kept, or counted if there are none."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.foundation.database import db, transaction
from app.foundation.errors import Refused
from app.foundation.text.strings import name_key, slugify
from app.topics import vocabulary
from app.topics.models import Topic, TopicKind
from app.topics.vocabulary_import import COLUMNS, KIND, ROWS
from app.transfer.csv_tables import BadRow
from app.transfer.mapping import StoryMapping

# A column of free text names something new in every row; the cache is emptied before that fills the memory.
MOST_CACHED = 10_000
# And of names that are not in the vocabulary, this many are counted one by one.
MOST_UNKNOWN = 20_000


class UnknownTopics(BadRow):
    """A row names topics that are not in the vocabulary, and has no other problem. `names` are (kind, name)."""

    def __init__(self, names: Sequence[tuple[TopicKind, str]]) -> None:
        super().__init__(", ".join(f"no {kind} named {name[:60]!r} in the vocabulary" for kind, name in names))
        self.names = tuple(dict.fromkeys(names))


@dataclass
class UnknownTopic:
    """A name that is not in the vocabulary: how it is spelt at first, in which line, and how many rows have it."""

    kind: TopicKind
    name: str
    line: int
    rows: int = 0


class UnknownTally:
    """The names that are not in the vocabulary, with the number of rows that were skipped for each."""

    def __init__(self) -> None:
        self._found: dict[tuple[TopicKind, str], UnknownTopic] = {}
        self.rows = 0
        # Names beyond MOST_UNKNOWN, as often as they stand in a row.
        self.not_counted = 0

    def add(self, names: Sequence[tuple[TopicKind, str]], line: int) -> None:
        """Count the names of the row in this line."""
        self.rows += 1
        for (kind, _), name in {(kind, name_key(name)): name for kind, name in names}.items():
            key = (kind, name_key(name))
            if key not in self._found and len(self._found) >= MOST_UNKNOWN:
                self.not_counted += 1
                continue
            self._found.setdefault(key, UnknownTopic(kind, " ".join(name.split()), line)).rows += 1

    def topics(self) -> list[UnknownTopic]:
        """The names, the most frequent first."""
        return sorted(self._found.values(), key=lambda each: (-each.rows, each.line))

    def write(self, path: Path, source: str) -> None:
        """Write a file that `topics import` takes, without what cannot be a name. Raises Refused if that fails."""
        lines = ["\t".join((*COLUMNS, KIND, ROWS)), *_vocabulary_lines(self.topics(), source)]
        try:
            with path.open("x", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
        except OSError as error:
            raise Refused(f"{path}: {error.strerror}") from None


def _vocabulary_lines(topics: Sequence[UnknownTopic], source: str) -> Iterator[str]:
    # The same name has the same id whenever it is written, so a second file of the same table changes nothing.
    prefix = slugify(source, 30)
    for topic in topics:
        try:
            vocabulary.check_name(topic.name)
        except Refused:
            continue
        key = name_key(topic.name)
        slug = slugify(key, 24)
        # Other alphabets and long names have no slug of their own.
        if slug.replace("-", " ") != key:
            slug = f"{slug}-{hashlib.blake2b(key.encode(), digest_size=4).hexdigest()}"
        yield "\t".join((f"{prefix}:{topic.kind}-{slug}", topic.name, "", "", "", topic.kind, str(topic.rows)))


class TopicCache:
    """Topics by kind and name, detached from the session, so that a commit does not cause them to be read again."""

    def __init__(self) -> None:
        self._topics: dict[tuple[TopicKind, str], Topic | None] = {}
        # A topic that is found by two of its names is one object.
        self._by_id: dict[int, Topic] = {}
        self._placeholders: dict[tuple[TopicKind, str], Topic] = {}
        # The names that were asked for and not found; whoever reads a row empties it before.
        self.missing: list[tuple[TopicKind, str]] = []

    def get(self, name: str, kind: TopicKind) -> Topic:
        """The topic of this kind that has the name. If there is none, it is a new one, and the name is `missing`."""
        topic = self._find(name, kind)
        if topic is None:
            self.missing.append((kind, name))
            return Topic(name=name, about=kind)
        return topic

    def prepare(self, mapping: StoryMapping, *, write: bool, collect_unknown: bool = False) -> None:
        """Add the topics that the mapping declares to the vocabulary, in a transaction of its own.

        Raises Refused, before anything is written, for the first topic that the mapping names and that is neither
        declared nor in the vocabulary; with `collect_unknown` it will be missing in the rows instead. Without `write`,
        placeholders take the place of topics that would be added.
        """
        declared = {
            (entry.about, name_key(name)): entry
            for entry in mapping.topics
            for name in (*(other for _, other in entry.names), entry.name)
        }
        for place, name, kind in mapping.topic_names():
            if collect_unknown:
                break
            if (kind, name_key(name)) not in declared and self._find(name, kind) is None:
                raise Refused(
                    f"{place}: no {kind} named {name!r}, neither in the vocabulary nor in the mapping"
                    " (--dry-run --unknown-topics FILE writes all that are missing into a file)"
                )
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
