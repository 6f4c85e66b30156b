"""Synonyms: the topics that a query names, and the other names by which to search for them.

The names of topics are read from the database for every query, so that a new name works at once. Readers are shown
which names were added; quotes switch this off.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache

import sqlalchemy as sa

from app.foundation.database import db
from app.foundation.text.strings import name_key
from app.search.index.engine import Clause, Query
from app.search.query import analysis
from app.search.query.parsing import Parsed, Part
from app.topics.models import Topic, TopicName

# No name of a topic has more words.
MAX_NAME_WORDS = 8
# Shorter words have no plural: 'AKs' may be another word than 'AK'.
MIN_PLURAL_LENGTH = 4
MAX_NAMES = 20
MAX_NAMES_SHOWN = 3


@dataclass(frozen=True)
class RecognisedTopic:
    """A topic that a query names, as readers are shown it: '`name`, also called `others`'."""

    topic_id: int
    name: str
    others: tuple[str, ...]


@dataclass(frozen=True)
class _Name:
    topic_id: int
    preferred: str
    name: str
    key: str


def understand(parsed: Parsed) -> tuple[Query, tuple[RecognisedTopic, ...]]:
    """The engine's query for a parsed one, widened by synonyms, and the topics to show to the reader. One statement."""
    names = _names_in(parsed.included)
    groups: list[list[Clause]] = []
    stop_words: list[list[Clause]] = []
    recognised: dict[int, RecognisedTopic] = {}
    rest = parsed.included
    while rest:
        run, topics = _longest_name(rest, names)
        rest = rest[len(run) :]
        clause = _clause(run, topics)
        if not topics and run[0].is_stop_word:
            stop_words.append([clause])
            continue
        if run[0].alternative and groups:
            groups[-1].append(clause)
        else:
            groups.append([clause])
        recognised |= {each.topic_id: each for each in _recognised(run, topics)}
    excluded = tuple(
        Clause.quoted(part.words, part.typed) if part.quoted else Clause(exact=(part.words,))
        for part in parsed.excluded
    )
    # A repeated word counts once.
    distinct = dict.fromkeys(tuple(group) for group in groups or stop_words)
    return Query(tuple(distinct), excluded), tuple(recognised.values())


def accept_some_words(query: Query, results: int) -> Query:
    """The query for which documents with only some of its words continue the results, up to this number of results.

    The query itself if it is a single word, or has quotes or OR, which mean what they say.
    """
    if len(query.groups) < 2 or not all(len(group) == 1 and group[0].widened for group in query.groups):
        return query
    return replace(query, fill_to=results)


def _names_in(parts: Sequence[Part]) -> list[_Name]:
    """All names of the topics that any sequence of these words names."""
    keys = {key for start in range(len(parts)) for run in _runs(parts[start:]) for key in _keys(run)}
    if not keys:
        return []
    return [_Name(*row) for row in db.session.execute(_select_names(), {"keys": list(keys)})]


@cache
def _select_names() -> sa.Select[int, str, str, str]:
    named = sa.select(TopicName.topic_id).where(TopicName.key.in_(sa.bindparam("keys", expanding=True)))
    return (
        sa.select(Topic.id, Topic.name, TopicName.name, TopicName.key)
        .join(TopicName, TopicName.topic_id == Topic.id)
        .where(Topic.id.in_(named))
        .order_by(Topic.id, TopicName.id)
    )


def _runs(parts: Sequence[Part]) -> Iterator[Sequence[Part]]:
    """The sequences at the beginning of these parts that could be a name, longest first."""
    # A quoted part is no part of a longer name, and neither is an alternative.
    ends = (at for at, part in enumerate(parts[:MAX_NAME_WORDS]) if part.quoted or (at and part.alternative))
    longest = next(ends, min(len(parts), MAX_NAME_WORDS))
    for length in range(longest, 0, -1):
        if not all(part.is_stop_word for part in parts[:length]):
            yield parts[:length]


def _keys(run: Sequence[Part]) -> set[str]:
    """The keys that a name written like this may have: '5fu', '5 FU', 'verrucas', 'Bowens disease'."""
    typed = " ".join(part.text for part in run)
    keys = {name_key(typed), name_key(analysis.split_words(typed))}
    if any(char.isdigit() for char in typed):
        keys |= {key.replace(" ", "") for key in keys}
    for key in list(keys):
        *before, last = key.split() or [""]
        if len(last) >= MIN_PLURAL_LENGTH:
            keys.add(" ".join([*before, last.removesuffix("s") if last.endswith("s") else f"{last}s"]))
        words = key.split()
        keys |= {
            " ".join([*words[:at], word[:-1], "s", *words[at + 1 :]])
            for at, word in enumerate(words)
            if len(word) >= MIN_PLURAL_LENGTH and word.endswith("s")
        }
    return keys - {""}


