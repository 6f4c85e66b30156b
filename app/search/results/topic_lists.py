"""The list of topics: all at once while they are few, else by kind and first letter, or by a name that is typed.

Which topics are listed is read from the database; the number of stories beside each comes from the search engine, as in
`story_lists`, and is left out where there is no index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask import url_for

from app.foundation.database import db
from app.foundation.text.strings import name_key
from app.foundation.web.pagination import Page, clamped_number, numbered_page
from app.search.index import visibility
from app.search.query.topic_counts import TopicCounts, stories_by_topic
from app.topics import lookup
from app.topics.models import NameKind, Topic, TopicKind, TopicName

# A list of fewer topics is shown whole.
MIN_FILTERED = 60
PER_PAGE = 100
# Topics at the beginning, before a letter is chosen.
MOST_TOLD = 30
LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Names that begin with a digit or any other letter.
OTHER_LETTERS = "other"
# Topics of all kinds among which those of one kind are looked for that most stories tell of.
MOST_COMPARED = 1_000
# Topics from which the few of each kind are chosen.
CANDIDATES = 100

_INITIAL = sa.func.substr(TopicName.key, 1, 1)
_IS_PREFERRED = sa.and_(TopicName.topic_id == Topic.id, TopicName.kind == NameKind.PREFERRED)


@dataclass(frozen=True)
class TopicFilters:
    """What part of the list is asked for. `letter` is one of LETTERS or OTHER_LETTERS; `typed` goes before it."""

    about: TopicKind | None = None
    letter: str | None = None
    typed: str = ""

    @classmethod
    def read(cls, arguments: Mapping[str, str]) -> TopicFilters:
        """Read the filters from the parameters of an address; what does not exist is no filter."""
        about, letter = arguments.get("kind"), arguments.get("letter", "")
        typed = arguments.get("q", "")[: lookup.TYPED_MAX_LENGTH].strip()
        return cls(
            TopicKind(about) if about in set(TopicKind) else None,
            letter if letter == OTHER_LETTERS or (len(letter) == 1 and letter in LETTERS) else None,
            typed if name_key(typed) else "",
        )


@dataclass(frozen=True)
class ListedTopic:
    """A topic in the list, as it is shown there. `stories` is 0 where that is not known."""

    topic: Topic
    name: str
    stories: int = 0


@dataclass(frozen=True)
class TopicList:
    """A page of the list of topics.

    `kinds` are the numbers of topics of each kind, of all or of those that go by what was typed; `letters` are those
    that names begin with. If `is_whole`, the page holds all topics and there is nothing to choose.
    """

    filters: TopicFilters
    page: Page[ListedTopic]
    kinds: Mapping[TopicKind, int]
    letters: Sequence[str] = ()
    is_whole: bool = False

    def kind_url(self, kind: TopicKind | None) -> str:
        """The address of the topics of one kind, or of all kinds, by the same name if one was typed."""
        return url_for("topics.listing", kind=kind, q=self.filters.typed or None)

    def letter_url(self, letter: str) -> str:
        """The address of the topics that begin with a letter, of the same kind."""
        return url_for("topics.listing", kind=self.filters.about, letter=letter)


def topic_list(filters: TopicFilters) -> TopicList:
    """The page of the list that the request asks for. At most six statements. Needs a request."""
    first = db.session.scalars(_select_first()).all()
    if len(first) < MIN_FILTERED:
        by_name = sorted(first, key=lambda topic: name_key(topic.name))
        kinds = Counter(topic.about for topic in first)
        page = Page([ListedTopic(topic, topic.name) for topic in by_name])
        return TopicList(TopicFilters(), page, _sorted(kinds), is_whole=True)
    stories = stories_by_topic(visibility.hidden_keys())
    return _named(filters, stories) if filters.typed else _by_letter(filters, stories)


@cache
def _select_first() -> sa.Select[Topic]:
    """As many reachable topics as are shown whole, and one more if there is any."""
    return sa.select(Topic).where(Topic.reachable()).limit(MIN_FILTERED)


# --- By letter --------------------------------------------------------------------------------------------------


def _by_letter(filters: TopicFilters, stories: TopicCounts) -> TopicList:
    kinds: Counter[TopicKind] = Counter()
    letters: Counter[str] = Counter()
    for about, initial, number in db.session.execute(_select_initials()):
        kinds[about] += number
        if filters.about in (None, about):
            letters[initial if initial in LETTERS else OTHER_LETTERS] += number
    if filters.letter is None:
        page = _most_told(filters, stories)
    else:
        total = letters[filters.letter]
        number = clamped_number(total, PER_PAGE)
        chosen = _select_letter(filters).limit(PER_PAGE).offset((number - 1) * PER_PAGE)
        page = numbered_page(_listed(db.session.scalars(chosen).all(), stories), number, total, PER_PAGE)
    ordered = sorted(letters, key=lambda letter: (letter == OTHER_LETTERS, letter))
    return TopicList(filters, page, _sorted(kinds), ordered)


@cache
def _select_initials() -> sa.Select[*tuple[Any, ...]]:
    """(kind, first letter, number) of the reachable topics."""
    return (
        sa.select(Topic.about, _INITIAL, sa.func.count())
        .join(TopicName, _IS_PREFERRED)
        .where(Topic.reachable())
        .group_by(Topic.about, _INITIAL)
    )


def _select_letter(filters: TopicFilters) -> sa.Select[int]:
    """The ids of the topics that begin with a letter, by name."""
    is_other = filters.letter == OTHER_LETTERS
    is_letter = _INITIAL.not_in(list(LETTERS)) if is_other else _INITIAL.in_([filters.letter])
    chosen = is_letter if filters.about is None else sa.and_(is_letter, Topic.about == filters.about)
    named = sa.select(Topic.id).join(TopicName, _IS_PREFERRED).where(Topic.reachable_among(chosen))
    return named.order_by(TopicName.key, Topic.id)


def _most_told(filters: TopicFilters, stories: TopicCounts) -> Page[ListedTopic]:
    """The topics that most stories tell of, of one kind or of all."""
    most = stories.most(MOST_COMPARED)
    if filters.about is not None:
        of_kind = sa.select(Topic.id).where(Topic.id.in_(most), Topic.about == filters.about)
        ids = set(db.session.scalars(of_kind))
        most = [each for each in most if each in ids]
    shown = _listed(most[:MOST_TOLD], stories)
    return Page(sorted(shown, key=lambda each: (-each.stories, name_key(each.name))))


# --- By what was typed ------------------------------------------------------------------------------------------


def _named(filters: TopicFilters, stories: TopicCounts) -> TopicList:
    """The topics with a name, or a word in one, that begins with what was typed, in the order of suggestions."""
    names: dict[int, str] = {}
    abouts: dict[int, TopicKind] = {}
    for topic_id, name, about in db.session.execute(_select_named(name_key(filters.typed))):
        names.setdefault(topic_id, name)
        abouts[topic_id] = about
    ids = [each for each, about in abouts.items() if filters.about in (None, about)]
    number = clamped_number(len(ids), PER_PAGE)
    shown = _listed(ids[(number - 1) * PER_PAGE :][:PER_PAGE], stories, names)
    return TopicList(filters, numbered_page(shown, number, len(ids), PER_PAGE), _sorted(Counter(abouts.values())))


def _select_named(key: str) -> sa.Select[int, str, TopicKind]:
    return (
        sa.select(Topic.id, TopicName.name, Topic.about)
        # A sum, which no index answers: SQLite would begin with the topics instead of the names.
        .join(TopicName, Topic.id == TopicName.topic_id + 0)
        .where(Topic.reachable_among(lookup.matches(key)))
        .order_by(*lookup.best_name_first(lookup.begins_with(key)))
    )


# --- A few of a kind ---------------------------------------------------------------------------------------------


def most_told_of_kinds(kinds: Sequence[TopicKind], limit: int) -> list[tuple[TopicKind, list[Topic]]]:
    """At most `limit` topics of each of these kinds: those that most stories are about, then those with an overview, by
    name. Kinds without a topic are left out. Two statements.
    """
    stories = stories_by_topic(visibility.hidden_keys())
    most = Topic.reachable_among(Topic.id.in_(stories.most(CANDIDATES)))
    told = sa.select(Topic).where(most, Topic.about.in_(kinds))
    written = sa.select(Topic).where(Topic.public(), Topic.about.in_(kinds)).order_by(Topic.name).limit(CANDIDATES)
    topics = {topic.id: topic for chosen in (told, written) for topic in db.session.scalars(chosen)}
    ordered = sorted(topics.values(), key=lambda topic: (-stories.of(topic.id), name_key(topic.name)))
    groups = [(kind, [topic for topic in ordered if topic.about is kind][:limit]) for kind in kinds]
    return [(kind, chosen) for kind, chosen in groups if chosen]


# --- What is shown ----------------------------------------------------------------------------------------------


def _sorted(kinds: Mapping[TopicKind, int]) -> dict[TopicKind, int]:
    return {kind: kinds[kind] for kind in TopicKind if kinds.get(kind)}


def _listed(ids: Sequence[int], stories: TopicCounts, named: Mapping[int, str] | None = None) -> list[ListedTopic]:
    """These topics in this order, but for those that are not reachable; with the name that was typed, if it is another
    one. One statement.
    """
    chosen = sa.select(Topic).where(Topic.reachable_among(Topic.id.in_(ids)))
    topics = {topic.id: topic for topic in db.session.scalars(chosen)}
    shown = [topics[each] for each in ids if each in topics]
    if named is None:
        return [ListedTopic(topic, topic.name, stories.of(topic.id)) for topic in shown]
    return [
        ListedTopic(topic, lookup.display_name(topic.name, named[topic.id]), stories.of(topic.id)) for topic in shown
    ]
