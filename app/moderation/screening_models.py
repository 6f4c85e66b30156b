"""What screening noticed in a text, and the rules it went by."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.comments.models import Comment, CommentRevision
from app.foundation import clock
from app.foundation.database import Model, UTCDateTime, coded


class SignalKind(enum.StrEnum):
    """What a moderator should look at in a text, or about it. None of them decides anything."""

    CRISIS = "crisis"
    IDENTIFYING = "identifying"
    LINK = "link"
    BLOCKED = "blocked"
    SUSPECT = "suspect"
    INSTRUCTION = "instruction"
    ADVERTISING = "advertising"
    NEAR_DUPLICATE = "near_duplicate"
    SHOUTING = "shouting"
    AUTHOR = "author"


class SignalRow(Model):
    """A signal about one revision. Positions, a code and numbers: never a copy of what somebody wrote.

    Revisions are named by kind and id, without a key of their own for each kind: nothing is ever looked up from here,
    and a revision is never deleted.
    """

    __tablename__ = "signals"
    __table_args__ = (sa.Index("ix_signals_revision", "of_kind", "revision_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    of_kind: Mapped[str] = mapped_column(sa.String(20))
    revision_id: Mapped[int]
    kind: Mapped[SignalKind] = mapped_column(coded(SignalKind))
    # Which explanation, see `signals.WHY`.
    code: Mapped[str] = mapped_column(sa.String(40))
    # title, body or advice; '' for what is about the whole.
    field: Mapped[str] = mapped_column(sa.String(10), default="")
    start: Mapped[int] = mapped_column(default=0)
    end: Mapped[int] = mapped_column(default=0)
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


class TextBand(Model):
    """One of the numbers by which texts nearly the same are found, see `screening.likeness`. Kept for 90 days."""

    __tablename__ = "text_bands"
    __table_args__ = (
        sa.Index("ix_text_bands_band", "band"),
        sa.Index("ix_text_bands_created_at", "created_at"),
        sa.Index("ix_text_bands_revision", "of_kind", "revision_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    band: Mapped[int] = mapped_column(sa.BigInteger)
    of_kind: Mapped[str] = mapped_column(sa.String(20))
    contribution_id: Mapped[int]
    revision_id: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class RulesVersion(Model):
    """The rules of screening as somebody saved them. The newest is in force; none is ever changed or deleted."""

    __tablename__ = "screening_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    editor_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    # One entry per line.
    blocked: Mapped[str] = mapped_column(sa.Text, default="")
    suspect: Mapped[str] = mapped_column(sa.Text, default="")
    most_links: Mapped[int]
    alike_percent: Mapped[int]
    rejected_percent: Mapped[int]
    # The fast lane: from how many approved contributions on, 0 for nobody, and under which share of refused ones.
    lane_approved: Mapped[int] = mapped_column(default=0, server_default="0")
    lane_percent: Mapped[int] = mapped_column(default=10, server_default="10")

    editor: Mapped[Person] = relationship()


class RulePublication(Model):
    """That a rule of the site, the fast lane, published a comment before anybody read it; and who read it since.

    Not a `Decision`: those are a person's. A comment comes here once, with its first version.
    """

    __tablename__ = "rule_publications"
    __table_args__ = (sa.Index("ix_rule_publications_read_at", "read_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"), unique=True)
    comment_revision_id: Mapped[int] = mapped_column(sa.ForeignKey("comment_revisions.id"))
    # The rules that were in force.
    rules_id: Mapped[int] = mapped_column(sa.ForeignKey("screening_rules.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    read_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("people.id"))

    comment: Mapped[Comment] = relationship()
    comment_revision: Mapped[CommentRevision] = relationship()
    read_by: Mapped[Person | None] = relationship()