def _longest_name(parts: Sequence[Part], names: Collection[_Name]) -> tuple[Sequence[Part], dict[int, list[_Name]]]:
    """The longest sequence at the beginning that names topics, with all names of each; else the first part alone."""
    for run in _runs(parts):
        keys = _keys(run)
        found = {name.topic_id for name in names if name.key in keys}
        if found:
            topics: dict[int, list[_Name]] = defaultdict(list)
            for name in names:
                if name.topic_id in found:
                    topics[name.topic_id].append(name)
            return run, topics
    return parts[:1], {}


def _clause(run: Sequence[Part], topics: dict[int, list[_Name]]) -> Clause:
    if run[0].quoted:
        return Clause.quoted(run[0].words, run[0].typed)
    meaningful = [part for part in run if not part.is_stop_word] or run
    itself = tuple(word for part in run for word in part.words)
    others = {tuple(analysis.words(name.name)) for names in topics.values() for name in names[:MAX_NAMES]}
    return Clause(
        exact=tuple(part.words for part in meaningful),
        typed=tuple(part.typed for part in meaningful),
        topics=tuple(topics),
        others=tuple(sorted(others - {itself, ()})),
    )


def _recognised(run: Sequence[Part], topics: dict[int, list[_Name]]) -> Iterator[RecognisedTopic]:
    keys = _keys(run)
    for topic_id, names in topics.items():
        preferred = names[0].preferred
        # 'wart' and 'Warts' are the same token, and need not be shown.
        others = [name for name in names if analysis.words(name.name) != analysis.words(preferred)]
        typed = [name.name for name in others if name.key in keys]
        names_shown = typed or [name.name for name in others[:MAX_NAMES_SHOWN]]
        if names_shown:
            yield RecognisedTopic(topic_id, preferred, tuple(names_shown))


def named_without_overview(query: Query) -> list[Topic]:
    """The topics that a query names and that have a page without an overview, which is no result. One statement."""
    named = {topic for clause in query.clauses for topic in clause.topics}
    if not named:
        return []
    chosen = Topic.reachable_among(Topic.id.in_(named))
    topics = db.session.scalars(sa.select(Topic).where(chosen).order_by(Topic.id).limit(MAX_NEAREST))
    return [topic for topic in topics if not topic.has_overview]


# --- Nearest topics ---------------------------------------------------------------------------------------------

MAX_NEAREST = 5
_MAX_COMPARED = 100
_MAX_TRIGRAMS = 12
# How similar a name has to be to what was typed, from 0 to 1: where nothing was found, and beside results.
MIN_SIMILARITY = 0.6
MIN_SIMILARITY_BESIDE_RESULTS = 0.7


def nearest_topics(parsed: Parsed, min_similarity: float = MIN_SIMILARITY) -> list[Topic]:
    """Topics with a page whose names are most similar to what was typed, for where nothing has all words.

    Two statements: the database selects the names that share the most trigrams with the query, which are then compared
    letter by letter.
    """
    typed = [key for key in (name_key(part.text) for part in parsed.included if not part.is_stop_word) if key]
    trigrams = sorted({word[at : at + 3] for word in typed for at in range(0, max(1, len(word) - 2), 3)})
    if not trigrams:
        return []
    shared = [TopicName.key.like(f"%{trigram}%") for trigram in trigrams[:_MAX_TRIGRAMS]]
    most_shared_first: sa.ColumnElement[int] = sa.literal(0)
    for each in shared:
        most_shared_first += sa.case((each, -1), else_=0)
    rows = db.session.execute(
        sa.select(TopicName.topic_id, TopicName.key)
        .join(Topic, Topic.id == TopicName.topic_id + 0)
        .where(Topic.reachable_among(sa.or_(*shared)))
        .order_by(most_shared_first, TopicName.id)
        .limit(_MAX_COMPARED)
    )
    similarity: dict[int, float] = defaultdict(float)
    for topic_id, key in rows:
        similarity[topic_id] = max(
            similarity[topic_id], *(_similarity(text, key) for text in [*typed, " ".join(typed)])
        )
    near = sorted(
        (each for each in similarity if similarity[each] >= min_similarity), key=lambda each: -similarity[each]
    )
    topics = db.session.scalars(sa.select(Topic).where(Topic.id.in_(near[:MAX_NEAREST])))
    return sorted(topics, key=lambda topic: near.index(topic.id))


def _similarity(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
