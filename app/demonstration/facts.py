"""Facts: a table of a content file, read key by key. A mistake ends with the file, the place in it, and the key."""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

Member = TypeVar("Member", bound=enum.Enum)
Value = TypeVar("Value")
Made = TypeVar("Made")


class ContentError(Exception):
    """A content file cannot be used as it is; the message is one line that names the file and the key."""


class Facts:
    """The keys of one table. What is asked for must be there and of its kind; what nobody asked for is a mistake.

    `where` says which table of which file it is. All dates are moved by `shift`.
    """

    def __init__(self, values: Mapping[str, Any], where: str, shift: timedelta = timedelta()) -> None:
        self.where = where
        self._values = values
        self._shift = shift
        self._asked: set[str] = set()

    def has(self, key: str) -> bool:
        """Whether the file gives this key. One that may be left out counts as known once it was asked about."""
        self._asked.add(key)
        return key in self._values

    def text(self, key: str) -> str:
        """Words; never none."""
        text: str = self._get(key, str, "text")
        if not text.strip():
            raise self.mistake(key, "is empty")
        return text

    def maybe_text(self, key: str) -> str:
        """Words, or '' where the key is left out."""
        return self.text(key) if self.has(key) else ""

    def flag(self, key: str) -> bool:
        """True or false."""
        return self._get(key, bool, "true or false")

    def day(self, key: str) -> date:
        """A date."""
        return self._get(key, date, "a date") + self._shift

    def one_of(self, key: str, known: Collection[str]) -> str:
        """A word that is among these."""
        return self._known(key, self.text(key), known)

    def all_of(self, key: str, known: Collection[str]) -> tuple[str, ...]:
        """A list of words that are all among these."""
        return tuple(self._known(key, each, known) for each in self._get(key, list, "a list"))

    def choice(self, key: str, kind: type[Member]) -> Member:
        """An answer."""
        return kind(self.one_of(key, [each.value for each in kind]))

    def maybe_choice(self, key: str, kind: type[Member]) -> Member | None:
        """An answer, or None where the key is left out."""
        return self.choice(key, kind) if self.has(key) else None

    def choices(self, key: str, kind: type[Member]) -> frozenset[Member]:
        """Any number of answers; none where the key is left out."""
        codes = [each.value for each in kind]
        return frozenset(kind(code) for code in self.all_of(key, codes)) if self.has(key) else frozenset()

    def tables(self, key: str, make: Callable[[Facts], Made]) -> tuple[Made, ...]:
        """What `make` makes of each table in a list."""
        return whole(self.parts(key), make)

    def parts(self, key: str) -> list[Facts]:
        """The tables in a list, each as facts of its own."""
        parts = []
        for number, values in enumerate(self._get(key, list, "a list of tables"), 1):
            if not isinstance(values, dict):
                raise self.mistake(key, "should be a list of tables")
            name = values.get("key") or values.get("slug") or number
            parts.append(Facts(values, f"{self.where}: {key} {name}", self._shift))
        return parts

    def peek(self, key: str) -> str:
        """A word to find this table by, before it is read; '' where there is none."""
        return str(self._values.get(key, ""))

    def finish(self) -> None:
        """Raise ContentError if there is a key that was never asked for."""
        for key in self._values:
            if key not in self._asked:
                raise self.mistake(key, "is not a key that belongs here")

    def mistake(self, key: str, what: str) -> ContentError:
        """The error that says what is wrong with a key."""
        return ContentError(f"{self.where}: {key!r} {what}")

    def _get(self, key: str, kind: type[Value], called: str) -> Value:
        if not self.has(key):
            raise self.mistake(key, "is missing")
        value = self._values[key]
        if not isinstance(value, kind):
            raise self.mistake(key, f"should be {called}")
        return value

    def _known(self, key: str, word: object, known: Collection[str]) -> str:
        if not isinstance(word, str) or word not in known:
            raise self.mistake(key, f"names {word!r}, which is not known here")
        return word


def whole(several: Iterable[Facts], make: Callable[[Facts], Made]) -> tuple[Made, ...]:
    """What `make` makes of each of these, which must leave no key unread."""
    made = []
    for facts in several:
        made.append(make(facts))
        facts.finish()
    return tuple(made)


@dataclass(frozen=True)
class Keys:
    """What the files may name, by key or slug: topics with their kinds, stories with their authors."""

    topics: Mapping[str, str]
    articles: Collection[str]
    stories: Mapping[str, str]
    follow_ups: Collection[str]
    comments: Collection[str]

    def topics_that_are(self, kind: str) -> Collection[str]:
        """The topics of one kind."""
        return {slug for slug, each in self.topics.items() if each == kind}

    def targets(self, *kinds: str) -> Collection[str]:
        """What a comment or report may be about: 'story:half-gone'."""
        known = {"topic": self.topics, "article": self.articles, "story": self.stories, "comment": self.comments}
        return {f"{kind}:{key}" for kind in kinds for key in known[kind]}
