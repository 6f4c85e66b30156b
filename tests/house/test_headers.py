"""The headers of every kind of response, compared with one reviewed file."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from app.accounts import registration
from app.foundation.access import Role
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.moderation.decisions import decisions
from app.moderation.queue.models import QueueItem
from app.stories import authoring
from app.stories.models import Story
from tests.client import StrictClient
from tests.factories.people import a_moderator, logged_in
from tests.factories.stories import a_pending_story, a_published_story

GOLDEN = Path(__file__).with_name("headers.txt")
# Headers that differ from one response to the next, or that the server sets.
VARYING = {"Content-Length", "Date", "Expires", "Last-Modified", "ETag", "Set-Cookie", "Content-Disposition"}


def described(response: TestResponse) -> str:
    return "\n".join(sorted(f"  {name}: {value}" for name, value in response.headers if name not in VARYING))


def successes(app: Flask) -> dict[str, TestResponse]:
    """One response of each kind that is a success, or redirects to one."""
    with app.app_context(), transaction():
        a_published_story()
    reader, member = app.test_client(), logged_in(app, "tallowby")
    with app.test_request_context():
        style = app.jinja_env.globals["asset"]("main.css")
    return {
        "200 a page for everybody": reader.get("/stories"),
        "200 a page with a form": reader.get("/login"),
        "200 a page of one's own": member.get("/account/contributions"),
        "200 a public page for a member": member.get("/stories"),
        "200 the style sheet": reader.get(style, buffered=True),
        "200 an old style sheet": reader.get("/assets/0/main.css", buffered=True),
        "200 a static file": reader.get("/static/js/main.js", buffered=True),
        "200 health": reader.get("/healthz"),
        "200 over TLS": reader.get("/stories", base_url="https://localhost"),
        "302 to the full address": reader.get("/stories/1"),
        "302 to the log-in": reader.get("/account/contributions"),
    }


def waiting_item(story: Story) -> int:
    return db.session.scalars(sa.select(QueueItem.id).where(QueueItem.story_id == story.id)).one()


def refusals(app: Flask) -> dict[str, TestResponse]:
    """One response of each kind that is not a success."""
    member, moderator, reader = logged_in(app, "quietfern"), logged_in(app, "marlow", Role.MODERATOR), app.test_client()
    with app.app_context(), transaction():
        author = registration.find_by_username("quietfern")
        withdrawn = a_published_story(author)
        authoring.withdraw(author, withdrawn)
        decided = a_pending_story(author)
        late, revision = f"/moderation/{waiting_item(decided)}", str(pending_of(decided).id)
        decisions.approve(a_moderator(), pending_of(decided))
        address = f"/stories/{withdrawn.id}"

    def post(client: StrictClient, address: str, **fields: str) -> TestResponse:
        token = client.csrf_token()
        return client.post(address, data={"csrf_token": token, **fields})

    anonymous = {"csrf_token": reader.get_page("/login").one("input[name=csrf_token]").get("value")}
    answers = {
        "400 without a token": reader.post("/login"),
        "401 a form sent after the session ended": reader.post("/stories/new", data=anonymous),
        "403 not one's own to do": post(member, f"{address}/withdraw"),
        "404 missing": reader.get("/nothing"),
        "404 of others": member.get("/moderation"),
        "405 no such method": reader.delete("/stories"),
        "409 too late": post(moderator, late, decision="approve", revision=revision),
        "410 withdrawn": reader.get(f"{address}/half-a-year-week-by-week"),
        "413 too large": member.post("/stories/new", data={"body": "x" * (1024 * 1024 + 1)}),
        "422 not acceptable": post(member, "/stories/new", send="1"),
        "503 no search index": reader.get("/search?q=warts"),
    }
    with app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE stories RENAME TO lost")
    return {**answers, "503 no database": reader.get("/stories")}


def test_every_answer_has_the_headers_of_the_reviewed_file(app: Flask) -> None:
    answers = {**successes(app), **refusals(app)}

    # To accept a change: read the difference, then write `found` to the file.
    found = "\n".join(f"{what}\n{described(answer)}" for what, answer in answers.items())
    assert {what: int(what[:3]) for what in answers} == {what: answer.status_code for what, answer in answers.items()}
    assert found.splitlines() == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_no_refusal_is_kept_by_anybody(app: Flask) -> None:
    for what, answer in refusals(app).items():
        assert answer.headers["Cache-Control"] == "no-store", what
        assert "Content-Security-Policy" in answer.headers, what


@pytest.mark.parametrize("who", ["anonymous", "member"])
def test_head_answers_as_get_does(app: Flask, who: str) -> None:
    with app.app_context(), transaction():
        a_published_story()
    client = logged_in(app, "tallowby") if who == "member" else app.test_client()

    for address in (
        "/",
        "/stories",
        "/stories/1",
        "/account/contributions",
        "/nothing",
        "/healthz",
        "/static/img/mark.svg",
    ):
        get, head = client.get(address, buffered=True), client.head(address, buffered=True)
        assert (head.status_code, described(head)) == (get.status_code, described(get)), address
        assert head.data == b""


def test_the_page_of_one_person_is_never_kept_for_another(app: Flask) -> None:
    with app.app_context(), transaction():
        a_published_story()
    reader, member = app.test_client(), logged_in(app, "tallowby")

    for address in ("/", "/stories", "/stories/1/half-a-year-week-by-week", "/login", "/about"):
        for client in (reader, member):
            response = client.get(address)
            assert "Cookie" in response.headers.get("Vary", ""), address
            if client is member:
                assert response.headers["Cache-Control"] == "no-store", address


def test_a_page_carries_nothing_that_the_policy_forbids(app: Flask) -> None:
    policy = app.test_client().get("/").headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "*" not in policy
