"""`flask seed`: who can log in afterwards, and what the member finds."""

from __future__ import annotations

import re

import sqlalchemy as sa
from flask import Flask
from flask.ctx import AppContext

from app.accounts import passwords
from app.accounts.models import Person
from app.demonstration import people
from app.demonstration.people import ACCOUNTS
from app.foundation.access import Role
from app.foundation.database import db
from app.notifications import notices, submissions
from app.stories.models import Story
from tests.demonstration.conftest import Seeded


def printed_accounts(output: str) -> dict[str, tuple[str, str]]:
    rows = re.findall(r"^  (member|moderator|editor|admin) +(\S+) +(\S+)$", output, re.MULTILINE)
    return {role: (username, password) for role, username, password in rows}


def test_each_role_can_log_in_with_the_printed_password(demonstration: Flask, seeded: Seeded) -> None:
    accounts = printed_accounts(seeded.output)

    assert set(accounts) == {role.value for role in Role}
    for username, password in accounts.values():
        client = demonstration.test_client()
        form = client.get_page("/login").form("Log in").fill("User name", username).fill("Password", password)
        assert "Log out" in client.submit(form).text


def test_passwords_are_new_every_time(context: AppContext) -> None:
    first, second = people.make_logins(), people.make_logins()

    assert not {login.password for login in first} & {login.password for login in second}
    for login in first:
        passwords.check_strength(login.password, login.username)


def test_nobody_else_can_log_in(demonstration: Flask) -> None:
    with demonstration.app_context():
        able = db.session.scalars(sa.select(Person.username).where(Person.password_hash.is_not(None)))
        assert set(able) == set(ACCOUNTS.values())


def test_without_demonstration_accounts_nobody_can_log_in(app: Flask) -> None:
    app.config["DEMONSTRATION_ACCOUNTS"] = False

    result = app.test_cli_runner().invoke(args=["seed"])

    assert result.exit_code == 0
    assert printed_accounts(result.output) == {}
    assert "no accounts to log in with" in result.output
    with app.app_context():
        everybody = db.session.scalars(sa.select(Person)).all()
        assert {(person.password_hash, person.email, person.role) for person in everybody} == {
            (None, None, Role.MEMBER)
        }
        assert db.session.scalar(sa.select(Story.id).where(Story.public()).limit(1))


def test_the_member_has_something_in_every_state(demonstration: Flask) -> None:
    with demonstration.test_request_context():
        member = db.session.scalars(sa.select(Person).filter_by(username=ACCOUNTS[Role.MEMBER])).one()
        mine = submissions.submissions_of(member)
        assert {each.state for each in mine.page.items} >= {"published", "pending", "rejected", "changes_requested"}
        assert [each.state for each in mine.page.items if each.is_new] == ["changes_requested"]
        assert len(mine.drafts) == 1
        assert notices.count_unseen(member) == 1
