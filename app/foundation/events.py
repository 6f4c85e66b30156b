"""Events: what happened, recorded in the transaction of the change.

`record()` does two things with an event, both inside the caller's transaction: it runs the handlers that belong to the
same transaction, and it writes one outbox row for each handler that runs after it. `app/reactions.py` says which
handler follows which event, so that lower layers need not know higher ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from flask import Flask, current_app

from app.foundation import outbox


@dataclass(frozen=True)
class Event:
    """Base class: something that happened. Events carry kinds and ids, never text."""


@dataclass(frozen=True)
class RevisionSubmitted(Event):
    """An author submitted a revision (the first one or an edit), which is now pending."""

    kind: str
    id: int
    revision_id: int


@dataclass(frozen=True)
class RevisionSetAside(Event):
    """A revision is not pending any more without a decision: it was withdrawn, or superseded by a newer one."""

    kind: str
    id: int
    revision_id: int


@dataclass(frozen=True)
class PublicChanged(Event):
    """What the public sees of this has changed: it was published, edited, hidden, restored, withdrawn or removed."""

    kind: str
    id: int


@dataclass(frozen=True)
class NamesChanged(Event):
    """The names of a topic have changed."""

    topic_id: int


@dataclass(frozen=True)
class NameSettled(Event):
    """Somebody of the staff settled an unlisted name."""

    actor_id: int
    kind: str
    id: int
    revision_id: int


@dataclass(frozen=True)
class DecisionMade(Event):
    """A moderator decided on a contribution."""

    decision_id: int


@dataclass(frozen=True)
class DecisionUndone(Event):
    """A moderator undid a decision."""

    decision_id: int


@dataclass(frozen=True)
class AppealAnswered(Event):
    """A moderator answered an appeal."""

    appeal_id: int


@dataclass(frozen=True)
class SanctionChanged(Event):
    """A person was warned, suspended or banned, or the sanction was lifted."""

    sanction_id: int


@dataclass(frozen=True)
class ReportsAnswered(Event):
    """A decision answered the open reports on a contribution."""

    kind: str
    id: int


@dataclass(frozen=True)
class ErasureAsked(Event):
    """An author requested the erasure of a contribution; they can cancel it during the grace period."""

    kind: str
    id: int


@dataclass(frozen=True)
class ErasureTakenBack(Event):
    """The author cancelled the erasure request: the contribution stays, withdrawn."""

    kind: str
    id: int


@dataclass(frozen=True)
class Erased(Event):
    """The grace period is over: every package removes what it stores of the words of this contribution."""

    kind: str
    id: int


EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        *(RevisionSubmitted, RevisionSetAside, PublicChanged, NamesChanged, NameSettled, DecisionMade, DecisionUndone),
        *(AppealAnswered, SanctionChanged, ReportsAnswered),
        *(ErasureAsked, ErasureTakenBack, Erased),
    )
}

HandlerWithin = Callable[[Sequence[Any]], None]
HandlerAfter = Callable[[Sequence[Any]], None]
PeriodicTask = Callable[[], None]


@dataclass(frozen=True)
class Handlers:
    """The handlers of one kind of event: functions in the same transaction, names of outbox handlers after it."""

    within: tuple[HandlerWithin, ...] = ()
    after: tuple[str, ...] = ()


def record(*events: Event) -> None:
    """Record events, in the transaction of the change that caused them. Never commits.

    Consecutive events of one kind are passed to a handler together, so that it can process a batch at once.
    """
    for kind, group in groupby(events, key=type):
        batch = list(group)
        handlers = _table().get(kind, Handlers())
        for handle in handlers.within:
            handle(batch)
        for name in handlers.after:
            for event in batch:
                outbox.add(name, kind.__name__, asdict(event))


def load(name: str, payload: Mapping[str, Any]) -> Event:
    """Return the event with this class name and these fields, as stored in an outbox row."""
    return EVENTS[name](**payload)


def install(
    app: Flask, table: Mapping[type[Event], Handlers], after: Mapping[str, HandlerAfter], tasks: Sequence[PeriodicTask]
) -> None:
    """Install the event handlers and periodic tasks in the application. Raises RuntimeError for an unknown handler."""
    unknown = {name for handlers in table.values() for name in handlers.after} - set(after)
    if unknown:
        raise RuntimeError(f"handlers without a function: {', '.join(sorted(unknown))}")
    app.extensions["salve.reactions"] = dict(table)
    app.extensions["salve.after"] = dict(after)
    app.extensions["salve.periodic_tasks"] = tuple(tasks)


def _table() -> dict[type[Event], Handlers]:
    table: dict[type[Event], Handlers] = current_app.extensions["salve.reactions"]
    return table


def drain() -> int:
    """Process one batch of due outbox rows; returns how many were finished. For the worker."""
    return outbox.drain(_run)


def drain_all() -> int:
    """Process outbox rows until none is due; returns how many were finished. For commands and tests."""
    total = 0
    while done := drain():
        total += done
    return total


def run_periodic_tasks() -> None:
    """Run all periodic tasks once. For the worker."""
    for task in current_app.extensions["salve.periodic_tasks"]:
        task()


def _run(name: str, rows: Sequence[Any]) -> None:
    handle: HandlerAfter = current_app.extensions["salve.after"][name]
    handle([load(row.event, row.payload) for row in rows])
