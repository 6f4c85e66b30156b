"""The fast lane: comments of members with a good record are published at once and read afterwards. Off by default.

Everything else waits for a moderator: whatever has a signal, every edit, every story and follow-up. A publication by
the fast lane is nobody's decision: it has a table of its own, is in the audit log without an actor, and does not count
in response times.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.accounts.models import Origin, Person
from app.articles.models import Article
from app.comments import authoring
from app.comments.models import Comment, CommentRevision
from app.foundation import clock
from app.foundation.access import require
from app.foundation.contributions import authorship, publication, revisions
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.revisions import Revision, RevisionState
from app.foundation.database import db, rows_changed
from app.foundation.errors import Conflict
from app.foundation.events import DecisionMade, RevisionSubmitted
from app.moderation import policy
from app.moderation.audit import audit_log
from app.moderation.decisions.models import Decision
from app.moderation.people import author_history
from app.moderation.people.author_history import AuthorHistory
from app.moderation.post_moderation.models import RulePublication
from app.moderation.queue import queue
from app.moderation.rules import rules
from app.moderation.rules.rules import Rules
from app.moderation.sanctions.models import Sanction
from app.moderation.screening.models import SignalRow
from app.stories.models import Story

# How long a sanction keeps a person out of the lane, also a warning that was read, unless it was lifted.
SANCTIONED = timedelta(days=365)


def publish_eligible(events: Sequence[RevisionSubmitted]) -> None:
    """Handler, after screening: publish the comments that are eligible."""
    comments = [event for event in events if event.kind == "comment"]
    version, in_force = rules.in_force() if comments else (0, Rules())
    if not in_force.has_lane:
        return
    for event in comments:
        revision = db.session.get_one(CommentRevision, event.revision_id)
        if is_eligible(revision, in_force):
            _publish(revision, version)


def is_enabled() -> bool:
    """Whether the fast lane is on: what pages say about how contributions are read depends on it."""
    return rules.current().has_lane


def is_eligible(revision: CommentRevision, in_force: Rules) -> bool:
    """Whether a pending revision may be published at once. The cheapest conditions come first."""
    comment = revision.comment
    return (
        is_first_by_member(revision)
        and not has_signals(revision)
        and meets_threshold(author_history.history_of(comment.author), in_force)
        and not _is_sanctioned(comment.author)
        and not authoring.is_closed(comment.subject)
        and all(publication.is_public(each) for each in (comment.subject, comment.parent) if each is not None)
    )


def is_first_by_member(revision: CommentRevision) -> bool:
    """Whether it is pending, the first revision of its comment, and by somebody with an account of their own."""
    comment = revision.comment
    return (
        revision.is_pending
        and revision.number == 1
        and revision.editor_id is None
        and comment.author.origin is Origin.MEMBER
    )


def has_signals(revision: Revision) -> bool:
    """Whether there is any signal about a revision."""
    about = sa.select(SignalRow.id).where(SignalRow.of_kind == revision.kind, SignalRow.revision_id == revision.id)
    return bool(db.session.scalar(sa.select(about.exists())))


def meets_threshold(record: AuthorHistory, in_force: Rules) -> bool:
    """Whether an author history is good enough.

    It takes one contribution that a moderator read, whatever the rules say.
    """
    return record.approved >= max(1, in_force.lane_approved) and record.refused_percent < in_force.lane_percent


def _is_sanctioned(person: Person) -> bool:
    if not authorship.may_write(person):
        return True
    theirs = sa.select(Sanction.id).where(
        Sanction.person_id == person.id,
        Sanction.lifted_at.is_(None),
        Sanction.created_at > clock.now() - SANCTIONED,
    )
    return bool(db.session.scalar(sa.select(theirs.exists())))


def _publish(revision: CommentRevision, version: int) -> None:
    comment = revision.comment
    revisions.transition(revision, RevisionState.APPROVED, message=publication.CHANGED_MEANWHILE)
    publication.make_live(comment, revision)
    queue.close_revision("comment", revision.id)
    db.session.add(
        RulePublication(
            comment_id=comment.id, comment_revision_id=revision.id, rules_id=version, created_at=clock.now()
        )
    )
    db.session.flush()
    audit_log.record(None, "publish_at_once", comment, revision=revision)


def mark_read_by_decision(events: Sequence[DecisionMade]) -> None:
    """Handler: whoever decides on a published comment has read it."""
    for event in events:
        decision = db.session.get_one(Decision, event.decision_id)
        if decision.kind == Comment.kind and decision.live_before is not None:
            _mark(decision.moderator_id, RulePublication.comment_id == decision.contribution_id)


def mark_read(actor: Person, published: RulePublication) -> None:
    """Note that a comment published by the lane was read and stays. Moderators may, on what others wrote.

    From then on it counts in the history of its author. Raises Conflict if somebody else was faster.
    """
    require(policy.may_decide(actor, published.comment), "Somebody else has to read what you wrote.")
    if not _mark(actor.id, RulePublication.id == published.id):
        raise Conflict("Somebody else has read this in the meantime.")
    audit_log.record(actor, "read_afterwards", published.comment, revision=published.comment_revision)


def _mark(reader_id: int, which: sa.ColumnElement[bool]) -> bool:
    unread = sa.update(RulePublication).where(which, RulePublication.read_at.is_(None))
    return rows_changed(unread.values(read_at=clock.now(), read_by_id=reader_id), synchronize="fetch") == 1


# A comment that was withdrawn or taken down meanwhile need not be read.
UNREAD = sa.and_(RulePublication.read_at.is_(None), Comment.state == PublicationState.PUBLISHED)


def count_unread() -> int:
    """How many comments published by the lane are still to be read."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(RulePublication).join(Comment).where(UNREAD)) or 0


def page(limit: int, offset: int, *, read: bool) -> Sequence[RulePublication]:
    """A page of the comments to be read, oldest first; or of those that were read, newest first."""
    chosen = (
        sa.select(RulePublication)
        .join(RulePublication.comment)
        .options(
            joinedload(RulePublication.read_by),
            joinedload(RulePublication.comment_revision),
            joinedload(RulePublication.comment).options(
                joinedload(Comment.author),
                joinedload(Comment.article).joinedload(Article.live),
                joinedload(Comment.topic),
                joinedload(Comment.story).joinedload(Story.live),
            ),
        )
        .limit(limit)
        .offset(offset)
    )
    if read:
        chosen = chosen.where(RulePublication.read_at.is_not(None)).order_by(RulePublication.id.desc())
    else:
        chosen = chosen.where(UNREAD).order_by(RulePublication.id)
    return db.session.scalars(chosen).all()


def count_read() -> int:
    """How many comments published by the lane were read."""
    was_read = RulePublication.read_at.is_not(None)
    return db.session.scalar(sa.select(sa.func.count()).select_from(RulePublication).where(was_read)) or 0


def publication_of(comment: Comment) -> RulePublication | None:
    """The record that the lane published a comment; None if it did not."""
    return db.session.scalar(
        sa.select(RulePublication)
        .options(joinedload(RulePublication.read_by))
        .where(RulePublication.comment_id == comment.id)
    )
