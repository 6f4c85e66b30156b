"""Reading and storing signals: what a moderator should look at in a text, or about it, and why. For staff only."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from app.foundation import kinds
from app.foundation.contributions.revisions import Revision
from app.foundation.database import db
from app.moderation import addresses
from app.moderation.screening.models import SignalKind, SignalRow
from app.screening import crisis, personal_details, wording

# The explanation of a signal by its code; `%(...)s` is filled in from its data.
EXPLANATIONS: dict[str, str] = {
    **personal_details.WHY,
    **wording.WHY,
    "crisis": crisis.WHY,
    "shortener": _("A shortened link hides where it goes."),
    "many_links": _("There are %(count)s links."),
    "first_link": _("This is the author’s first link."),
    "blocked_word": _("This is on the list of words we refuse."),
    "suspect_word": _("This is on the list of words to check."),
    "near_duplicate": _("%(percent)s%% of it is also in another text from the last 90 days."),
    "new_author": _("Nothing by this author had been published when they sent this."),
    "often_rejected": _("%(percent)s%% of what this author sent was rejected."),
}


@dataclass(frozen=True)
class Finding:
    """A signal before it is stored. `start` and `end` are positions in the text `field`; '' is the whole revision."""

    kind: SignalKind
    code: str
    field: str = ""
    start: int = 0
    end: int = 0
    data: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Signal:
    """A stored signal with its explanation and passage. `field` is the name of the text, '' for the whole revision."""

    kind: SignalKind
    code: str
    field: str
    start: int
    end: int
    why: str
    passage: str
    data: dict[str, Any]

    @property
    def other(self) -> str | None:
        """For a near duplicate, the address of the other contribution for moderators; None for other signals."""
        if "revision" not in self.data:
            return None
        kind, contribution_id = self.data["kind"], self.data.get("contribution")
        if contribution_id is None:  # old signals were stored without this id
            contribution_id = db.session.get_one(kinds.get(kind).revision_model, self.data["revision"]).contribution.id
        return addresses.of_contribution(kind, contribution_id)


def signals_about(revision: Revision) -> Sequence[Signal]:
    """The signals about a revision: first those about the whole, then by text and position."""
    rows = db.session.scalars(
        sa.select(SignalRow).where(SignalRow.of_kind == revision.kind, SignalRow.revision_id == revision.id)
    )
    order = ["", *(text.name for text in kinds.of(revision).texts)]
    return sorted((_read(row, revision) for row in rows), key=lambda signal: (order.index(signal.field), signal.start))


def _read(row: SignalRow, revision: Revision) -> Signal:
    text = text_of(revision, row.field) if row.field else ""
    return Signal(
        kind=row.kind,
        code=row.code,
        field=row.field,
        start=row.start,
        end=row.end,
        why=str(EXPLANATIONS[row.code]) % row.data if row.data else str(EXPLANATIONS[row.code]),
        passage=text[row.start : row.end],
        data=row.data,
    )


def passages(signals: Sequence[Signal], field: str) -> list[str]:
    """The passages that signals mark in the text named `field`."""
    return [signal.passage for signal in signals if signal.field == field]


def text_of(revision: Revision, name: str) -> str:
    """The source of a text of a revision by its name; '' if the kind has no such text."""
    text = kinds.of(revision).text(name)
    return text.of(revision) if text else ""


def replace_signals(kind: str, revision_id: int, findings: Iterable[Finding]) -> None:
    """Store these findings as the signals about a revision, and delete the signals it had."""
    db.session.execute(
        sa.delete(SignalRow)
        .where(SignalRow.of_kind == kind, SignalRow.revision_id == revision_id)
        .execution_options(synchronize_session=False)
    )
    of_revision = {"of_kind": kind, "revision_id": revision_id}
    values = [of_revision | dataclasses.asdict(finding) for finding in findings]
    if values:
        db.session.execute(sa.insert(SignalRow), values)
