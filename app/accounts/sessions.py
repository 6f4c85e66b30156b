"""Logging in and out. A session is a row in the database: deleting it logs out every browser with its cookie."""

from __future__ import annotations

import hashlib
import secrets

import sqlalchemy as sa
from flask import Flask, current_app, session
from flask_login import AnonymousUserMixin, LoginManager, current_user, login_user, logout_user
from sqlalchemy.orm import joinedload

from app.accounts import passwords, usernames
from app.accounts.models import LoginSession, Person
from app.foundation import clock
from app.foundation.database import db

login_manager = LoginManager()
# A phone changes its address all day, so sessions are not tied to one; a session is revoked by deleting its row.
login_manager.session_protection = None


def init_app(app: Flask) -> None:
    """Set up Flask-Login, which loads the person for a cookie."""
    login_manager.init_app(app)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@login_manager.user_loader  # type: ignore[untyped-decorator]
def _load_person(token: str) -> Person | None:
    row = db.session.scalar(
        sa.select(LoginSession)
        .options(joinedload(LoginSession.person))
        .where(LoginSession.token_digest == _digest(token), LoginSession.expires_at > clock.now())
    )
    if row is None or not row.person.is_active:
        return None
    row.person.session_token = token
    return row.person


def check_credentials(name: str, password: str) -> tuple[int, str] | None:
    """Return the id and password hash of the person with this user name (or e-mail address) and password, or None.

    Takes the same time whether or not there is such a person. Only reads; call it before the write lock is taken.
    """
    wanted = usernames.key(name.strip())
    row = db.session.execute(
        sa.select(Person.id, Person.password_hash).where(
            sa.or_(Person.username_key == wanted, Person.email_key == wanted), Person.password_hash.is_not(None)
        )
    ).first()
    fits = passwords.verify(row.password_hash if row else None, password)
    return (row.id, row.password_hash) if row and fits else None


def log_in(person: Person) -> None:
    """Begin a new session for this person, with a new token. The old session of this browser ends, whoever's it was."""
    lifetime = current_app.permanent_session_lifetime
    token = secrets.token_urlsafe(32)
    db.session.execute(sa.delete(LoginSession).where(LoginSession.expires_at <= clock.now()))
    if current_user.is_authenticated:
        replaced = _digest(current_user.get_id())
        db.session.execute(sa.delete(LoginSession).where(LoginSession.token_digest == replaced))
    db.session.add(LoginSession(person_id=person.id, token_digest=_digest(token), expires_at=clock.now() + lifetime))
    person.session_token = token
    session.clear()
    session.permanent = True
    login_user(person)


def log_out(person: Person | AnonymousUserMixin) -> None:
    """End the session of this request."""
    if person.is_authenticated:
        db.session.execute(sa.delete(LoginSession).where(LoginSession.token_digest == _digest(person.get_id())))
    logout_user()
    session.clear()


def end_all_sessions(person: Person) -> None:
    """End all sessions of this person, after a new password or a suspension."""
    db.session.execute(sa.delete(LoginSession).where(LoginSession.person_id == person.id))
