"""The invented people: those who write, and one for each role whom a visitor may be."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts import passwords, registration, usernames
from app.accounts.models import Origin, Person
from app.demonstration.entries import Content
from app.foundation import clock
from app.foundation.access import Role
from app.foundation.database import db
from app.foundation.errors import Refused

# Decides on everything. A name of its own, since one like 'moderator' is kept from everybody.
MODERATOR = "marlow"
# Whom a visitor may be: the member is one of those who wrote, with something in every state.
ACCOUNTS = {
    Role.MEMBER: "bluepitcher",
    Role.MODERATOR: MODERATOR,
    Role.EDITOR: "inkwell",
    Role.ADMIN: "lodestar",
}
# Without letters and digits that look like each other: these are copied from a terminal by hand.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
DAYS_BEFORE = timedelta(days=1)


@dataclass(frozen=True)
class Login:
    """An account with its password, which is told once."""

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


def arrive(content: Content, logins: Iterable[Login]) -> dict[str, Person]:
    """Everybody who writes or decides, by user name, each there since the day before they are first heard of.

    Raises Refused if somebody real has one of the names.
    """
    accounts = {login.username: login for login in logins}
    people = {}
    for username, moment in _first_heard_of(content, accounts).items():
        with clock.at(moment - DAYS_BEFORE):
            login = accounts.get(username)
            people[username] = _with_account(login) if login else _without_account(username)
    return people


def leave(people: Mapping[str, Person], logins: Iterable[Login]) -> None:
    """Who cannot log in has no role either, once everything is decided."""
    accounts = {login.username for login in logins}
    for username, person in people.items():
        if username not in accounts:
            person.role = Role.MEMBER
    db.session.flush()


def _first_heard_of(content: Content, accounts: Iterable[str]) -> dict[str, datetime]:
    heard = [(each.author, each.sent_at) for each in content.sent]
    heard += [(report.reporter, report.made_at) for report in content.reports if report.reporter]
    heard += [(username, content.first_moment) for username in (MODERATOR, *accounts)]
    first: dict[str, datetime] = {}
    for username, moment in heard:
        first[username] = min(moment, first.get(username, moment))
    return first


def _with_account(login: Login) -> Person:
    email = f"{login.username}@example.org"
    return registration.create_account(
        login.username, email, login.password_hash, role=login.role, origin=Origin.DEMONSTRATION
    )


def _without_account(username: str) -> Person:
    if registration.find(username) is not None:
        raise Refused(f"There is somebody named {username} on this site already, like one of the invented people.")
    person = Person(
        username=usernames.check(username),
        username_key=usernames.key(username),
        origin=Origin.DEMONSTRATION,
        role=Role.MODERATOR if username == MODERATOR else Role.MEMBER,
    )
    db.session.add(person)
    db.session.flush()
    return person
