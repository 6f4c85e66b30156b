"""People and their sessions."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from flask_login import UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation import clock
from app.foundation.access import Role
from app.foundation.database import Model, UTCDateTime, enum_column


class Origin(enum.StrEnum):
    """How a person came to be here."""

    MEMBER = "member"
    # The author of an imported row: has written something, has no account.
    IMPORTED = "imported"
    # Made by `seed`; what they wrote is invented.
    DEMONSTRATION = "demonstration"


class Person(UserMixin, Model):  # type: ignore[misc]  # Flask-Login has no types
    """Somebody who writes here. Only a person with a user name and a password has an account."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[Origin] = mapped_column(enum_column(Origin), default=Origin.MEMBER)
    username: Mapped[str | None] = mapped_column(sa.String(30))
    # What makes two user names the same: compatibility-normalised and case-folded.
    username_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    email: Mapped[str | None] = mapped_column(sa.String(254))
    email_key: Mapped[str | None] = mapped_column(sa.String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    role: Mapped[Role] = mapped_column(enum_column(Role), default=Role.MEMBER)
    # Since when this person may write nothing, and until when: for good, where no end is set.
    suspended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    suspended_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # Since when a warning waits to be read: until then this person writes nothing.
    warned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    # The session this request came with; set by the loader, not stored.
    session_token = None  # type: str | None

    @property
    def is_suspended(self) -> bool:
        """May write nothing and is no staff for now. Logging in, reading, appealing and leaving stay open."""
        if self.suspended_at is None:
            return False
        return self.suspended_until is None or self.suspended_until > clock.now()

    @classmethod
    def not_suspended(cls) -> sa.ColumnElement[bool]:
        """People who are not suspended now; the same as `is_suspended`, in SQL."""
        return sa.or_(cls.suspended_at.is_(None), cls.suspended_until <= clock.now())

    @property
    def is_authenticated(self) -> bool:
        """Somebody, not nobody. Whether they may come in or do something is another question."""
        return True

    @property
    def is_active(self) -> bool:
        """May log in: has an account. Whoever is suspended comes in as well, to read why and to appeal."""
        return self.password_hash is not None

    def get_id(self) -> str:
        """What the cookie carries: the token of a server-side session, never the person's id."""
        if self.session_token is None:
            raise RuntimeError("a person without a session cannot be put into a cookie")
        return self.session_token

    def has_role(self, role: Role) -> bool:
        """Is of this role, or an administrator. A suspension takes roles away while it lasts."""
        return self.role in (role, Role.ADMIN) and not self.is_suspended

    @property
    def is_moderator(self) -> bool:
        """May decide on what others wrote."""
        return self.has_role(Role.MODERATOR)

    @property
    def is_editor(self) -> bool:
        """Writes what the site itself says."""
        return self.has_role(Role.EDITOR)

    @property
    def display_name(self) -> str:
        """The name beside what they wrote."""
        return self.username or "imported"


class LoginSession(Model):
    """A log-in: a row on the server that the cookie's token opens. Only the token's digest is kept."""

    __tablename__ = "login_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"), index=True)
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)

    person: Mapped[Person] = relationship(lazy="joined")
