"""Passing a story on, with and without scripts."""

from __future__ import annotations

from urllib.parse import unquote

from flask import Flask

from app.accounts import registration
from app.foundation.database import transaction
from tests.client import StrictClient
from tests.factories.people import logged_in
from tests.factories.stories import a_pending_story, a_published_story


def test_the_address_can_be_selected_and_mailed_without_scripts(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_published_story(title="Tea & “sympathy”?")
    page = client.get_page("/stories/1", follow_redirects=True)
    assert page.one("#share-address").get("value") == page.url
    [mail] = page.select('.share a[href^="mailto:"]')
    assert unquote(mail.get("href", "")) == f"mailto:?subject=Tea & “sympathy”?&body={page.url}"
    assert all(button.get("hidden") is not None for button in page.select(".share button"))


def test_what_is_not_public_is_not_passed_on(app: Flask) -> None:
    author = logged_in(app, "quietfern")
    with app.app_context(), transaction():
        a_pending_story(registration.find_by_username("quietfern"))
    assert not author.get_page("/stories/1", follow_redirects=True).select(".share")
