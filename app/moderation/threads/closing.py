"""Closing a thread of comments: its comments stay, and no more are accepted until it is reopened."""

from __future__ import annotations

import sqlalchemy as sa

from app.accounts.models import Person
from app.comments.authoring import Subject
from app.comments.models import ClosedThread
from app.foundation.access import require
from app.foundation.contributions import publication
from app.foundation.database import db
from app.moderation import policy
from app.moderation.audit import audit_log


def close(actor: Person, subject: Subject) -> None:
    """Stop accepting comments on an article, a topic or a story. Moderators may; raises NotAllowed for others.

    Pending comments are still decided on, and may be published. Closing a closed thread changes nothing.
    """
    require(policy.may_moderate(actor))
    closed = ClosedThread(closed_by_id=actor.id)
    setattr(closed, f"{subject.kind}_id", subject.id)
    if publication.add_once(closed, sa.select(ClosedThread).where(_is_on(subject))):
        audit_log.record(actor, "close_thread", subject)


def reopen(actor: Person, subject: Subject) -> None:
    """Accept comments again. Moderators may; raises NotAllowed for others. Does nothing if the thread is open."""
    require(policy.may_moderate(actor))
    closed = db.session.scalar(sa.select(ClosedThread).where(_is_on(subject)))
    if closed is not None:
        db.session.delete(closed)
        audit_log.record(actor, "open_thread", subject)


def _is_on(subject: Subject) -> sa.ColumnElement[bool]:
    column: sa.ColumnElement[int] = getattr(ClosedThread, f"{subject.kind}_id")
    return column == subject.id
