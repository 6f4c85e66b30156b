"""What every kind of contribution has in common: its publication state and its columns."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.foundation import clock
from app.foundation.database import UTCDateTime, enum_column


class PublicationState(enum.StrEnum):
    """Where a contribution stands as a whole, whatever revisions of it wait."""

    UNPUBLISHED = "unpublished"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"


class Contribution:
    """Mixin: a thing that people publish. Subclasses set `kind`, `kinds`, `live_revision_id` and `live`.

    The table of its revisions points back with a column named after the kind: `story_id`, `comment_id`, ... `kinds` is
    what its kind is called in the addresses of the desk.
    """

    kind: str
    kinds: str

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[PublicationState] = mapped_column(enum_column(PublicationState), default=PublicationState.UNPUBLISHED)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @property
    def is_published(self) -> bool:
        """Stands in public, as far as its own state goes. Whether it is visible is for `public()` to say."""
        return self.state is PublicationState.PUBLISHED
