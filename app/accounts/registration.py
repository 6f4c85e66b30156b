"""Creating accounts and setting passwords."""

from __future__ import annotations

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from app.accounts import passwords, sessions, usernames
from app.accounts.models import Origin, Person
from app.foundation.access import Role
from app.foundation.database import db
from app.foundation.errors import Refused

EMAIL_MAX_LENGTH = 254


def check_email(address: str) -> str:
    """Return the e-mail address in its normal form. Raises Refused if it is not a valid address."""
    try:
        normal = validate_email(address.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        normal = ""
    # Case folding can turn one character into several: the folded address has to fit its column too.
    if not normal or len(usernames.key(normal)) > EMAIL_MAX_LENGTH:
        raise Refused(_("Enter an email address in the right format, like name@example.org"), "email")
    return normal


def check_details(username: str, email: str, password: str, role: Role) -> None:
    """Raise Refused for the first detail that is not acceptable. Does not use the database."""
    usernames.check(username, of_staff=role is not Role.MEMBER)
    check_email(email)
    passwords.check_strength(password, username, email)


def create_account(
    username: str, email: str, password_hash: str, *, role: Role = Role.MEMBER, origin: Origin = Origin.MEMBER
) -> Person:
    """Create a person with an account. Anybody may call it for a member; other roles come from the command line.

    Takes the hash, not the password, because hashing is slow and has to happen before the write lock is taken.
    Raises Refused if the name or address is not acceptable or is taken.
    """
    display_name = usernames.check(username, of_staff=role is not Role.MEMBER)
    address = check_email(email)
    skeleton = usernames.skeleton(display_name)
    alike = sa.or_(Person.username_key == usernames.key(display_name), Person.username_skeleton == skeleton)
    if db.session.scalar(sa.select(Person.id).where(alike).limit(1)) is not None:
        raise Refused(_("That user name is taken, or too similar to one that is. Choose another."), "username")
    person = Person(
        username=display_name,
        username_key=usernames.key(display_name),
        username_skeleton=skeleton,
        email=address,
        email_key=usernames.key(address),
        password_hash=password_hash,
        role=role,
        origin=origin,
    )
    db.session.add(person)
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(_("We can’t create this account. If you already have one, log in with it."), "email") from None
    return person


def set_password(person: Person, password_hash: str) -> None:
    """Set a person's password and log them out everywhere. Only called from the command line for now."""
    person.password_hash = password_hash
    sessions.end_all_sessions(person)


def find_by_username(name: str) -> Person | None:
    """Return the person with this user name, or None."""
    return db.session.scalar(sa.select(Person).where(Person.username_key == usernames.key(name)))
