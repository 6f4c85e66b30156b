"""Events: what happened, recorded in the transaction of the change.

`record()` does two things with an event, both inside the caller's transaction: it runs the handlers that belong to the
same transaction, and it writes one outbox row for each handler that runs after it. `app/reactions.py` says which
function handles which event, so that lower packages need not know higher ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import Flask, current_app

from app.foundation import outbox


@dataclass(frozen=True)
class Event:
    """Base class: something that happened. Events carry kinds and ids, never text.

    A subclass that adds no field of its own is a dataclass already.
    """


@dataclass(frozen=True)
class ContributionEvent(Event):
    """Base class: something that happened to a contribution, or to a page that is published like one."""

    kind: str
    id: int


@dataclass(frozen=True)
class RevisionEvent(ContributionEvent):
    """Base class: something that happened to one revision of a contribution."""

    revision_id: int


class RevisionSubmitted(RevisionEvent):
    """An author sent a revision, the first one or an edit; it is pending."""


class RevisionSetAside(RevisionEvent):
    """A pending revision was withdrawn by its author or superseded by a newer one, without a decision."""


@dataclass(frozen=True)
class PublicChanged(ContributionEvent):
    """What the public sees of it has changed: it was published, edited, hidden, restored, withdrawn or removed.

    `is_reworded` says that another text took the place of one that was public.
    """

    is_reworded: bool = False


@dataclass(frozen=True)
class NamesChanged(Event):
    """The names of a topic have changed."""

    topic_id: int


@dataclass(frozen=True)
class NameSettled(Event):
    """One of the staff said which topic is meant by a name that the vocabulary did not have."""

    actor_id: int
    kind: str
    id: int
    revision_id: int


@dataclass(frozen=True)
class DecisionEvent(Event):
    """Base class: something that happened about a decision."""

    decision_id: int


class DecisionMade(DecisionEvent):
    """A moderator decided on a contribution."""


class DecisionUndone(DecisionEvent):
    """A moderator undid a decision within seconds."""


@dataclass(frozen=True)
class AppealAnswered(Event):
    """A moderator answered an appeal."""

    appeal_id: int


@dataclass(frozen=True)
class SanctionChanged(Event):
    """A person was warned, suspended or banned, or the sanction was lifted."""

    sanction_id: int


class ReportsAnswered(ContributionEvent):
    """A decision answered the open reports on a contribution."""


class ErasureRequested(ContributionEvent):
    """An author asked to erase this; for some days they can take that back."""


class ErasureCancelled(ContributionEvent):
    """The author took the request back: it stays, withdrawn."""


class Erased(ContributionEvent):
    """An erasure is carried out: every handler removes the words it keeps of this."""


EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        *(RevisionSubmitted, RevisionSetAside, PublicChanged, NamesChanged, NameSettled, DecisionMade, DecisionUndone),
        *(AppealAnswered, SanctionChanged, ReportsAnswered),
        *(ErasureRequested, ErasureCancelled, Erased),
    )
}

HandlerWithin = Callable[[Sequence[Any]], None]
HandlerAfter = Callable[[Sequence[Any]], None]
PeriodicTask = Callable[[], None]


@dataclass(frozen=True)
class Handlers:
    """The handlers of an event: functions run within the transaction, and names of outbox handlers run after it."""

    within: tuple[HandlerWithin, ...] = ()
    after: tuple[str, ...] = ()


def record(*events: Event) -> None:
    """Record that something happened, within the transaction of the change. Never commits.

    Consecutive events of one type are passed to their handlers together, so that what happens in bulk is handled in
    bulk.
    """
    for kind, group in groupby(events, key=type):
        batch = list(group)
        handlers = _table().get(kind, Handlers())
        for handle in handlers.within:
            handle(batch)
        for name in handlers.after:
            outbox.add(name, kind.__name__, [vars(event) for event in batch])


def load(name: str, payload: Mapping[str, object]) -> Event:
    """The event of an outbox row, from its name and payload."""
    return EVENTS[name](**payload)


def install(
    app: Flask,
    table: Mapping[type[Event], Handlers],
    after: Mapping[str, HandlerAfter],
    periodic_tasks: Sequence[PeriodicTask],
) -> None:
    """Give the application its handlers and periodic tasks.

    Raises RuntimeError if an outbox handler has no function.
    """
    unknown = {name for handlers in table.values() for name in handlers.after} - set(after)
    if unknown:
        raise RuntimeError(f"outbox handlers without a function: {', '.join(sorted(unknown))}")
    app.extensions["salve.handlers"] = dict(table)
    app.extensions["salve.after"] = dict(after)
    app.extensions["salve.periodic_tasks"] = tuple(periodic_tasks)


def _table() -> dict[type[Event], Handlers]:
    table: dict[type[Event], Handlers] = current_app.extensions["salve.handlers"]
    return table


def drain() -> int:
    """Handle one batch of the outbox rows that are due; returns how many were finished."""
    return outbox.drain(_run)


def drain_all() -> int:
    """Handle outbox rows until none is due; returns how many were finished."""
    total = 0
    while done := drain():
        total += done
    return total


def run_periodic_tasks() -> None:
    """Run every periodic task once. The worker calls this when it starts and every few seconds."""
    for task in current_app.extensions["salve.periodic_tasks"]:
        task()


def _run(name: str, rows: Sequence[outbox.Due]) -> None:
    handle: HandlerAfter = current_app.extensions["salve.after"][name]
    handle([load(row.event, row.payload) for row in rows])
