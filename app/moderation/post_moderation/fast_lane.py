"""The fast lane: comments by members with a good history are published at once and read later. Off by default.

Everything else is read first: texts with a signal, edits, stories and follow-ups. A publication by the fast lane is not
a decision: it has a table of its own, is in the audit log without an actor, and is not in the response times.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from app.accounts.models import Origin, Person
from app.articles.models import Article
from app.comments import authoring
from app.comments.models import Comment, CommentRevision
from app.foundation import clock
from app.foundation.access import require
from app.foundation.contributions import authorship, publication
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

# How long a sanction, even a warning that was read, excludes a person from the fast lane, unless it is lifted.
SANCTION_EXCLUSION = timedelta(days=365)


def publish_eligible(events: Sequence[RevisionSubmitted]) -> None:
    """Event handler, called after screening: publish the submitted comments that are eligible."""
    comments = [event for event in events if event.kind == "comment"]
    version, in_force = rules.current_version() if comments else (0, Rules())
    if not in_force.has_fast_lane:
        return
    for event in comments:
        revision = db.session.get_one(CommentRevision, event.revision_id)
        if is_eligible(revision, in_force):
            _publish(revision, version)


def is_enabled() -> bool:
    """Whether the fast lane is switched on. Pages that explain how contributions are read depend on it."""
    return rules.current().has_fast_lane


def is_eligible(revision: CommentRevision, in_force: Rules) -> bool:
    """Whether a pending revision may be published at once under these rules."""
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
    """Whether a revision is pending, is the first of its comment, and was written by a member."""
    comment = revision.comment
    return (
        revision.is_pending
        and revision.number == 1
        and revision.editor_id is None
        and comment.author.origin is Origin.MEMBER
    )


def has_signals(revision: Revision) -> bool:
    """Whether there is a signal about a revision."""
    about = sa.select(SignalRow.id).where(SignalRow.of_kind == revision.kind, SignalRow.revision_id == revision.id)
    return bool(db.session.scalar(sa.select(about.exists())))


def meets_threshold(history: AuthorHistory, in_force: Rules) -> bool:
    """Whether the history of an author is good enough under these rules.

    At least one contribution that a moderator has read is required, whatever the rules are.
    """
    return history.approved >= max(1, in_force.lane_approved) and history.refused_percent < in_force.lane_percent


def _is_sanctioned(person: Person) -> bool:
    if not authorship.may_write(person):
        return True
    recent = sa.select(Sanction.id).where(
        Sanction.person_id == person.id,
        Sanction.lifted_at.is_(None),
        Sanction.created_at > clock.now() - SANCTION_EXCLUSION,
    )
    return bool(db.session.scalar(sa.select(recent.exists())))


def _publish(revision: CommentRevision, version: int) -> None:
    comment = revision.comment
    publication.transition(revision, RevisionState.APPROVED, message=publication.CHANGED_MEANWHILE)
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
    """Event handler: a moderator who decides on a published comment has read it."""
    for event in events:
        decision = db.session.get_one(Decision, event.decision_id)
        if decision.kind == Comment.kind and decision.live_before is not None:
            _mark_read(decision.moderator_id, RulePublication.comment_id == decision.contribution_id)


def mark_read(actor: Person, published: RulePublication) -> None:
    """Record that a comment published by the fast lane was read and stays public.

    Moderators may, except for their own comments. From then on the comment counts as approved in the history of its
    author. Raises NotAllowed, and Conflict if somebody else has read it already.
    """
    require(policy.may_decide(actor, published.comment), _("You wrote this, so another moderator has to read it."))
    if not _mark_read(actor.id, RulePublication.id == published.id):
        raise Conflict(_("Someone else has already read this."))
    audit_log.record(actor, "read_afterwards", published.comment, revision=published.comment_revision)


def _mark_read(reader_id: int, condition: sa.ColumnElement[bool]) -> bool:
    unread = sa.update(RulePublication).where(condition, RulePublication.read_at.is_(None))
    return rows_changed(unread.values(read_at=clock.now(), read_by_id=reader_id), synchronize="fetch") == 1


# A comment that has been withdrawn or taken down need not be read.
IS_UNREAD = sa.and_(RulePublication.read_at.is_(None), Comment.state == PublicationState.PUBLISHED)


def count_unread() -> int:
    """The number of public comments from the fast lane that have not been read yet."""
    return (
        db.session.scalar(sa.select(sa.func.count()).select_from(RulePublication).join(Comment).where(IS_UNREAD)) or 0
    )


def publications(limit: int, offset: int, *, read: bool) -> Sequence[RulePublication]:
    """Up to `limit` publications: those to be read, oldest first, or, with `read`, those that were, newest first."""
    query = (
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
        query = query.where(RulePublication.read_at.is_not(None)).order_by(RulePublication.id.desc())
    else:
        query = query.where(IS_UNREAD).order_by(RulePublication.id)
    return db.session.scalars(query).all()


def count_read() -> int:
    """The number of comments from the fast lane that were read."""
    was_read = RulePublication.read_at.is_not(None)
    return db.session.scalar(sa.select(sa.func.count()).select_from(RulePublication).where(was_read)) or 0


def publication_of(comment: Comment) -> RulePublication | None:
    """The record that the fast lane published a comment; None if it did not."""
    return db.session.scalar(
        sa.select(RulePublication)
        .options(joinedload(RulePublication.read_by))
        .where(RulePublication.comment_id == comment.id)
    )
