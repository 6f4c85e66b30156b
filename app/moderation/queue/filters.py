"""The filters of the queue, as they are kept in the address; the list, its counts, and the neighbours of an item.

The list and the counts beside the filters use the same SQL conditions, so that they always agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.accounts import usernames
from app.accounts.models import Person
from app.foundation import clock, kinds
from app.foundation.database import db
from app.foundation.web.pagination import URLArguments
from app.moderation.appeals.models import Appeal, AppealState
from app.moderation.queue.models import QueueItem, Task
from app.moderation.queue.queue import CONTRIBUTION_LOADERS, IS_OPEN, ORDER, SIGNAL_COUNT_LOADER
from app.moderation.screening.models import SignalKind, SignalRow
from app.topics import vocabulary
from app.topics.models import Topic

# The tabs of the queue in the order of display, with their SQL conditions. Each item is in exactly one.
TABS: dict[str, sa.ColumnElement[bool]] = {
    **{
        kind.name: sa.and_(QueueItem.task == Task.REVISION, QueueItem.id_of(kind).is_not(None))
        for kind in kinds.all_kinds()
    },
    "report": QueueItem.task == Task.REPORT,
    "appeal": QueueItem.task == Task.APPEAL,
}
# The choices of the filter by age: the least number of hours that an item has been waiting.
AGES = (1, 6, 24, 72)


@dataclass(frozen=True)
class QueueFilters:
    """The filters of the queue. Those that are not set leave any item."""

    kind: str | None = None
    topic: Topic | None = None
    author: Person | None = None
    min_hours: int | None = None
    second_reader: bool = False
    signal: SignalKind | None = None
    # Names in the address of a topic and of a person that do not exist: no item matches them.
    unknown_topic: str = ""
    unknown_author: str = ""

    def arguments(self, **other: str | None) -> URLArguments:
        """The filters as arguments for `url_for`; `other` replaces or, with None, removes those it names."""
        values = {
            "kind": self.kind,
            "topic": self.topic.slug if self.topic else None,
            "author": self.author.username if self.author else None,
            "older": str(self.min_hours) if self.min_hours else None,
            "second": "1" if self.second_reader else None,
            "signal": self.signal.value if self.signal else None,
        }
        return {name: value for name, value in {**values, **other}.items() if value}

    @property
    def unknown_name(self) -> str:
        """The name of a topic or of a person in the address that does not exist; empty if both do."""
        return self.unknown_topic or self.unknown_author

    @property
    def is_narrowed(self) -> bool:
        """Whether any filter other than the tab is set."""
        return bool(
            self.topic or self.author or self.min_hours or self.second_reader or self.signal or self.unknown_name
        )

    def condition(self) -> sa.ColumnElement[bool]:
        """The SQL condition for open items that match the filters."""
        conditions: list[sa.ColumnElement[bool]] = [IS_OPEN]
        if self.kind:
            conditions.append(TABS[self.kind])
        if self.topic:
            conditions.append(_is_about(self.topic))
        if self.author:
            conditions.append(QueueItem.written_by(self.author))
        if self.min_hours:
            conditions.append(QueueItem.waiting_since <= clock.now() - timedelta(hours=self.min_hours))
        if self.second_reader:
            conditions.append(QueueItem.escalated_by_id.is_not(None))
        if self.signal:
            conditions.append(_has_signal(self.signal))
        if self.unknown_name:
            conditions.append(sa.false())
        return sa.and_(*conditions)

    def sanction_appeals_condition(self) -> sa.ColumnElement[bool]:
        """The SQL condition for open appeals against sanctions that match.

        Such an appeal has no topic and no signals, so that none matches a filter by these.
        """
        if self.kind not in (None, "appeal") or self.topic or self.second_reader or self.signal or self.unknown_name:
            return sa.false()
        conditions = [Appeal.state == AppealState.OPEN, Appeal.sanction_id.is_not(None)]
        if self.author:
            conditions.append(Appeal.person_id == self.author.id)
        if self.min_hours:
            conditions.append(Appeal.created_at <= clock.now() - timedelta(hours=self.min_hours))
        return sa.and_(*conditions)


def from_arguments(arguments: Mapping[str, str]) -> QueueFilters:
    """The filters in the query of an address. Unknown values are ignored, except the names of topics and people."""
    kind, older, signal = (arguments.get(name, "") for name in ("kind", "older", "signal"))
    topic_name, author_name = _cleaned(arguments.get("topic", "")), _cleaned(arguments.get("author", ""))
    topic = _topic(topic_name) if topic_name else None
    author = _author(author_name) if author_name else None
    return QueueFilters(
        kind=kind if kind in TABS else None,
        topic=topic,
        author=author,
        min_hours=int(older) if older in map(str, AGES) else None,
        second_reader=arguments.get("second") == "1",
        signal=SignalKind(signal) if signal in set(SignalKind) else None,
        unknown_topic=topic_name if topic is None else "",
        unknown_author=author_name if author is None else "",
    )


def _cleaned(text: str) -> str:
    return "".join(char for char in text[:200] if char.isprintable()).strip()


def _topic(name: str) -> Topic | None:
    return db.session.scalar(sa.select(Topic).where(Topic.slug == name)) or vocabulary.find(name)


def _author(name: str) -> Person | None:
    return db.session.scalar(sa.select(Person).where(Person.username_key == usernames.key(name)))


def _has_signal(signal: SignalKind) -> sa.ColumnElement[bool]:
    """The condition for items with a signal of this kind."""
    on_revision = (
        sa.and_(SignalRow.of_kind == kind.name, SignalRow.revision_id == QueueItem.revision_id_of(kind))
        for kind in kinds.all_kinds()
    )
    return sa.select(SignalRow.id).where(SignalRow.kind == signal, sa.or_(*on_revision)).exists()


def _is_about(topic: Topic) -> sa.ColumnElement[bool]:
    """The condition for items about a topic, as each kind defines it."""
    conditions = (
        kind.about_topic(topic, QueueItem.id_of(kind), QueueItem.revision_id_of(kind))
        for kind in kinds.all_kinds()
        if kind.about_topic
    )
    return sa.or_(sa.false(), *conditions)


def items_page(queue_filters: QueueFilters, limit: int, offset: int = 0) -> Sequence[QueueItem]:
    """Up to `limit` open items that match the filters, in the order of the queue, after the first `offset`."""
    return db.session.scalars(
        _select_items(queue_filters.condition()).order_by(*ORDER).limit(limit).offset(offset)
    ).all()


def counts(queue_filters: QueueFilters) -> dict[str, int]:
    """The numbers of open items by tab, and of all under 'all', with the filters other than the tab applied."""
    numbers = (sa.func.count().filter(condition).label(kind) for kind, condition in TABS.items())
    sanction_appeals = (
        sa.select(sa.func.count(Appeal.id))
        .where(replace(queue_filters, kind=None).sanction_appeals_condition())
        .scalar_subquery()
    )
    row = db.session.execute(
        sa.select(*numbers, sanction_appeals.label("sanction_appeals")).where(
            replace(queue_filters, kind=None).condition()
        )
    ).one()
    numbers_by_tab = {kind: int(getattr(row, kind)) for kind in TABS}
    numbers_by_tab["appeal"] += int(row.sanction_appeals)
    return {"all": sum(numbers_by_tab.values()), **numbers_by_tab}


def appeals_against_sanctions(queue_filters: QueueFilters) -> Sequence[Appeal]:
    """The open appeals against sanctions that match the filters, oldest first. Pages list them before the queue."""
    return db.session.scalars(
        sa.select(Appeal)
        .options(joinedload(Appeal.sanction), joinedload(Appeal.person))
        .where(queue_filters.sanction_appeals_condition())
        .order_by(Appeal.id)
    ).all()


def count_all() -> int:
    """The number of open items, including appeals against sanctions."""
    sanction_appeals = (
        sa.select(sa.func.count(Appeal.id)).where(QueueFilters().sanction_appeals_condition()).scalar_subquery()
    )
    return db.session.scalar(sa.select(sa.func.count(QueueItem.id) + sanction_appeals).where(IS_OPEN)) or 0


@dataclass(frozen=True)
class Neighbours:
    """The items before and after an item, both in the order of the queue."""

    before: Sequence[QueueItem]
    after: Sequence[QueueItem]


def neighbours(item: QueueItem, queue_filters: QueueFilters, before: int, after: int) -> Neighbours:
    """Up to `before` matching items before an item, and up to `after` matching items after it. One statement."""
    backwards = [column.desc() for column in ORDER]
    previous_ids = (
        _select_ids(queue_filters, ~_is_after(item), QueueItem.id != item.id)
        .order_by(*backwards)
        .limit(before)
        .subquery()
    )
    next_ids = _select_ids(queue_filters, _is_after(item)).order_by(*ORDER).limit(after).subquery()
    ids = sa.union_all(sa.select(previous_ids.c.id), sa.select(next_ids.c.id))
    items = db.session.scalars(_select_items(QueueItem.id.in_(ids)).order_by(*ORDER)).all()
    sort_key = _sort_key(item)
    return Neighbours(
        [each for each in items if _sort_key(each) < sort_key],
        [each for each in items if _sort_key(each) > sort_key],
    )


def next_after(item: QueueItem, queue_filters: QueueFilters) -> int | None:
    """The id of the matching item to read next: the one after `item`, else the first other one, else None."""
    following = db.session.scalar(_select_ids(queue_filters, _is_after(item)).order_by(*ORDER).limit(1))
    return following or db.session.scalar(_select_ids(queue_filters, QueueItem.id != item.id).order_by(*ORDER).limit(1))


def _is_after(item: QueueItem) -> sa.ColumnElement[bool]:
    sort_key = (sa.literal(value, column.type) for value, column in zip(_sort_key(item), ORDER, strict=True))
    return sa.tuple_(*ORDER) > sa.tuple_(*sort_key)


def _sort_key(item: QueueItem) -> tuple[int, datetime, int]:
    return item.priority, item.due_at, item.id


def _select_ids(queue_filters: QueueFilters, *more: sa.ColumnElement[bool]) -> sa.Select[int]:
    return sa.select(QueueItem.id).where(queue_filters.condition(), *more)


def _select_items(condition: sa.ColumnElement[bool]) -> sa.Select[QueueItem]:
    return sa.select(QueueItem).options(*CONTRIBUTION_LOADERS, SIGNAL_COUNT_LOADER).where(condition)
