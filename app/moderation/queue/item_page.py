"""What a moderator sees around an item: what it changes, what it answers, what was decided before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import joinedload

from app.comments.models import Comment, CommentAncestor
from app.follow_ups import labels as follow_up_answers
from app.follow_ups import queries as follow_ups
from app.follow_ups.models import FollowUpRevision
from app.foundation.contributions.publication import latest_of, pending_of
from app.foundation.database import db
from app.foundation.web.formatting import excerpt
from app.moderation import addresses
from app.moderation.decisions.models import Decision
from app.moderation.people import author_summary, notes
from app.moderation.people.models import StaffNote
from app.moderation.post_moderation import fast_lane
from app.moderation.post_moderation.models import RulePublication
from app.moderation.queue import differences, queue
from app.moderation.queue.models import QueueItem, Task
from app.moderation.references import AnyContribution, AnyRevision
from app.moderation.reports import reports
from app.moderation.reports.models import Report
from app.moderation.screening import signals
from app.stories import queries as stories
from app.stories.labels import labelled
from app.stories.models import StoryRevision


@dataclass(frozen=True)
class Change:
    """How a version differs from the one that is public."""

    paragraphs: list[list[differences.Piece]]
    advice: list[list[differences.Piece]]
    fields: list[differences.FieldChange]


@dataclass(frozen=True)
class ItemPage:
    """Everything the page of an item shows."""

    contribution: AnyContribution
    revision: Any
    change: Change | None
    answers: list[tuple[str, str]]
    thread: Sequence[Comment]
    author: author_summary.AuthorSummary
    history: Sequence[Decision]
    reports: Sequence[Report]
    signals: Sequence[signals.Signal]
    notes: Sequence[StaffNote]
    # That the fast lane published it before anybody read it, if it did.
    at_once: RulePublication | None = None
    # Somebody decided on a version that its author has replaced: what changed since they read it, and where it waits.
    newer: Newer | None = None

    @property
    def is_erased(self) -> bool:
        """Whether its author had it erased: a version says something as long as it was not."""
        return not self.revision.body_source and (self.contribution.kind != "follow_up" or not self.answers)


@dataclass(frozen=True)
class Newer:
    """A version that took the place of the one that was read."""

    item_id: int
    change: Change


def for_item(item: QueueItem, read_id: int = 0) -> ItemPage:
    """The page of an item of the queue; `read_id` is the version that a decision was sent on, if one was."""
    reported = reports.reports_for_item(item) if item.task is Task.REPORT else ()
    view = _view(item.contribution, item.revision or latest_of(item.contribution), reported)
    return replace(view, newer=_newer(item)) if read_id else view


def _newer(item: QueueItem) -> Newer | None:
    read, waiting = item.revision, pending_of(item.contribution)
    if read is None or waiting is None or waiting.id == read.id:
        return None
    _load_answers(read, waiting)
    waits = queue.waiting_for(waiting)
    return Newer(waits.id, _change(read, waiting)) if waits else None


def title_or_opening(revision: AnyRevision, length: int = 80) -> str:
    """The words a version is known by among the staff and to its author: a title, or how it begins."""
    if isinstance(revision, FollowUpRevision):
        return revision.contribution.heading
    words = revision.title if isinstance(revision, StoryRevision) else excerpt(revision.body_html, length)
    return words or str(_("erased by its author"))


def last_decision(item: QueueItem) -> Decision | None:
    """The decision that closed an item, with who made it."""
    return db.session.scalar(
        sa.select(Decision)
        .options(joinedload(Decision.moderator))
        .where(getattr(Decision, f"{item.kind}_id") == item.contribution.id, Decision.item_id == item.id)
        .order_by(Decision.id.desc())
        .limit(1)
    )


def address(about: AnyContribution | Decision) -> str:
    """Where moderators see everything about a contribution, or about what was decided on."""
    if isinstance(about, Decision):
        return addresses.of_contribution(about.kind, about.contribution_id)
    return addresses.of_contribution(about.kind, about.id)


def for_contribution(contribution: AnyContribution) -> ItemPage:
    """The page of a contribution, whatever became of it."""
    return _view(contribution, contribution.live or latest_of(contribution), reports.reports_on(contribution))


def _view(contribution: AnyContribution, revision: Any, reported: Sequence[Report]) -> ItemPage:
    live = contribution.live
    _load_answers(live or revision, revision)
    author = author_summary.summarise(contribution.author, contribution)
    return ItemPage(
        contribution=contribution,
        revision=revision,
        change=_change(live, revision) if live is not None and live.id != revision.id else None,
        answers=_labelled(revision),
        thread=_thread_around(contribution) if isinstance(contribution, Comment) else [],
        author=author,
        history=author.on_this,
        reports=reported,
        signals=signals.signals_about(revision),
        notes=notes.readable_by(current_user, contribution),
        at_once=fast_lane.publication_of(contribution)
        if isinstance(contribution, Comment) and live is not None
        else None,
    )


def _load_answers(*versions: Any) -> None:
    """Load what versions of one contribution say besides their words, of all of them at once."""
    if versions[0].kind == "story":
        stories.load_answers(versions)
    elif versions[0].kind == "follow_up":
        follow_ups.load_answers(versions)


def _labelled(revision: AnyRevision) -> list[tuple[str, str]]:
    """What a version says besides its words."""
    if isinstance(revision, StoryRevision):
        return labelled(revision)
    return follow_up_answers.labelled(revision) if isinstance(revision, FollowUpRevision) else []


def _change(live: AnyRevision, revision: AnyRevision) -> Change:
    paragraphs = differences.paragraphs(live.body_source, revision.body_source)
    before, after = getattr(live, "advice_source", ""), getattr(revision, "advice_source", "")
    advice = differences.paragraphs(before, after) if before != after else []
    return Change(paragraphs, advice, differences.fields(_labelled(live), _labelled(revision)))


def _thread_around(comment: Comment) -> Sequence[Comment]:
    """The comments above this one, the topmost first: what it answers."""
    above = sa.select(CommentAncestor.ancestor_id).where(CommentAncestor.comment_id == comment.id)
    return db.session.scalars(
        sa.select(Comment)
        .options(joinedload(Comment.live), joinedload(Comment.author))
        .where(Comment.id.in_(above))
        .order_by(Comment.id)
    ).all()
