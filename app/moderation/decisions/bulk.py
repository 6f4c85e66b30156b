"""Bulk decisions on several items of one author or with one signal. Each is recorded as a separate decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.accounts.models import Person
from app.foundation import kinds
from app.foundation.database import db
from app.foundation.errors import Conflict, NotAllowed, Refused
from app.moderation.decisions import decisions
from app.moderation.decisions.models import Decision
from app.moderation.queue import filters
from app.moderation.queue.filters import QueueFilters
from app.moderation.queue.models import QueueItem, Task

MOST = 50

ACTIONS: dict[str, Callable[..., Decision]] = {
    "approve": lambda actor, revision, _reason, note: decisions.approve(actor, revision, note),
    "changes": decisions.request_changes,
    "reject": decisions.reject,
}


@dataclass
class BulkOutcome:
    """The result of a bulk decision: the decisions made, and the revisions left alone because something had changed."""

    made: list[Decision] = field(default_factory=list)
    left: list[Any] = field(default_factory=list)


def eligible_items(choice: QueueFilters) -> list[QueueItem]:
    """Return the revisions that can be decided together: of one author or with one signal, at most 50, in queue order.

    Reports are not among them, because each is about something else.
    """
    if choice.author is None and choice.signal is None:
        return []
    return [item for item in filters.page_of_items(choice, MOST) if item.task is Task.REVISION]


def parse_selection(marked: Sequence[str]) -> list[Any]:
    """Return the revisions named by the ticked boxes of a form ('story-12'); invalid values are ignored."""
    found = []
    for mark in list(dict.fromkeys(marked))[:MOST]:
        name, _dash, number = mark.partition("-")
        kind = kinds.find(name)
        if kind and number.isascii() and number.isdecimal() and len(number) < 10:
            found.append(db.session.get(kind.revision_model, int(number)))
    return [revision for revision in found if revision is not None]


def decide(actor: Person, revisions: Sequence[Any], action: str, reason: str, note: str = "") -> BulkOutcome:
    """Make the same decision on several revisions that were read. Moderators may, on what others wrote.

    Revisions that have changed meanwhile, or that the actor may not decide on, are left alone and reported. Raises
    Refused without a reason, for an unknown action, or if nothing is selected.
    """
    if action not in ACTIONS:
        raise Refused("Please choose what to do with them.")
    if action != "approve":
        decisions.check_reason(reason)
    if not revisions:
        raise Refused("Please tick at least one of them.", "items")
    outcome = BulkOutcome()
    for revision in revisions:
        try:
            with db.session.begin_nested():
                outcome.made.append(ACTIONS[action](actor, revision, reason, note))
        except (Conflict, NotAllowed, Refused):
            db.session.refresh(revision)
            outcome.left.append(revision)
    return outcome
