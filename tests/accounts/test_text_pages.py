"""The pages about the site: who runs it, and what it keeps."""

from __future__ import annotations

import pytest
from flask import Flask

from app.home.pages import Operator, text_page
from tests.client import StrictClient
from tests.factories.people import logged_in


@pytest.mark.parametrize("address", ["/about", "/privacy"])
def test_a_site_without_a_contact_says_so(client: StrictClient, address: str) -> None:
    page = client.get_page(address)
    assert "haven’t added a contact yet" in page.text
    assert "{" not in page.text


def test_the_contact_and_whoever_runs_the_site_stand_on_the_pages(app: Flask, client: StrictClient) -> None:
    app.config.update(OPERATOR="The *Wart* Trust {days}", CONTACT="help@example.org")
    about = client.get_page("/about")
    assert "The *Wart* Trust {days} runs this site." in about.text
    assert about.select('a[href="mailto:help@example.org"]')
    assert client.get_page("/privacy").select('a[href="mailto:help@example.org"]')


def test_a_web_address_is_a_contact_too() -> None:
    page = text_page("privacy", Operator("", "https://example.org/contact", 7))
    assert 'href="https://example.org/contact"' in page.html


def test_the_privacy_notice_says_how_long_one_can_change_ones_mind() -> None:
    assert "You have 30 days to change your mind." in text_page("privacy", Operator("", "", 30)).html


@pytest.mark.parametrize("address", ["/register", "/stories/new"])
def test_the_privacy_notice_is_one_click_from_where_somebody_agrees(
    app: Flask, client: StrictClient, address: str
) -> None:
    page = (logged_in(app, "quietfern") if address == "/stories/new" else client).get_page(address)
    assert page.select('main a[href="/privacy"]')
