"""People and their log-in sessions."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from flask_login import UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation import clock
from app.foundation.access import Role
from app.foundation.database import Model, UTCDateTime, enum_column


class Origin(enum.StrEnum):
    """How a person's row came to be created."""

    MEMBER = "member"
    # The author of an imported row, who has no account.
    IMPORTED = "imported"
    # Created by `flask seed`; what they wrote is invented.
    DEMONSTRATION = "demonstration"


STAFF_TITLES = {Role.MODERATOR: _("Moderator"), Role.EDITOR: _("Editor"), Role.ADMIN: _("Administrator")}


class Person(UserMixin, Model):  # type: ignore[misc]  # Flask-Login has no types
    """An author or a user. Only a person with a user name and a password has an account."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[Origin] = mapped_column(enum_column(Origin), default=Origin.MEMBER)
    username: Mapped[str | None] = mapped_column(sa.String(30))
    # The key by which user names are compared: compatibility-normalised and case-folded.
    username_key: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    # What new names are compared with, so that nobody can pass for somebody else. Empty for accounts that were like
    # another one before this was compared: their names go on working.
    username_skeleton: Mapped[str | None] = mapped_column(sa.String(60), unique=True)
    email: Mapped[str | None] = mapped_column(sa.String(254))
    email_key: Mapped[str | None] = mapped_column(sa.String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    role: Mapped[Role] = mapped_column(enum_column(Role), default=Role.MEMBER)
    # The suspension in force: its beginning and its end. Without an end it is a ban.
    suspended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    suspended_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    # When an unread warning was issued. Until it is marked as read, this person cannot submit anything.
    warned_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)

    # The token of the session of this request. Set by the user loader, not stored.
    session_token = None  # type: str | None

    @property
    def is_suspended(self) -> bool:
        """Whether a suspension or ban is in force: no submissions and no staff role, but logging in and appealing."""
        if self.suspended_at is None:
            return False
        return self.suspended_until is None or self.suspended_until > clock.now()

    @classmethod
    def not_suspended(cls) -> sa.ColumnElement[bool]:
        """The SQL condition for people who are not suspended now, the opposite of `is_suspended`."""
        return sa.or_(cls.suspended_at.is_(None), cls.suspended_until <= clock.now())

    @property
    def is_authenticated(self) -> bool:
        """Always true for a person, unlike for an anonymous visitor. Says nothing about what they may do."""
        return True

    @property
    def is_active(self) -> bool:
        """Whether the person may log in, that is, has an account. Suspended people may, to read why and to appeal."""
        return self.password_hash is not None

    def get_id(self) -> str:
        """Return what Flask-Login stores in the cookie: the token of the server-side session, never the person's id."""
        if self.session_token is None:
            raise RuntimeError("a person without a session cannot be put into a cookie")
        return self.session_token

    def has_role(self, role: Role) -> bool:
        """Whether the person has this role or is an administrator. Always false during a suspension."""
        return self.role in (role, Role.ADMIN) and not self.is_suspended

    @property
    def is_moderator(self) -> bool:
        """Whether the person is a moderator or an administrator."""
        return self.has_role(Role.MODERATOR)

    @property
    def is_editor(self) -> bool:
        """Whether the person is an editor or an administrator."""
        return self.has_role(Role.EDITOR)

    @property
    def staff_title(self) -> str:
        """The role that is shown beside their name; empty for members, and during a suspension."""
        return "" if self.is_suspended else str(STAFF_TITLES.get(self.role, ""))

    @property
    def display_name(self) -> str:
        """The name that is shown beside what they wrote."""
        return self.username or "imported"


class LoginSession(Model):
    """A log-in session, found by the token in the cookie. Only the digest of the token is stored."""

    __tablename__ = "login_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"), index=True)
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)

    person: Mapped[Person] = relationship(lazy="joined")
