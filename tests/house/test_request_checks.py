"""What a request can cost, and what another site can send, before anybody looks at it."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from flask import Flask

from app.accounts import passwords
from app.foundation.database import transaction
from app.foundation.text import markup
from tests.client import StrictClient
from tests.factories.people import PASSWORD, logged_in
from tests.factories.stories import a_published_story


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are rendered during a test."""
    texts: list[str] = []
    render = markup.render

    def noted(text: str, *args: object) -> str:
        texts.append(text)
        return render(text, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(markup, "render", noted)
    return texts


def token_of(client: StrictClient) -> str:
    """The token of the forms of anybody, logged in or not."""
    address = "/account/contributions" if client.get("/account/contributions").status_code == 200 else "/login"
    return str(client.get_page(address).select("input[name=csrf_token]")[0].get("value"))


@pytest.mark.parametrize("sender", ["a stranger", "a member"])
def test_what_a_stranger_sends_is_not_rendered(app: Flask, rendered: list[str], sender: str) -> None:
    with app.app_context(), transaction():
        story = a_published_story()
        addresses = ("/stories/new", f"/comments/new/story/{story.id}")
    client = logged_in(app, "tallowby") if sender == "a member" else app.test_client()
    fields = {"csrf_token": token_of(client), "body": "![[](" * 400, "title": "A title"}
    rendered.clear()

    answers = [client.post(address, data=fields, unchecked="it is about the rendering") for address in addresses]

    if sender == "a stranger":
        assert [answer.status_code for answer in answers] == [401, 401]
        assert rendered == []
    else:
        assert any("![[](" in text for text in rendered), "otherwise this test would prove nothing"


def test_a_form_of_many_fields_is_refused_before_it_is_parsed(app: Flask) -> None:
    member = logged_in(app, "tallowby")
    token = f"csrf_token={member.csrf_token()}&title=A+title&"

    for number, status in ((app.config["MAX_FORM_PARTS"] - 10, 422), (95_000, 413)):
        answer = member.post(
            "/stories/new",
            data=token + "&".join(["a=1"] * number),
            content_type="application/x-www-form-urlencoded",
            unchecked="it is about the status",
        )
        assert answer.status_code == status, number


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 302),
        ({"Sec-Fetch-Site": "same-origin"}, 302),
        ({"Sec-Fetch-Site": "none"}, 302),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://localhost"}, 302),
        ({"Origin": "https://localhost"}, 302),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
    ids=str,
)
def test_what_another_site_sends_is_refused_though_the_token_is_right(
    app: Flask, headers: dict[str, str], status: int
) -> None:
    member = logged_in(app, "tallowby")

    answer = member.post("/logout", data={"csrf_token": member.csrf_token()}, headers=headers)

    assert answer.status_code == status


def test_when_many_log_in_at_once_some_wait_and_readers_do_not(app: Flask) -> None:
    client, let_go = app.test_client(), Event()
    hashing: passwords.Hashing = app.extensions["salve.passwords"]
    fields = {"csrf_token": token_of(client), "username": "tallowby", "password": PASSWORD}
    waiting = [Thread(target=hashing.run, args=(let_go.wait,)) for _each in range(passwords.MAX_WAITING)]
    for thread in waiting:
        thread.start()
    try:
        answer = client.post("/login", data=fields)

        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert "A lot of people are logging in" in answer.text
        assert PASSWORD not in answer.text
        assert client.get("/about").status_code == 200
    finally:
        let_go.set()
        for thread in waiting:
            thread.join()
    assert client.post("/login", data=fields).status_code == 422
