"""Signals found by screening, and fingerprints for finding near duplicates."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database import Model, UTCDateTime, enum_column


class SignalKind(enum.StrEnum):
    """The kinds of signals: what a moderator should look at in or about a text. No signal decides anything."""

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
    """A signal about a revision: a code, a position and numbers, never a copy of what somebody wrote.

    It names the revision by kind and id instead of a foreign key for each kind: signals are only looked up from the
    revision, and a revision is never deleted.
    """

    __tablename__ = "signals"
    __table_args__ = (sa.Index("ix_signals_revision", "of_kind", "revision_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    of_kind: Mapped[str] = mapped_column(sa.String(20))
    revision_id: Mapped[int]
    kind: Mapped[SignalKind] = mapped_column(enum_column(SignalKind))
    # The key of its explanation in `signals.EXPLANATIONS`.
    code: Mapped[str] = mapped_column(sa.String(40))
    # The name of the text it is in; '' if it is about the whole revision.
    field: Mapped[str] = mapped_column(sa.String(10), default="")
    start: Mapped[int] = mapped_column(default=0)
    end: Mapped[int] = mapped_column(default=0)
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


class TextBand(Model):
    """One of the numbers by which near duplicates are found, see `screening.near_duplicates`. Kept for 90 days."""

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
