"""Bulk decisions: several items of one author, or with one signal, decided on alike. Each is a decision on record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _

from app.accounts.models import Person
from app.foundation import kinds
from app.foundation.contributions.revisions import Revision
from app.foundation.database import db
from app.foundation.errors import Conflict, NotAllowed, Refused
from app.moderation.decisions import decisions
from app.moderation.decisions.models import Decision
from app.moderation.queue import filters
from app.moderation.queue.filters import QueueFilters
from app.moderation.queue.models import QueueItem, Task

MAX_ITEMS = 50

ACTIONS: dict[str, Callable[..., Decision]] = {
    "approve": lambda actor, revision, _reason, note: decisions.approve(actor, revision, note),
    "changes": decisions.request_changes,
    "reject": decisions.reject,
}


@dataclass
class BulkOutcome:
    """The decisions made, and the revisions skipped: changed meanwhile, or not this moderator's to decide."""

    decided: list[Decision] = field(default_factory=list)
    skipped: list[Revision] = field(default_factory=list)


def eligible_items(queue_filters: QueueFilters) -> list[QueueItem]:
    """The items that can be decided on together: of one author or with one signal, at most 50, in the queue's order.

    Reports are not among them, because each is about something else.
    """
    if queue_filters.author is None and queue_filters.signal is None:
        return []
    return [item for item in filters.items_page(queue_filters, MAX_ITEMS) if item.task is Task.REVISION]


def parse_selection(marked: Sequence[str]) -> list[Revision]:
    """The revisions that the ticked boxes of a form name ('story-12'); what names none is left out."""
    found: list[Revision | None] = []
    for mark in list(dict.fromkeys(marked))[:MAX_ITEMS]:
        name, _dash, number = mark.partition("-")
        kind = kinds.find(name)
        if kind and number.isascii() and number.isdecimal() and len(number) < 10:
            found.append(db.session.get(kind.revision_model, int(number)))
    return [revision for revision in found if revision is not None]


def decide(actor: Person, revisions: Sequence[Revision], action: str, reason: str, note: str = "") -> BulkOutcome:
    """Decide alike on several revisions that were read. Moderators may, on what others wrote.

    `action` is 'approve', 'changes' or 'reject'. What changed meanwhile, or is not theirs to decide on, is left as it
    is and returned in `skipped`. Raises Refused without a reason, for another action, or without revisions.
    """
    if action not in ACTIONS:
        raise Refused(_("Choose what to do with them."))
    if action != "approve":
        decisions.check_reason(reason)
    if not revisions:
        raise Refused(_("Tick at least one."), "items")
    outcome = BulkOutcome()
    for revision in revisions:
        try:
            with db.session.begin_nested():
                outcome.decided.append(ACTIONS[action](actor, revision, reason, note))
        except (Conflict, NotAllowed, Refused):
            db.session.refresh(revision)
            outcome.skipped.append(revision)
    return outcome
