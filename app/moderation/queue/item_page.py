"""What the page of an item or of a contribution shows: text, changes, decisions, reports, signals and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import joinedload

from app.comments.models import Comment
from app.foundation import kinds
from app.foundation.contributions.models import Contribution
from app.foundation.contributions.publication import latest_of, pending_of
from app.foundation.contributions.revisions import Revision
from app.foundation.database import db
from app.foundation.kinds import BODY, AnyKind, Text
from app.foundation.web.formatting import excerpt
from app.moderation import addresses
from app.moderation.decisions.models import Decision
from app.moderation.people import author_summary, notes
from app.moderation.people.models import StaffNote
from app.moderation.post_moderation import fast_lane
from app.moderation.post_moderation.models import RulePublication
from app.moderation.queue import differences, queue
from app.moderation.queue.models import QueueItem, Task
from app.moderation.reports import reports
from app.moderation.reports.models import Report
from app.moderation.screening import signals


@dataclass(frozen=True)
class RevisionChange:
    """The differences between a revision and the live one."""

    # The paragraphs of the body, and those of every other changed text with paragraphs.
    body: list[list[differences.Piece]]
    other_texts: list[tuple[Text, list[list[differences.Piece]]]]
    fields: list[differences.FieldChange]


@dataclass(frozen=True)
class ItemPage:
    """What the moderators' page of an item or of a contribution shows. `answers` are (label, words)."""

    contribution: Contribution
    revision: Revision
    change: RevisionChange | None
    answers: list[tuple[str, str]]
    surroundings: object
    author: author_summary.AuthorSummary
    history: Sequence[Decision]
    reports: Sequence[Report]
    signals: Sequence[signals.Signal]
    notes: Sequence[StaffNote]
    # Set if the fast lane published the comment before a moderator read it.
    rule_publication: RulePublication | None = None
    # Set if a decision was submitted for a revision that its author has since replaced.
    newer: NewerRevision | None = None

    @property
    def is_erased(self) -> bool:
        """Whether the contribution was erased: only an erased revision is blank."""
        return self.kind.is_blank(self.revision)

    @property
    def kind(self) -> AnyKind:
        """The declared kind of the contribution."""
        return kinds.of(self.contribution)


@dataclass(frozen=True)
class NewerRevision:
    """The pending revision that replaced the one read: the id of its item, and the differences between the two."""

    item_id: int
    change: RevisionChange


def for_item(item: QueueItem, read_id: int = 0) -> ItemPage:
    """The page of an item, for moderators. `read_id` is the id of the revision a decision was submitted for, or 0."""
    reported = reports.reports_for_item(item) if item.task is Task.REPORT else ()
    page = _page(item.contribution, item.revision or latest_of(item.contribution), reported)
    return replace(page, newer=_newer_revision(item)) if read_id else page


def _newer_revision(item: QueueItem) -> NewerRevision | None:
    read, pending = item.revision, pending_of(item.contribution)
    if read is None or pending is None or pending.id == read.id:
        return None
    _load_answers(read, pending)
    item_of_newer = queue.open_item_of(pending)
    return NewerRevision(item_of_newer.id, _change(read, pending)) if item_of_newer else None


def title_or_opening(revision: Revision, length: int = 80) -> str:
    """The name of a revision on staff pages and for its author: its title, or its first `length` characters."""
    title = kinds.of(revision).title
    words = title(revision) if title else excerpt(revision.body_html, length)
    return words or str(_("erased by its author"))


def last_decision(item: QueueItem) -> Decision | None:
    """The last decision on an item, with the moderator loaded; None if there is none."""
    return db.session.scalar(
        sa.select(Decision)
        .options(joinedload(Decision.moderator))
        .where(Decision.about(item.contribution), Decision.item_id == item.id)
        .order_by(Decision.id.desc())
        .limit(1)
    )


def moderation_url(about: Contribution | Decision) -> str:
    """The address of the moderators' page of a contribution, or of the contribution that a decision is about."""
    if isinstance(about, Decision):
        return addresses.of_contribution(about.kind, about.contribution_id)
    return addresses.of_contribution(about.kind, about.id)


def for_contribution(contribution: Contribution) -> ItemPage:
    """The page of a contribution in any state, for moderators. It shows the live revision, or else the latest."""
    return _page(contribution, contribution.live or latest_of(contribution), reports.reports_on(contribution))


def _page(contribution: Contribution, revision: Revision, reported: Sequence[Report]) -> ItemPage:
    live, kind = contribution.live, kinds.of(contribution)
    _load_answers(live or revision, revision)
    author = author_summary.summarise(contribution.author, contribution)
    return ItemPage(
        contribution=contribution,
        revision=revision,
        change=_change(live, revision) if live is not None and live.id != revision.id else None,
        answers=kind.answers_of(revision),
        surroundings=kind.load_surroundings(contribution) if kind.load_surroundings else None,
        author=author,
        history=author.decisions_on_contribution,
        reports=reported,
        signals=signals.signals_about(revision),
        notes=notes.readable_by(current_user, contribution),
        rule_publication=fast_lane.publication_of(contribution)
        if isinstance(contribution, Comment) and live is not None
        else None,
    )


def _load_answers(*versions: Revision) -> None:
    """Load the answers of these revisions of one contribution together."""
    if load := kinds.of(versions[0]).load_answers:
        load(versions)


def _change(live: Revision, revision: Revision) -> RevisionChange:
    kind = kinds.of(revision)
    other_texts = [
        (text, differences.compare_paragraphs(text.of(live), text.of(revision)))
        for text in kind.texts
        if text.html and text.name != BODY and text.of(live) != text.of(revision)
    ]
    return RevisionChange(
        body=differences.compare_paragraphs(live.body_source, revision.body_source),
        other_texts=other_texts,
        fields=differences.compare_fields(kind.answers_of(live), kind.answers_of(revision)),
    )
