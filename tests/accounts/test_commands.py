"""`flask accounts ...`"""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from app.accounts import passwords
from app.accounts.models import LoginSession, Person
from app.foundation.access import Role
from app.foundation.database import db
from tests.factories.building import made
from tests.factories.people import PASSWORD, a_person, logged_in

NEW = "lantern gravel sixteen owls"


def run(app: Flask, *arguments: str, typed: str | bytes = f"{PASSWORD}\n") -> Result:
    return app.test_cli_runner().invoke(args=["accounts", *arguments], input=typed)


def create(
    app: Flask, username: str = "quietfern", email: str = "fern@example.org", *more: str, **typed: str
) -> Result:
    return run(app, "create", "--username", username, "--email", email, *more, **typed)


def is_one_clear_line(result: Result) -> bool:
    return result.exit_code != 0 and len(result.output.strip().splitlines()) == 1 and "Traceback" not in result.output


@pytest.mark.parametrize("role", list(Role))
def test_an_account_is_created_in_any_role_with_the_password_from_standard_input(app: Flask, role: Role) -> None:
    result = create(app, "quietfern", "fern@example.org", "--role", role.value)

    assert (result.exit_code, result.output) == (0, f"Created quietfern ({role}).\n")
    with app.app_context():
        person = db.session.scalars(sa.select(Person)).one()
        assert person.role is role
        assert passwords.verify(person.password_hash, PASSWORD)
    assert "Log out" in logged_in(app, "quietfern").get_page("/").text


def test_an_account_without_a_role_is_a_member(app: Flask) -> None:
    create(app)

    with app.app_context():
        assert db.session.scalars(sa.select(Person.role)).one() is Role.MEMBER


@pytest.mark.parametrize("end", ["\n", "\r\n", "", "\nanother line\n"])
def test_the_password_is_the_first_line(app: Flask, end: str) -> None:
    create(app, typed=PASSWORD + end)

    with app.app_context():
        assert passwords.verify(db.session.scalars(sa.select(Person.password_hash)).one(), PASSWORD)


@pytest.mark.parametrize(
    ("username", "email", "typed", "word"),
    [
        pytest.param("ab", "fern@example.org", PASSWORD, "characters", id="short name"),
        pytest.param("admin", "fern@example.org", PASSWORD, "runs this site", id="reserved name"),
        pytest.param("quietfern", "no address", PASSWORD, "email address", id="no address"),
        pytest.param("quietfern", "fern@example.org", "short", "at least 10", id="short password"),
        pytest.param("quietfern", "fern@example.org", "password123", "easy to guess", id="common password"),
        pytest.param("quietfern", "fern@example.org", "", "at least 10", id="no password"),
        pytest.param("quietfern", "fern@example.org", b"\xff\xfe\xfa not text", "UTF-8", id="not text"),
        pytest.param("Tallowby", "fern@example.org", PASSWORD, "taken", id="taken name"),
        pytest.param("quietfern", "tallowby@example.org", PASSWORD, "can’t create", id="taken address"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    app: Flask, username: str, email: str, typed: str | bytes, word: str
) -> None:
    made(app, lambda: a_person("tallowby"))

    result = create(app, username, email, typed=typed)

    assert is_one_clear_line(result), result.output
    assert word in result.output
    with app.app_context():
        assert db.session.scalars(sa.select(Person.username)).all() == ["tallowby"]


def test_an_unknown_role_is_told_with_those_there_are(app: Flask) -> None:
    result = create(app, "quietfern", "fern@example.org", "--role", "king")

    assert result.exit_code != 0
    assert all(role.value in result.output for role in Role)


def test_a_password_never_stands_on_the_command_line_nor_in_the_answer(app: Flask) -> None:
    result = create(app)

    assert PASSWORD not in result.output
    assert "--password" not in run(app, "create", "--help").output


def test_a_password_reset_lets_in_with_the_new_one_only_and_ends_all_sessions(app: Flask) -> None:
    client = logged_in(app, "quietfern")

    result = run(app, "reset-password", "--username", "QuietFern", typed=NEW + "\n")

    assert result.exit_code == 0
    assert "every session of theirs is ended" in result.output
    assert "Log out" not in client.get_page("/").text
    with app.app_context():
        assert db.session.scalars(sa.select(LoginSession)).all() == []
    form = client.get_page("/login").form("Log in").fill("User name", "quietfern").fill("Password", PASSWORD)
    page = client.submit(form, status=422)
    assert "Log out" in client.submit(page.form("Log in").fill("Password", NEW)).text


@pytest.mark.parametrize(
    ("username", "typed", "word"),
    [
        ("nobodyhere", NEW, "no account named nobodyhere"),
        ("quietfern", "short", "at least 10"),
        ("quietfern", "quietfern1", "easy to guess"),
    ],
)
def test_a_reset_that_cannot_be_changes_nothing(app: Flask, username: str, typed: str, word: str) -> None:
    client = logged_in(app, "quietfern")

    result = run(app, "reset-password", "--username", username, typed=typed + "\n")

    assert is_one_clear_line(result), result.output
    assert word in result.output
    assert "Log out" in client.get_page("/").text
