"""Reports: readers ask moderators to look at a contribution."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload, selectinload

from app.foundation import clock, kinds
from app.foundation.access import Actor
from app.foundation.contributions import publication
from app.foundation.contributions.models import Contribution
from app.foundation.database import db
from app.foundation.errors import Missing, Refused
from app.moderation.queue import queue
from app.moderation.queue.models import QueueItem, Task
from app.moderation.references import columns
from app.moderation.reports.models import Report

WORDS_MAX_LENGTH = 1_000
OTHER_CATEGORY = "other"
# What readers can say is wrong, by the code of the guideline that it goes against: they don't know the guidelines.
CATEGORIES = {
    "safety": _("Someone may be in danger"),
    "privacy": _("It names someone, or shows who they are"),
    "disrespect": _("It’s unkind"),
    "medical_advice": _("It tells people what to take or do"),
    "advertising": _("It’s advertising"),
    "not_own_experience": _("It isn’t the writer’s own experience"),
    "off_topic": _("It isn’t about this topic"),
    "too_little": _("It doesn’t say enough to be useful"),
    OTHER_CATEGORY: _("Something else"),
}


def report(actor: Actor, contribution: Contribution, category: str, words: str = "") -> Report:
    """Report a public contribution, and return the report. Anybody may, with or without an account.

    `category` is one of CATEGORIES. All open reports on a contribution share an item of the
    queue. A person who has an open report on it already gets that one back. Raises Missing if the contribution is not
    public, and Refused for an unknown category, for too long a text, or for OTHER_CATEGORY without a text.
    """
    if not publication.is_public(contribution):
        raise Missing
    if category not in CATEGORIES:
        raise Refused(gettext("Choose what’s wrong with it."), "category")
    if len(words) > WORDS_MAX_LENGTH:
        message = gettext("Use up to %(most)s characters to say what’s wrong.", most=f"{WORDS_MAX_LENGTH:,}")
        raise Refused(message, "words")
    if category == OTHER_CATEGORY and not words.strip():
        raise Refused(gettext("Say in a few words what’s wrong with it."), "words")
    existing = _open_report_by(actor, contribution)
    if existing is not None:
        return existing
    item = _open_item(contribution)
    new_report = Report(
        item=item,
        reporter_id=actor.id if actor.is_authenticated else None,
        category=category,
        words=words.strip(),
        **columns(contribution.kind, contribution.id, contribution.live_revision_id),
    )
    db.session.add(new_report)
    db.session.flush()
    return new_report


def reports_for_item(item: QueueItem) -> Sequence[Report]:
    """The reports that share an item of the queue, oldest first, with their reporters loaded. For staff only."""
    return db.session.scalars(_oldest_first().where(Report.item_id == item.id)).all()


def reports_on(contribution: Contribution) -> Sequence[Report]:
    """All reports on a contribution, oldest first, with reporters and revisions loaded. For staff only."""
    version = selectinload(Report.revision_of(kinds.of(contribution)))
    return db.session.scalars(_oldest_first().options(version).where(Report.about(contribution))).all()


def _oldest_first() -> sa.Select[Report]:
    return sa.select(Report).options(joinedload(Report.reporter)).order_by(Report.id)


def _open_report_by(actor: Actor, contribution: Contribution) -> Report | None:
    """The open report of this person on a contribution; None if there is none, or for an anonymous reader."""
    if not actor.is_authenticated:
        return None
    return db.session.scalar(
        sa.select(Report)
        .join(Report.item)
        .where(Report.reporter_id == actor.id, queue.IS_OPEN, QueueItem.about(contribution))
    )


def _open_item(contribution: Contribution) -> QueueItem:
    same = sa.select(QueueItem).where(QueueItem.task == Task.REPORT, queue.IS_OPEN, QueueItem.about(contribution))
    item = QueueItem(
        task=Task.REPORT,
        due_at=clock.now() + queue.DUE_AFTER[Task.REPORT],
        **columns(contribution.kind, contribution.id, contribution.live_revision_id),
    )
    return item if publication.add_once(item, same) else db.session.scalars(same).one()
