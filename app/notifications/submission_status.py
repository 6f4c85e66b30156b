"""Where everything stands that a person wrote: what they read under 'Your contributions'."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Person
from app.follow_ups import queries as follow_ups
from app.follow_ups.models import FollowUpDraft
from app.follow_ups.queries import Due
from app.foundation import kinds
from app.foundation.contributions import erasure_requests
from app.foundation.contributions.erasure_requests import Erasure
from app.foundation.contributions.models import Contribution, PublicationState
from app.foundation.contributions.publication import is_public
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db
from app.foundation.kinds import AnyKind
from app.moderation.appeals import statements
from app.moderation.decisions.models import VISIBLE_TO_AUTHOR, Action, Decision
from app.moderation.reasons import REASONS, Reason
from app.notifications.models import Notice
from app.stories.models import Story, StoryDraft

MAX_PER_KIND = 200
MAX_NEWS = 20


@dataclass(frozen=True)
class SubmissionStatus:
    """One contribution: what it is, its latest version, and the last decision on it with whether it is news."""

    contribution: Contribution
    latest: Any
    decision: Decision | None
    is_new: bool
    # That a moderator masked a passage of the latest version, however it was decided on afterwards.
    masked: Decision | None = None
    # That its author asked to erase it.
    erasure: Erasure | None = None

    @property
    def state(self) -> str:
        """The one word that says where it stands, for the person who wrote it."""
        if self.erasure is not None:
            return "erased" if self.erasure.is_done else "to_be_erased"
        publication = self.contribution.state
        if publication in (PublicationState.WITHDRAWN, PublicationState.REMOVED, PublicationState.HIDDEN):
            return str(publication.value)
        if publication is PublicationState.PUBLISHED:
            return "published"
        return str(self.latest.state.value)

    @property
    def waiting(self) -> bool:
        """Whether a version of it is with the moderators."""
        return self.latest.state is RevisionState.PENDING

    @property
    def refused(self) -> bool:
        """Whether the version sent last was not published as it was."""
        return self.latest.state in (RevisionState.REJECTED, RevisionState.CHANGES_REQUESTED)

    @property
    def is_restricted(self) -> bool:
        """Whether the last decision has a page that says why, and how to appeal."""
        return self.decision is not None and self.decision.action in statements.RESTRICTIONS

    @property
    def reason(self) -> Reason | None:
        """The guideline the last decision rests on."""
        return REASONS.get(self.decision.reason or "") if self.decision else None


@dataclass(frozen=True)
class News:
    """What a person was told besides decisions on what they wrote: answers to appeals and reports, sanctions."""

    notice: Notice
    # What they reported, if everybody sees it now: of anything else nothing is told.
    still_public: Any = None

    @property
    def is_new(self) -> bool:
        """Whether it was not marked as read."""
        return self.notice.seen_at is None


@dataclass(frozen=True)
class Submissions:
    """Everything of one person: what needs them, newest first. `due` are the stories they are asked about now."""

    standings: list[SubmissionStatus]
    drafts: list[StoryDraft | FollowUpDraft]
    due: list[Due]
    news: list[News]

    @property
    def any_new(self) -> bool:
        """Whether something is marked as new."""
        return any(standing.is_new for standing in self.standings) or any(news.is_new for news in self.news)


def submissions_of(person: Person) -> Submissions:
    """What this person wrote, with where each stands, and their drafts."""
    decisions = _decisions(person)
    told = sa.select(Notice.decision_id).where(Notice.person_id == person.id, Notice.seen_at.is_(None))
    unseen = {decision_id for decision_id in db.session.scalars(told) if decision_id is not None}
    erased = erasure_requests.requests_by(person)
    standings = [
        _standing(
            contribution,
            decisions.get((kind.name, contribution.id), []),
            unseen,
            erased.get((kind.name, contribution.id)),
        )
        for kind in kinds.all_kinds()
        for contribution in _written_by(person, kind)
    ]
    standings.sort(key=_last_moved, reverse=True)
    return Submissions(standings, _drafts(person), follow_ups.due(person), _news(person))


def _drafts(person: Person) -> list[StoryDraft | FollowUpDraft]:
    stories = db.session.scalars(sa.select(StoryDraft).where(StoryDraft.author_id == person.id))
    later = db.session.scalars(
        sa.select(FollowUpDraft)
        .options(joinedload(FollowUpDraft.story).joinedload(Story.live))
        .where(FollowUpDraft.author_id == person.id)
    )
    return sorted([*stories, *later], key=lambda draft: draft.updated_at, reverse=True)


def _news(person: Person) -> list[News]:
    told = db.session.scalars(
        sa.select(Notice)
        .options(joinedload(Notice.appeal), joinedload(Notice.sanction), joinedload(Notice.report))
        .where(Notice.person_id == person.id, Notice.decision_id.is_(None))
        .order_by(Notice.seen_at.is_not(None), Notice.id.desc())
        .limit(MAX_NEWS)
    )
    return [News(notice, _still_public(notice)) for notice in told]


def _still_public(notice: Notice) -> Any | None:
    thing = notice.report.contribution if notice.report else None
    return thing if thing is not None and is_public(thing) else None


def _written_by(person: Person, kind: AnyKind) -> list[Contribution]:
    model = kind.model
    # All versions come along: the last one is what is shown, and there are few.
    rows = db.session.scalars(
        sa.select(model)
        .options(joinedload(model.live), *kind.loading.author, selectinload(model.revisions))
        .where(model.author_id == person.id)
        .order_by(model.id.desc())
        .limit(MAX_PER_KIND)
    )
    return list(rows)


def _standing(
    contribution: Contribution, decisions: Sequence[Decision], unseen: set[int], erasure: Erasure | None
) -> SubmissionStatus:
    latest = contribution.revisions[-1]
    masks = [each for each in decisions if each.action is Action.MASK and each.revision is latest]
    return SubmissionStatus(
        contribution,
        latest,
        decisions[-1] if decisions else None,
        is_new=any(decision.id in unseen for decision in decisions),
        masked=masks[-1] if masks and erasure is None else None,
        erasure=erasure,
    )


def _last_moved(standing: SubmissionStatus) -> datetime:
    moments: list[datetime] = [standing.latest.created_at]
    if standing.decision is not None:
        moments.append(standing.decision.created_at)
    return max(moments)


def _decisions(person: Person) -> dict[tuple[str, int], list[Decision]]:
    undone = Decision.id.in_(sa.select(Decision.undoes_id).where(Decision.undoes_id.is_not(None)))
    rows = db.session.scalars(
        sa.select(Decision)
        .options(joinedload(Decision.note))
        .where(Decision.written_by(person), Decision.action.in_(VISIBLE_TO_AUTHOR), ~undone)
        .order_by(Decision.id)
    )
    found: dict[tuple[str, int], list[Decision]] = defaultdict(list)
    for decision in rows:
        found[decision.kind, decision.contribution_id].append(decision)
    return found
