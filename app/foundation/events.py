"""Events: what happened, written with the change.

`record()` does two things with an event, both inside the caller's transaction: it runs the reactions that belong to
the same transaction, and it writes one outbox row for each reaction that comes after. Which function reacts to which
event stands in `app/reactions.py`, so that lower rooms need not know higher ones.
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
    """Something that happened; carries kinds and ids, never text."""


@dataclass(frozen=True)
class RevisionSubmitted(Event):
    """An author sent a text (a first one or an edit); it waits for a moderator."""

    kind: str
    id: int
    revision_id: int


@dataclass(frozen=True)
class RevisionSetAside(Event):
    """A waiting text waits no longer, without a decision: withdrawn, or superseded by a newer one."""

    kind: str
    id: int
    revision_id: int


@dataclass(frozen=True)
class PublicChanged(Event):
    """What the public sees of this thing has changed: published, edited, hidden, restored, withdrawn, removed."""

    kind: str
    id: int


@dataclass(frozen=True)
class NamesChanged(Event):
    """The names a topic goes by have changed."""

    topic_id: int


@dataclass(frozen=True)
class NameSettled(Event):
    """One of the staff said which topic is meant by a name that was in no list."""

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
    """A moderator took a decision back within seconds."""

    decision_id: int


@dataclass(frozen=True)
class AppealAnswered(Event):
    """A moderator answered an appeal."""

    appeal_id: int


@dataclass(frozen=True)
class SanctionChanged(Event):
    """A person was warned or suspended, or that was lifted."""

    sanction_id: int


@dataclass(frozen=True)
class ReportsAnswered(Event):
    """The open reports on a contribution were answered by a decision."""

    kind: str
    id: int


@dataclass(frozen=True)
class ErasureAsked(Event):
    """An author wants this erased for good; for some days they can change their mind."""

    kind: str
    id: int


@dataclass(frozen=True)
class ErasureTakenBack(Event):
    """The author has changed their mind: it stays, withdrawn."""

    kind: str
    id: int


@dataclass(frozen=True)
class Erased(Event):
    """The time to change one's mind is over: every room removes what it holds of the words of this."""

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
    """What follows one kind of event: functions in the same transaction, names of reactions after it."""

    within: tuple[HandlerWithin, ...] = ()
    after: tuple[str, ...] = ()


def record(*events: Event) -> None:
    """Note that something happened. Runs inside the transaction of the change it tells of; never commits.

    What happened in bulk is told at once, so that a reaction may treat it at once.
    """
    for kind, group in groupby(events, key=type):
        batch = list(group)
        reactions = _table().get(kind, Handlers())
        for react in reactions.within:
            react(batch)
        for name in reactions.after:
            for event in batch:
                outbox.add(name, kind.__name__, asdict(event))


def load(name: str, payload: Mapping[str, Any]) -> Event:
    """The event that an outbox row tells of."""
    return EVENTS[name](**payload)


def install(
    app: Flask, table: Mapping[type[Event], Handlers], after: Mapping[str, HandlerAfter], upkeep: Sequence[PeriodicTask]
) -> None:
    """Wire the table of reactions into the application. Raises RuntimeError if it names an unknown reaction."""
    unknown = {name for reactions in table.values() for name in reactions.after} - set(after)
    if unknown:
        raise RuntimeError(f"reactions without a function: {', '.join(sorted(unknown))}")
    app.extensions["salve.reactions"] = dict(table)
    app.extensions["salve.after"] = dict(after)
    app.extensions["salve.upkeep"] = tuple(upkeep)


def _table() -> dict[type[Event], Handlers]:
    table: dict[type[Event], Handlers] = current_app.extensions["salve.reactions"]
    return table


def drain() -> int:
    """Work off one batch of what is due in the outbox; answers how many rows were finished."""
    return outbox.drain(_run)


def drain_all() -> int:
    """Work off the outbox until nothing is due; answers how many rows were finished."""
    total = 0
    while done := drain():
        total += done
    return total


def run_periodic_tasks() -> None:
    """See to what the worker looks after though no event tells of it."""
    for see_to in current_app.extensions["salve.upkeep"]:
        see_to()


def _run(reaction: str, rows: Sequence[Any]) -> None:
    function: HandlerAfter = current_app.extensions["salve.after"][reaction]
    function([load(row.event, row.payload) for row in rows])
