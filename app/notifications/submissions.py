"""What an author reads under 'Your contributions': everything they sent, a page at a time, and what concerns them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.follow_ups import queries as follow_ups
from app.follow_ups.models import FollowUpDraft
from app.follow_ups.queries import DueFollowUp
from app.foundation import kinds
from app.foundation.contributions.models import Contribution
from app.foundation.database import db
from app.foundation.kinds import AnyKind
from app.foundation.web import keyset
from app.foundation.web.keyset import Order
from app.foundation.web.pagination import Page, current_url
from app.moderation.decisions.models import Decision
from app.notifications.models import Notice
from app.notifications.submission_status import (
    ContributionKey,
    SubmissionStatus,
    group_by_kind,
    is_about,
    last_decision,
    statuses,
)
from app.stories.models import Story, StoryDraft

MAX_NEWS = 20


@dataclass(frozen=True)
class News:
    """A notice about something other than one's own contribution: an answer to an appeal or a report, or a sanction."""

    notice: Notice
    # The reported contribution, if everyone may see it. Nothing is disclosed of any other.
    public_target: Contribution | None = None

    @property
    def is_new(self) -> bool:
        """Whether it was not marked as read."""
        return self.notice.seen_at is None


@dataclass(frozen=True)
class Submissions:
    """A page of what somebody sent, last active first. Drafts and the like are on the first page only.

    `due_follow_ups` are the stories to follow up now, `unseen` the ids of the notices that the page marks as new,
    `unseen_url` the address of another page with contributions marked as new.
    """

    page: Page[SubmissionStatus]
    drafts: Sequence[StoryDraft | FollowUpDraft]
    due_follow_ups: Sequence[DueFollowUp]
    news: Sequence[News]
    unseen: Sequence[int]
    unseen_url: str | None


def submissions_of(person: Person) -> Submissions:
    """The page of this person's contributions that the address asks for, in a fixed number of statements.

    A contribution is active when its author sends a revision of it and when they are notified of a decision on it.
    Needs a request.
    """
    activity = _select_activity(person)
    numbered = kinds.all_kinds()
    order = Order((activity.c.active_at, activity.c.kind_number, activity.c.id))
    places = keyset.places(sa.select(activity), order)
    keys = [(numbered[number].name, contribution_id) for _active_at, number, contribution_id in places.items]
    notices = _unseen_notices(person, is_about(keys))
    page = places.of(statuses(keys, notices))
    unseen = [notice_id for ids in notices.values() for notice_id in ids]
    elsewhere = next(iter(_unseen_notices(person, ~is_about(keys), limit=1)), None)
    unseen_url = _page_url_of(elsewhere, activity, order) if elsewhere else None
    if not page.is_first:
        return Submissions(page, [], [], [], unseen, unseen_url)
    news = _news(person)
    unseen += [each.notice.id for each in news if each.is_new]
    return Submissions(page, _drafts(person), follow_ups.due_follow_ups(person), news, unseen, unseen_url)


def _select_activity(person: Person) -> sa.Subquery:
    """A person's contributions: the number of the kind in the registry, the id, and when it was last active."""
    dates = sa.union_all(
        *(_select_dates(person, number, kind) for number, kind in enumerate(kinds.all_kinds()))
    ).subquery()
    active_at = sa.case((dates.c.decided_at > dates.c.sent_at, dates.c.decided_at), else_=dates.c.sent_at)
    return sa.select(dates.c.kind_number, dates.c.id, active_at.label("active_at")).subquery()


def _select_dates(person: Person, number: int, kind: AnyKind) -> sa.Select[int, int, datetime, datetime]:
    model, revision = kind.model, kind.revision_model
    sent_at = (
        sa.select(revision.created_at)
        .where(kind.revision_parent == model.id)
        .order_by(revision.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.select(
        sa.literal(number).label("kind_number"),
        model.id.label("id"),
        sent_at.label("sent_at"),
        last_decision(Decision.created_at, kind).label("decided_at"),
    ).where(model.author_id == person.id)


def _unseen_notices(
    person: Person, condition: sa.ColumnElement[bool], limit: int | None = None
) -> dict[ContributionKey, list[int]]:
    """The ids of the notices of decisions meeting this condition that a person has not seen, by contribution."""
    all_kinds = kinds.all_kinds()
    rows = db.session.execute(
        sa.select(Notice.id, *(Decision.id_of(kind) for kind in all_kinds))
        .join(Notice.decision)
        .where(Notice.person_id == person.id, Notice.seen_at.is_(None), condition)
        .order_by(Notice.id.desc())
        .limit(limit)
    )
    found: dict[ContributionKey, list[int]] = defaultdict(list)
    for notice_id, *ids in rows:
        key = next((kind.name, each) for kind, each in zip(all_kinds, ids, strict=True) if each is not None)
        found[key].append(notice_id)
    return found


def _page_url_of(key: ContributionKey, activity: sa.Subquery, order: Order) -> str:
    """The address of the page on which a contribution is. Three statements at most."""
    number = [kind.name for kind in kinds.all_kinds()].index(key[0])
    of_key = sa.and_(activity.c.kind_number == number, activity.c.id == key[1])
    place = db.session.execute(sa.select(*order.by).where(of_key)).one()
    after = keyset.page_of(sa.select(activity), order, tuple(place))
    return current_url(without=keyset.ARGUMENTS, after=after)


def _drafts(person: Person) -> list[StoryDraft | FollowUpDraft]:
    stories = db.session.scalars(sa.select(StoryDraft).where(StoryDraft.author_id == person.id))
    later = db.session.scalars(
        sa.select(FollowUpDraft)
        .options(joinedload(FollowUpDraft.story).joinedload(Story.live))
        .where(FollowUpDraft.author_id == person.id)
    )
    return sorted([*stories, *later], key=lambda draft: draft.updated_at, reverse=True)


def _news(person: Person) -> list[News]:
    notices = db.session.scalars(
        sa.select(Notice)
        .options(joinedload(Notice.appeal), joinedload(Notice.sanction), joinedload(Notice.report))
        .where(Notice.person_id == person.id, Notice.decision_id.is_(None))
        .order_by(Notice.seen_at.is_not(None), Notice.id.desc())
        .limit(MAX_NEWS)
    ).all()
    public = _public_contributions(
        (each.report.kind, each.report.contribution_id) for each in notices if each.report is not None
    )
    return [
        News(each, public.get((each.report.kind, each.report.contribution_id)) if each.report else None)
        for each in notices
    ]


def _public_contributions(keys: Iterable[ContributionKey]) -> dict[ContributionKey, Contribution]:
    """Those of these contributions that everyone may see, with their live revisions. One statement for each kind."""
    found: dict[ContributionKey, Contribution] = {}
    for kind, ids in group_by_kind(keys):
        model = kind.model
        rows = db.session.scalars(
            sa.select(model).options(joinedload(model.live)).where(model.id.in_(ids), model.public())
        )
        found |= {(kind.name, each.id): each for each in rows}
    return found
