"""What everything published has in common, and what holds for contributions: columns, and who may read them."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation import clock
from app.foundation.access import Actor
from app.foundation.database import UTCDateTime, enum_column

if TYPE_CHECKING:
    from app.foundation.contributions.revisions import Revision

R_co = TypeVar("R_co", bound="Revision", covariant=True)


class PublicationState(enum.StrEnum):
    """Where a contribution stands as a whole, whatever revisions of it wait."""

    UNPUBLISHED = "unpublished"
    PUBLISHED = "published"
    HIDDEN = "hidden"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"


class Publication:
    """Mixin: something with a publication state and a live revision. Subclasses set `kind` and both columns below.

    The table of its revisions points back with a column named after the kind: `story_id`, `topic_id`, ...
    """

    kind: str

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[PublicationState] = mapped_column(enum_column(PublicationState), default=PublicationState.UNPUBLISHED)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    if TYPE_CHECKING:  # a bare annotation would make a column of its own
        live_revision_id: Mapped[int | None]
        live: Mapped[Revision | None]

        @property
        def url(self) -> str:
            """The address of its page. Every subclass has one."""

    @classmethod
    def published(cls) -> sa.ColumnElement[bool]:
        """The condition for rows published by their own state. For `public()` of kinds that also depend on others."""
        return sa.and_(cls.state == PublicationState.PUBLISHED, cls.live_revision_id.is_not(None))

    @classmethod
    def public(cls) -> sa.ColumnElement[bool]:
        """The condition for rows that everyone may see, in lists, counts and search as on single pages."""
        return cls.published()

    @classmethod
    def public_with_id(cls, column: sa.SQLColumnExpression[int | None]) -> sa.ColumnElement[bool]:
        """The condition that the row of this model whose id is in `column`, of another table, is public."""
        return sa.select(cls.id).where(cls.id == column, cls.public()).correlate_except(cls).exists()

    @classmethod
    def readable_by(cls, actor: Actor) -> sa.ColumnElement[bool]:
        """The condition for rows whose own page this actor may read. Staff may read nothing that is not public."""
        return cls.public()

    @property
    def is_published(self) -> bool:
        """Whether its own state is 'published'. Whether everyone sees it also depends on `public()`."""
        return self.state is PublicationState.PUBLISHED


class Contribution(Publication):
    """Mixin: a publication that a member wrote and moderators decide on.

    Subclasses also set `kinds`, what their kind is called in addresses, and the column `author_id`.
    """

    kinds: str

    if TYPE_CHECKING:
        author_id: Mapped[int]
        author: Mapped[Any]
        revisions: Mapped[Any]
        is_invented: Mapped[bool]
        # The key of the form it was submitted with, unless the kind has no such column.
        submission_key: Mapped[str | None]

    @classmethod
    def readable_by(cls, actor: Actor) -> sa.ColumnElement[bool]:
        """The condition for rows whose own page this actor may read: public ones, their own, all for moderators."""
        if not actor.is_authenticated:
            return cls.public()
        if actor.is_moderator:
            return sa.true()
        return sa.or_(cls.public(), cls.author_id == actor.id)


class HasRevisions(Protocol[R_co]):
    """Whatever has revisions of one model: a story has story revisions."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def kind(self) -> str:
        """The name of its kind, after which the column of the revisions is named that points at it."""

    @property
    def live(self) -> R_co | None:
        """The revision the public reads."""


class HasAuthor(Protocol):
    """Whatever a person wrote: a contribution or a draft."""

    @property
    def author_id(self) -> int:
        """The id of the person who wrote it."""
