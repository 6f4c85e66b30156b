"""A form that did not come from our own page, or came too late: refused, with what was written given back."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts.models import LoginSession
from app.comments.models import Comment
from app.foundation.database import db, transaction
from app.stories.models import Story, StoryDraft
from app.topics.models import TopicKind
from tests.client import Page, StrictClient
from tests.factories.building import made
from tests.factories.pages import a_topic
from tests.factories.people import PASSWORD, logged_in
from tests.factories.stories import a_published_story

TITLE = "Half a winter of cream"
BODY = "First it burned, then it peeled.\r\n\r\nAfter that it was quiet. <b>Not bold</b> & plain."
ADVICE = "Be patient with it."


def written(page: Page) -> list[str]:
    return [re.sub(r"\r\n?", "\n", area.text or "") for area in page.select("main textarea")]


def nothing_was_kept(app: Flask) -> bool:
    with app.app_context():
        return not any(db.session.scalars(sa.select(model.id)).all() for model in (Story, StoryDraft, Comment))


@pytest.fixture
def writer(app: Flask) -> StrictClient:
    made(app, lambda: a_topic("Warts"))
    made(app, lambda: a_topic("Imiquimod", TopicKind.TREATMENT))
    return logged_in(app, "quietfern")


@pytest.mark.parametrize("token", [None, "", "x", "ImFiYyI.Zx.abc", "\x00"], ids=repr)
def test_a_form_without_its_token_is_refused_and_the_words_are_given_back(
    app: Flask, writer: StrictClient, token: str | None
) -> None:
    data = {"title": TITLE, "body": BODY, "advice": ADVICE, "condition": "Warts", "publish": "y", "send": "1"}
    if token is not None:
        data["csrf_token"] = token

    response = writer.post("/stories/new", data=data)

    assert response.status_code == 400
    page = Page(response)
    assert written(page) == [TITLE, BODY.replace("\r\n", "\n"), ADVICE]
    assert "Nothing you wrote is lost" in page.text
    assert nothing_was_kept(app)


def test_a_token_of_another_session_is_refused(app: Flask, writer: StrictClient) -> None:
    foreign = app.test_client().get_page("/login").one("input[name=csrf_token]").get("value")

    response = writer.post("/stories/new", data={"csrf_token": foreign, "body": BODY})

    assert response.status_code == 400
    assert nothing_was_kept(app)


def test_a_short_comment_is_given_back_too(app: Flask, writer: StrictClient) -> None:
    made(app, a_published_story)

    page = Page(writer.post("/comments/new/story/1", data={"body": "Thanks!"}))

    assert page.status == 400
    assert written(page) == ["Thanks!"]


@pytest.mark.parametrize("address", ["/login", "/register"])
def test_a_password_is_never_given_back(client: StrictClient, address: str) -> None:
    response = client.post(address, data={"username": "quietfern", "email": "f@example.org", "password": PASSWORD})

    assert response.status_code == 400
    assert PASSWORD not in response.text


def test_whoever_was_logged_out_meanwhile_keeps_what_they_wrote(app: Flask, writer: StrictClient) -> None:
    form = writer.get_page("/stories/new").form("Send for review")
    form.fill("Title", TITLE).fill("Your story", BODY)
    with app.app_context(), transaction():
        db.session.execute(sa.delete(LoginSession))

    page = writer.submit(form, status=401)

    assert page.h1 == "You’ve been logged out"
    assert BODY.replace("\r\n", "\n") in written(page)
    assert TITLE in written(page)


def test_whoever_logged_out_in_another_window_keeps_what_they_wrote(writer: StrictClient) -> None:
    form = writer.get_page("/stories/new").form("Send for review")
    form.fill("Title", TITLE).fill("Your story", BODY)
    writer.submit(writer.get_page("/").form("Log out"))

    page = writer.submit(form, status=400)

    assert TITLE in written(page)


def test_hostile_words_are_given_back_as_words(client: StrictClient) -> None:
    hostile = '</textarea><script>alert(1)</script>\x00 "quoted" {{ 7 * 7 }}'

    response = client.post("/login", data={"body": hostile}, unchecked="what was written looks like a template")

    assert response.status_code == 400
    assert written(Page(response)) == [hostile.replace("\x00", "")]
