"""Models of the signals found by screening, and of the fingerprints by which near duplicates are found."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation.database import Model, UTCDateTime, enum_column


class SignalKind(enum.StrEnum):
    """The kinds of signals. No signal decides about a text."""

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
    """A signal about a revision: a code, a position and numbers, but never a copy of the text.

    It refers to the revision by kind and id, without a foreign key for each kind: signals are only ever looked up from
    their revision, and revisions are never deleted.
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
    """One number of the fingerprint of a text; see `app.screening.near_duplicates`. Stored for 90 days."""

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
