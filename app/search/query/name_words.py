"""The words of the names of topics, kept in memory: which words are names, and whose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from flask import current_app

from app.foundation.database import db
from app.search.query import analysis
from app.topics.models import Topic, TopicName


class NameWords(NamedTuple):
    """For every word of a name, as its form (`analysis.form_of`), the ids of the topics with such a name; and these
    words.
    """

    topics: Mapping[str, frozenset[int]]
    words: Sequence[str]


class _Kept(NamedTuple):
    """Name words, and what the table of names looked like when they were read."""

    state: tuple[object, ...]
    words: NameWords


_STATE = sa.select(
    sa.func.count(), sa.func.max(TopicName.id), sa.func.sum(TopicName.id * sa.func.length(TopicName.key))
)
_NAMES = sa.select(TopicName.topic_id, TopicName.key).join(TopicName.topic).where(Topic.listed())


def name_words() -> NameWords:
    """The words of all names in the vocabulary. One statement as long as no name is added, removed or changed.

    A name that is replaced by one of the same length, in the same row, is noticed with the next change only.
    """
    state = tuple(db.session.execute(_STATE).one())
    kept: _Kept | None = current_app.extensions.get("salve.name_words")
    if kept is None or kept.state != state:
        kept = _Kept(state, _read())
        current_app.extensions["salve.name_words"] = kept
    return kept.words


def _read() -> NameWords:
    topics: dict[str, set[int]] = defaultdict(set)
    for topic_id, key in db.session.execute(_NAMES):
        for word in key.split():
            topics[analysis.form_of(word)].add(topic_id)
    return NameWords({word: frozenset(ids) for word, ids in topics.items()}, tuple(topics))
