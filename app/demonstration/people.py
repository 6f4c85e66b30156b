"""The invented people: those who wrote something, and an account for each role that a visitor can log in with."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts import passwords, registration, usernames
from app.accounts.models import Origin, Person
from app.demonstration.content import Content
from app.foundation import clock
from app.foundation.access import Role
from app.foundation.database import db
from app.foundation.errors import Refused

# This person makes all decisions. User names like 'moderator' are reserved.
MODERATOR = "marlow"
# The accounts for visitors. The member has submissions in every state.
ACCOUNTS = {
    Role.MEMBER: "bluepitcher",
    Role.MODERATOR: MODERATOR,
    Role.EDITOR: "inkwell",
    Role.ADMIN: "lodestar",
}
# No letters and digits that look alike: passwords are copied from a terminal by hand.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
DAYS_BEFORE = timedelta(days=1)


@dataclass(frozen=True)
class Login:
    """An account and its password, which is printed once."""

    role: Role
    username: str
    password: str
    password_hash: str


def make_logins() -> list[Login]:
    """A login for each role, with a new random password. Slow: call it before the transaction."""
    made = [(role, username, _password()) for role, username in ACCOUNTS.items()]
    return [Login(role, username, password, passwords.make_hash(password)) for role, username, password in made]


def _password() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


def create(content: Content, logins: Iterable[Login]) -> dict[str, Person]:
    """Create everybody who writes or decides, as of the day before their first event. Returns them by user name.

    Raises Refused if somebody else on this site has one of the names.
    """
    accounts = {login.username: login for login in logins}
    people = {}
    for username, moment in _first_moments(content, accounts).items():
        with clock.at(moment - DAYS_BEFORE):
            login = accounts.get(username)
            people[username] = _with_account(login) if login else _without_account(username)
    return people


def remove_roles(people: Mapping[str, Person], logins: Iterable[Login]) -> None:
    """Make those who cannot log in ordinary members, after all decisions have been made."""
    accounts = {login.username for login in logins}
    for username, person in people.items():
        if username not in accounts:
            person.role = Role.MEMBER
    db.session.flush()


def _first_moments(content: Content, accounts: Iterable[str]) -> dict[str, datetime]:
    seen = [(submission.author, submission.sent_at) for submission in content.submissions]
    seen += [(report.table.author, report.made_at) for report in content.reports if report.table.author]
    seen += [(username, content.first_moment) for username in (MODERATOR, *accounts)]
    first: dict[str, datetime] = {}
    for username, moment in seen:
        first[username] = min(moment, first.get(username, moment))
    return first


def _with_account(login: Login) -> Person:
    email = f"{login.username}@example.org"
    return registration.create_account(
        login.username, email, login.password_hash, role=login.role, origin=Origin.DEMONSTRATION
    )


def _without_account(username: str) -> Person:
    if registration.find_by_username(username) is not None:
        raise Refused(f"There is somebody named {username} on this site already, like one of the invented people.")
    person = Person(
        username=usernames.check(username),
        username_key=usernames.key(username),
        username_skeleton=usernames.skeleton(username),
        origin=Origin.DEMONSTRATION,
        role=Role.MODERATOR if username == MODERATOR else Role.MEMBER,
    )
    db.session.add(person)
    db.session.flush()
    return person
