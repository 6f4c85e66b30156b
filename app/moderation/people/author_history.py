"""The history of an author, for screening and the fast lane: how many contributions were published, rejected etc."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import sqlalchemy as sa

from app.accounts.models import Person
from app.comments.models import Comment
from app.foundation import kinds
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db
from app.moderation.post_moderation.models import RulePublication

# APPROVED: published and read by a moderator. UNREAD: published by the fast lane, and not read since.
APPROVED, UNREAD = "approved", "unread"
TAKEN_DOWN, REJECTED, CHANGES_REQUESTED = "taken_down", "rejected", "changes_requested"
_AUTHOR_IDS = "author_ids"
_NOT_PUBLISHED = {RevisionState.REJECTED: REJECTED, RevisionState.CHANGES_REQUESTED: CHANGES_REQUESTED}


@dataclass(frozen=True)
class AuthorHistory:
    """Numbers of contributions published (`approved`, `unread`) or since taken down, and of revisions refused."""

    approved: int = 0
    unread: int = 0
    taken_down: int = 0
    rejected: int = 0
    changes_requested: int = 0

    @property
    def decided(self) -> int:
        """The number of decisions by moderators that the history counts."""
        return self.approved + self.taken_down + self.rejected + self.changes_requested

    @property
    def rejected_percent(self) -> int:
        """The share of rejections among the decisions, in per cent, rounded down."""
        return 100 * self.rejected // self.decided if self.decided else 0

    @property
    def refused_percent(self) -> float:
        """The share of decisions that rejected or took down something, in per cent."""
        return 100 * (self.rejected + self.taken_down) / self.decided if self.decided else 0.0


def history_of(author: Person) -> AuthorHistory:
    """The present history of an author. One statement."""
    rows = db.session.execute(_counts(), {_AUTHOR_IDS: [author.id]})
    return AuthorHistory(**{str(outcome): int(number) for outcome, number in rows})


@dataclass(frozen=True)
class Timeline:
    """The decisions about an author as (time, outcome), oldest first."""

    moments: tuple[tuple[datetime, str], ...] = ()

    def at(self, moment: datetime) -> AuthorHistory:
        """The history at a time in the past. A contribution taken down since then counts as taken down."""
        return AuthorHistory(**Counter(outcome for at, outcome in self.moments if at < moment))


def timelines_of(author_ids: Collection[int]) -> dict[int, Timeline]:
    """The timelines of several authors, by their ids. One statement for every 400 authors."""
    by_author: dict[int, list[tuple[datetime, str]]] = {author_id: [] for author_id in author_ids}
    for row in _rows(sorted(author_ids)):
        if row.at is not None:
            by_author[row.author_id].append((row.at, row.outcome))
    return {author_id: Timeline(tuple(sorted(moments))) for author_id, moments in by_author.items()}


def _rows(author_ids: list[int], at_once: int = 400) -> Iterator[sa.Row[int, str, datetime | None]]:
    statement = _outcomes()
    for first in range(0, len(author_ids), at_once):
        yield from db.session.execute(statement, {_AUTHOR_IDS: author_ids[first : first + at_once]})


# Built once: every submission needs the history of its author, and building these statements takes longer than running
# them. They cannot change, because all kinds are registered before the tables exist.
@cache
def _counts() -> sa.Select[str, int]:
    """Selects each outcome and how often it occurs, for the authors in the parameter."""
    outcomes = _outcomes().subquery()
    return sa.select(outcomes.c.outcome, sa.func.count()).group_by(outcomes.c.outcome)


@cache
def _outcomes() -> sa.CompoundSelect[int, str, datetime | None]:
    """Selects author_id, outcome and time of what was published or refused, for the authors in the parameter."""
    author_ids: sa.BindParameter[int] = sa.bindparam(_AUTHOR_IDS, expanding=True)
    selects: list[sa.Select[int, str, datetime | None]] = []
    for kind in kinds.all_kinds():
        contribution, revision = kind.model, kind.revision_model
        down = contribution.state.in_([PublicationState.HIDDEN, PublicationState.REMOVED])
        outcome = sa.case((down, TAKEN_DOWN), else_=APPROVED)
        if contribution is Comment:
            unread = sa.exists().where(
                RulePublication.comment_id == contribution.id,
                RulePublication.comment_revision_id == contribution.live_revision_id,
                RulePublication.read_at.is_(None),
            )
            outcome = sa.case((down, TAKEN_DOWN), (unread, UNREAD), else_=APPROVED)
        selects.append(
            sa.select(
                contribution.author_id.label("author_id"),
                outcome.label("outcome"),
                contribution.published_at.label("at"),
            ).where(contribution.author_id.in_(author_ids), contribution.published_at.is_not(None))
        )
        refused = sa.case(*((revision.state == state, name) for state, name in _NOT_PUBLISHED.items()))
        selects.append(
            sa.select(contribution.author_id, refused, revision.decided_at)
            .join(contribution, contribution.id == kind.revision_parent)
            .where(contribution.author_id.in_(author_ids), revision.state.in_(_NOT_PUBLISHED))
        )
    return sa.union_all(*selects)
