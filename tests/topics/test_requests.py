"""Asking the editors for a topic: from an empty result to the editors' list, and to nobody else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from app.foundation.access import Role
from app.foundation.database import db
from app.search.index import indexing
from app.topics import requests
from app.topics.requests import TopicRequest
from tests.client import Page, StrictClient
from tests.factories.people import logged_in

FORM = "/topics/requests/new"


def asked(app: Flask) -> dict[str, int]:
    with app.app_context():
        rows = db.session.execute(sa.select(TopicRequest.words, TopicRequest.times))
        return {row.words: row.times for row in rows}


def ask(client: StrictClient, words: str, status: int = 200) -> Page:
    form = client.get_page(FORM).form(button="Send request")
    return client.submit(form.fill("Topic", words), status=status)


def test_a_search_in_vain_leads_to_the_editors(app: Flask, client: StrictClient) -> None:
    with app.app_context():
        indexing.rebuild()
    page = client.get_page("/search?q=hidradenitis")
    form = client.click(page, "Ask our editors to add a topic").form(button="Send request")
    assert "Thank you" in client.submit(form).text
    editor = logged_in(app, "emory", Role.EDITOR)
    assert "hidradenitis" in editor.get_page("/editorial/topic-requests").text


def test_asking_for_the_same_counts_up(app: Flask, client: StrictClient) -> None:
    for words in ("5-FU", "5 fu", "5-fu", "Vitiligo"):
        ask(client, words)
    assert asked(app) == {"5-FU": 3, "Vitiligo": 1}


@pytest.mark.parametrize("words", ["", "   ", "!!!", "x" * 101])
def test_what_is_no_name_is_refused_and_kept_in_the_form(app: Flask, client: StrictClient, words: str) -> None:
    page = ask(client, words, status=422)
    assert page.form(button="Send request").value("Topic") == words.strip()
    assert asked(app) == {}


def test_a_flood_is_refused_and_what_waits_goes_on_counting(
    app: Flask, client: StrictClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "MAX_PER_DAY", 2)
    ask(client, "Vitiligo")
    ask(client, "Rosacea")
    assert "a lot of requests" in ask(client, "Acne", status=422).text
    ask(client, "vitiligo")
    assert asked(app) == {"Vitiligo": 2, "Rosacea": 1}


def test_an_editor_takes_a_request_off_the_list(app: Flask, client: StrictClient) -> None:
    ask(client, "Vitiligo")
    editor = logged_in(app, "emory", Role.EDITOR)
    page = editor.get_page("/editorial/topic-requests")
    assert "No one has asked" in editor.submit(page.form(button="Remove from the list: Vitiligo")).text
    assert asked(app) == {}


def test_a_reader_gets_no_cookie_before_the_form(app: Flask, client: StrictClient) -> None:
    with app.app_context():
        indexing.rebuild()
    response = client.get("/search?q=hidradenitis")
    assert "Set-Cookie" not in response.headers
