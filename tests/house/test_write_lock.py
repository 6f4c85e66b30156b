"""Writers wait for each other, so no request holds the write lock for longer than writing takes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, before_render_template

from app.accounts import registration
from app.comments.models import Comment
from app.foundation.access import Role
from app.foundation.database import db, transaction
from app.stories.models import Story
from tests.client import Page
from tests.factories.comments import a_published_comment
from tests.factories.people import a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story


def database_of(app: Flask) -> Path:
    return Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))


@contextmanager
def somebody_writing(app: Flask) -> Iterator[None]:
    """A connection that holds the write lock."""
    other = sqlite3.connect(database_of(app), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextmanager
def free_while_drawing(app: Flask) -> Iterator[list[bool]]:
    """Records, for each page that is rendered, whether somebody else could write at the same time."""
    free: list[bool] = []

    def try_to_write(_app: Flask, **_template: Any) -> None:
        other = sqlite3.connect(database_of(app), isolation_level=None, timeout=0)
        try:
            other.execute("BEGIN IMMEDIATE")
            free.append(True)
        except sqlite3.OperationalError:
            free.append(False)
        finally:
            other.close()

    with before_render_template.connected_to(try_to_write, app):
        yield free


REFUSED = {
    "a wrong log-in": ("/login", {"username": "nobodyhere", "password": "x"}, 422),
    "a wrong registration": ("/register", {"username": "x"}, 422),
    "a story without anything": ("/stories/new", {"send": "1"}, 422),
    "an edit without anything": ("/stories/2/edit", {"send": "1"}, 422),
    "one more treatment": ("/stories/new", {"add": "1"}, 200),
    "an empty comment": ("/comments/new/story/1", {"body": ""}, 422),
    "an invisible comment": ("/comments/new/story/1", {"body": "---"}, 422),
    "an empty answer": ("/comments/1/reply", {"body": ""}, 422),
    "a rejection without a reason": ("/moderation/1", {"decision": "reject", "revision": "1"}, 422),
    "a decision that came too late": ("/moderation/1", {"decision": "approve", "revision": "1"}, 409),
    "hiding without a reason": ("/moderation/stories/1", {"decision": "hide"}, 422),
    "a report of nothing": ("/stories/1/report", {}, 422),
    "asking for no topic": ("/topics/requests/new", {"words": "!"}, 422),
    "an answer to nothing": ("/comments/99/reply", {"body": "some words"}, 404),
}


def test_a_refusal_is_drawn_without_the_write_lock(app: Flask) -> None:
    client = logged_in(app, "adair", Role.ADMIN)
    with app.app_context(), transaction():
        a_published_comment(a_published_story(a_person()))
        a_pending_story(registration.find_by_username("adair"))
    token = client.csrf_token()

    for what, (address, data, status) in REFUSED.items():
        with free_while_drawing(app) as free:
            response = client.post(address, data={**data, "csrf_token": token})

        assert response.status_code == status, what
        assert free, what
        assert all(free), what


def test_readers_read_while_somebody_writes(app: Flask) -> None:
    with app.app_context(), transaction():
        a_published_story()
    client = logged_in(app, "quietfern")

    with somebody_writing(app):
        for address in (
            "/",
            "/stories",
            "/stories/1/half-a-year-week-by-week",
            "/account/contributions",
            "/stories/new",
        ):
            assert client.get_page(address).status == 200


@pytest.fixture
def impatient(new_app: Flask) -> Flask:
    """An application that does not wait for the write lock, instead of up to ten seconds."""
    with new_app.app_context():
        engine = db.engine
        engine.dispose()
        sa.event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA busy_timeout=0"))
    return new_app


def test_whoever_cannot_write_is_told_and_keeps_the_words(impatient: Flask) -> None:
    with impatient.app_context(), transaction():
        a_published_story()
    client = logged_in(impatient, "quietfern")
    form = client.get_page("/comments/new/story/1").form("Add a comment").fill("Comment", "Words I want to keep.")

    with somebody_writing(impatient):
        page = client.submit(form, status=503)

    assert page.h1 == "We’re busy right now"
    assert [area.text for area in page.select("main textarea")] == ["Words I want to keep."]
    with impatient.app_context():
        assert db.session.scalars(sa.select(Comment)).all() == []
    assert "with our moderators" in client.submit(form).text


@pytest.mark.parametrize("missing", ["stories", "login_sessions", "people", "notices"])
@pytest.mark.parametrize("who", ["anonymous", "member"])
def test_a_database_that_is_not_there_is_answered_with_a_page(app: Flask, missing: str, who: str) -> None:
    client = logged_in(app, "quietfern") if who == "member" else app.test_client()
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {missing} RENAME TO lost")

    response = client.get("/stories")

    if missing in ("stories", "people") or who == "member":
        assert response.status_code == 503
        assert Page(response).h1 == "We’re busy right now"
    else:
        assert response.status_code == 200


def test_nothing_of_a_refused_request_is_kept(app: Flask) -> None:
    client = logged_in(app, "quietfern")
    token = client.csrf_token()

    client.post("/stories/new", data={"csrf_token": token, "send": "1", "title": "Only a title"})

    with app.app_context():
        assert db.session.scalars(sa.select(Story)).all() == []
