"""A commit that fails (the disk is full, the database is gone) is a page like any other, and no success."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.accounts.models import LoginSession
from app.foundation.database import db, transaction
from app.stories.models import StoryDraft
from tests.factories.people import PASSWORD, a_person, logged_in

WORDS = "I held it under the lamp every evening, and waited."


@contextmanager
def commits_fail(app: Flask) -> Iterator[None]:
    """What SQLite says when the disk is full, and PostgreSQL when it is gone, comes with COMMIT."""

    def fail(_connection: sa.Connection) -> None:
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "commit", fail)
    try:
        yield
    finally:
        event.remove(engine, "commit", fail)


def test_it_says_that_nothing_was_saved_and_gives_back_the_text(
    either_app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    member = logged_in(either_app, "tallowby")
    fields = {"csrf_token": member.csrf_token(), "key": "a-key-of-the-form", "body": WORDS, "save": "1"}

    with commits_fail(either_app):
        answer = member.post("/stories/new", data=fields)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "We can’t save anything right now" in answer.text
    assert WORDS in answer.text
    assert "saved as a draft" not in answer.text
    assert [record.levelname for record in caplog.records if "nothing was saved" in record.message] == ["ERROR"]
    assert not any(record.exc_info for record in caplog.records)
    with either_app.app_context():
        assert db.session.scalars(sa.select(StoryDraft)).all() == []
    # The same request works as soon as there is room again.
    assert member.post("/stories/new", data=fields).status_code == 302


def test_whoever_asked_for_json_gets_json(app: Flask) -> None:
    member = logged_in(app, "tallowby")
    fields = {"csrf_token": member.csrf_token(), "key": "a-key-of-the-form", "body": WORDS}

    with commits_fail(app):
        answer = member.post("/stories/drafts", data=fields, headers={"Accept": "application/json"})

    assert (answer.status_code, answer.mimetype) == (503, "application/json")
    assert answer.json == {"message": "We can’t save anything right now. Try again in a minute."}


def test_a_log_in_that_was_not_saved_sets_no_cookie_and_does_not_welcome(app: Flask) -> None:
    with app.app_context(), transaction():
        a_person("tallowby")
    client = app.test_client()
    form = client.get_page("/login").form("Log in").fill("User name", "tallowby").fill("Password", PASSWORD)

    with commits_fail(app):
        page = client.submit(form, status=503)

    assert "Log out" not in page.text
    with app.app_context():
        assert db.session.scalars(sa.select(LoginSession)).all() == []
    assert client.get("/account/contributions").status_code == 302


def test_readiness_says_whether_anything_can_be_saved(either_app: Flask) -> None:
    client = either_app.test_client()
    assert (client.get("/readyz").status_code, client.get("/healthz").status_code) == (200, 200)

    with commits_fail(either_app):
        answer = client.get("/readyz")

        assert (answer.status_code, answer.text) == (503, "nothing can be saved\n")
        assert client.get("/about").status_code == 200
