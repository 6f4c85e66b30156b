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
from app.foundation.kinds import AnyKind, Text
from app.foundation.web.formatting import excerpt
from app.moderation import addresses
from app.moderation.decisions.models import Decision
from app.moderation.people import author_summary, notes
from app.moderation.people.models import StaffNote
from app.moderation.post_moderation import fast_lane
from app.moderation.post_moderation.models import RulePublication
from app.moderation.queue import differences, queue, reading
from app.moderation.queue.models import QueueItem, Task
from app.moderation.reports import reports
from app.moderation.reports.models import Report
from app.moderation.screening.signals import Signal, signals_about


@dataclass(frozen=True)
class ShownText:
    """A text of a revision as readers will see it, with what changed and what signals mean marked in it.

    `source` has the paragraphs of the Markdown with their differences; it is empty unless two versions are compared.
    """

    text: Text
    blocks: list[reading.Block]
    source: list[list[differences.Piece]]

    @property
    def is_changed(self) -> bool:
        """Whether the two versions that are compared differ in this text."""
        return any(piece.change != "same" for paragraph in self.source for piece in paragraph)

    @property
    def has_hidden_change(self) -> bool:
        """Whether something changed that the words do not show: where a link leads, or how a passage is formatted."""
        return any(block.looks_alike for block in self.blocks)


@dataclass(frozen=True)
class RevisionChange:
    """The differences between two revisions: their texts, and the answers that changed."""

    texts: list[ShownText]
    fields: list[differences.FieldChange]


@dataclass(frozen=True)
class ItemPage:
    """What the moderators' page of an item or of a contribution shows. `answers` are (label, words).

    `texts` are compared with the live revision if `is_edit`; then `fields` are the answers that changed.
    """

    contribution: Contribution
    revision: Revision
    is_edit: bool
    texts: list[ShownText]
    fields: list[differences.FieldChange]
    answers: list[tuple[str, str]]
    surroundings: object
    author: author_summary.AuthorSummary
    history: Sequence[Decision]
    reports: Sequence[Report]
    signals: Sequence[Signal]
    notes: Sequence[StaffNote]
    # Set if the fast lane published the comment before a moderator read it.
    rule_publication: RulePublication | None = None
    # Set if a decision was submitted for a revision that its author has since replaced.
    newer: NewerRevision | None = None

    @property
    def placed_signals(self) -> list[tuple[int, Signal]]:
        """The signals that are marked in one of the texts, with the numbers of their marks."""
        placed = {number for shown in self.texts for number in reading.noted(shown.blocks)}
        return [(number, signal) for number, signal in enumerate(self.signals) if number in placed]

    @property
    def loose_signals(self) -> list[Signal]:
        """The other signals: about the whole, about the title, or about what is not seen, such as a link's address."""
        placed = [number for number, _signal in self.placed_signals]
        return [signal for number, signal in enumerate(self.signals) if number not in placed]

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
    if item_of_newer is None:
        return None
    return NewerRevision(item_of_newer.id, RevisionChange(_texts(pending, read), _fields(pending, read)))


def title_or_opening(revision: Revision, length: int = 80) -> str:
    """The name of a revision on staff pages and for its author: its title, or its first `length` characters."""
    title = kinds.of(revision).title
    words = title(revision) if title else excerpt(revision.body_html, length)
    return words or str(_("deleted by its author"))


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
    found = signals_about(revision)
    compared = live if live is not None and live.id != revision.id else None
    return ItemPage(
        contribution=contribution,
        revision=revision,
        is_edit=compared is not None,
        texts=_texts(revision, compared, found),
        fields=_fields(revision, compared) if compared else [],
        answers=kind.answers_of(revision),
        surroundings=kind.load_surroundings(contribution) if kind.load_surroundings else None,
        author=author,
        history=author.decisions_on_contribution,
        reports=reported,
        signals=found,
        notes=notes.readable_by(current_user, contribution),
        rule_publication=fast_lane.publication_of(contribution)
        if isinstance(contribution, Comment) and live is not None
        else None,
    )


def _load_answers(*versions: Revision) -> None:
    """Load the answers of these revisions of one contribution together."""
    if load := kinds.of(versions[0]).load_answers:
        load(versions)


def _texts(revision: Revision, old: Revision | None = None, found: Sequence[Signal] = ()) -> list[ShownText]:
    """The rendered texts of a revision, compared with an older one if one is given, with these signals marked."""
    shown = []
    for text in kinds.of(revision).texts:
        if not text.html or not (text.of(revision) or (old is not None and text.of(old))):
            continue
        marks = [
            reading.Mark(signal.passage, number) for number, signal in enumerate(found) if signal.field == text.name
        ]
        rendered = text.html_of(revision)
        if old is None:
            shown.append(ShownText(text, reading.read(rendered, marks), []))
        else:
            blocks = reading.compare(text.html_of(old), rendered, marks)
            source = differences.compare_paragraphs(text.of(old), text.of(revision))
            shown.append(ShownText(text, blocks, source))
    return shown


def _fields(revision: Revision, old: Revision) -> list[differences.FieldChange]:
    kind = kinds.of(revision)
    return differences.compare_fields(kind.answers_of(old), kind.answers_of(revision))
