"""The model of comments published before a moderator has read them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.comments.models import Comment, CommentRevision
from app.foundation import clock
from app.foundation.database import Model, UTCDateTime


class RulePublication(Model):
    """A record that the fast lane published a comment, and of who has read it since.

    It is not a `Decision`, which only a person makes. A comment has at most one, about its first revision.
    """

    __tablename__ = "rule_publications"
    __table_args__ = (sa.Index("ix_rule_publications_read_at", "read_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"), unique=True)
    comment_revision_id: Mapped[int] = mapped_column(sa.ForeignKey("comment_revisions.id"))
    # The version of the rules that was in force.
    rules_id: Mapped[int] = mapped_column(sa.ForeignKey("screening_rules.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    read_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))

    comment: Mapped[Comment] = relationship()
    comment_revision: Mapped[CommentRevision] = relationship()
    read_by: Mapped[Person | None] = relationship()
