"""Bulk insert: a batch of rows that were read becomes people, stories and revisions.

The domain functions (`add_revision`, `make_live`) make one story in about ten statements; here hundreds are made in as
many, which is five to ten times as fast. A version is made by `version_of` as everywhere, events are recorded, and a
test compares what is written here, column by column, with what the domain functions write.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import repeat
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import MANYTOONE

from app.accounts.models import Origin, Person
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import Model, db
from app.foundation.events import PublicChanged, RevisionSubmitted, record
from app.questionnaires.question_types import SeveralOf
from app.questionnaires.questions import Group, questions_of
from app.stories.models import Story, StoryRevision, TreatmentTried


@dataclass(frozen=True)
class PreparedRow:
    """A row that is ready to be written."""

    key: str
    moment: datetime
    # Not in the session. What it says of consent was given at this moment.
    revision: StoryRevision


def present(source: str, keys: Sequence[str]) -> set[str]:
    """Which of these rows are in already."""
    chosen = sa.select(Story.source_key).where(Story.source == source, Story.source_key.in_(keys))
    return {key for key in db.session.scalars(chosen) if key is not None}


def insert_rows(rows: Sequence[PreparedRow], source: str, *, published: bool) -> None:
    """Write rows as stories by authors of their own, in the running transaction.

    They wait for a moderator, or stand in public without a decision when `published`.
    """
    if not rows:
        return
    stories = _stories(rows, source, published=published)
    revisions = _revisions(rows, stories, published=published)
    if published:
        _make_live(stories)
        record(*(PublicChanged("story", story) for story in stories))
    else:
        # A story waits from now on, not from the day it was written: the queue is not to begin with years of waiting.
        record(*map(RevisionSubmitted, repeat("story"), stories, revisions))
    db.session.flush()


def _stories(rows: Sequence[PreparedRow], source: str, *, published: bool) -> list[int]:
    authors = _insert(Person, [{"origin": Origin.IMPORTED, "created_at": row.moment} for row in rows], "created_at")
    return _insert(
        Story,
        [
            {
                "author_id": author,
                "source": source,
                "source_key": row.key,
                "created_at": row.moment,
                "state": PublicationState.PUBLISHED if published else PublicationState.UNPUBLISHED,
                "published_at": row.moment if published else None,
            }
            for author, row in zip(authors, rows, strict=True)
        ],
        "source_key",
    )


def _revisions(rows: Sequence[PreparedRow], stories: Sequence[int], *, published: bool) -> list[int]:
    values = []
    for row, story in zip(rows, stories, strict=True):
        values.append(
            _values(row.revision)
            | {
                "story_id": story,
                "number": 1,
                "created_at": row.moment,
                "state": RevisionState.APPROVED if published else RevisionState.PENDING,
                # Nobody decides on it: that is how a page knows that no moderator has read it.
                "decided_at": None,
            }
        )
    ids = _insert(StoryRevision, values, "story_id")
    _treatments([(id_, tried) for id_, row in zip(ids, rows, strict=True) for tried in row.revision.treatments])
    return ids


def _make_live(stories: Sequence[int]) -> None:
    """Let each story show the one version that it has."""
    own = sa.select(StoryRevision.id).where(StoryRevision.story_id == Story.id).scalar_subquery()
    db.session.execute(
        sa.update(Story)
        .where(Story.id.in_(stories))
        .values(live_revision_id=own)
        .execution_options(synchronize_session=False)
    )


def _treatments(treatments: Sequence[tuple[int, TreatmentTried]]) -> None:
    values = [_values(tried) | {"revision_id": revision} for revision, tried in treatments]
    ids = _insert(TreatmentTried, values, "revision_id", "position")
    for question in questions_of(TreatmentTried):
        if isinstance(question, Group | SeveralOf):
            values = [
                _values(each) | {"tried_id": id_}
                for id_, (_, tried) in zip(ids, treatments, strict=True)
                for each in getattr(tried, question.attribute)
            ]
            if values:
                db.session.connection().execute(sa.insert(question.model), values)


def _insert(kind: type[Any], values: list[dict[str, Any]], *key: str) -> list[int]:
    """Insert rows of one kind in one statement. Answers their ids in the same order.

    Told apart by the columns `key`, rows may come back in any order: keeping it would take SQLite a statement for each.
    Rows with equal keys are interchangeable.
    """
    statement = sa.insert(kind).returning(kind.id, *(getattr(kind, name) for name in key))
    ids: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for number, *found in db.session.connection().execute(statement, values):
        ids[tuple(found)].append(number)
    return [ids[tuple(value[name] for name in key)].pop() for value in values]


def _values(thing: Model) -> dict[str, Any]:
    """What an object that is not in the database would be written as: its columns, and the ids of what it points at."""
    columns, relations = _shape(type(thing))
    held = vars(thing)
    values = {column: held[name] for name, column in columns if name in held}
    return values | {column: held[name].id for name, column in relations if held.get(name) is not None}


@cache
def _shape(kind: type[Model]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The columns of a model and its relationships to one other thing, each with the name of the column."""
    mapper = sa.inspect(kind)
    columns = [(attribute.key, attribute.columns[0].key) for attribute in mapper.column_attrs]
    relations = [
        (relation.key, next(iter(relation.local_columns)).key)
        for relation in mapper.relationships
        if relation.direction is MANYTOONE
    ]
    return columns, [(name, str(column)) for name, column in relations]
