"""A story erased by its author, on a phone and by keyboard: out of sight at once, and kept for some days."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import people
from tests.browser.conftest import PHONE, Open
from tests.browser.people import Telling
from tests.browser.serving import Site
from tests.browser.test_accessibility import findings

pytestmark = pytest.mark.browser


def status(reader: Page, address: str) -> int:
    answer = reader.goto(address)
    assert answer is not None
    return answer.status


def press(page: Page, words: str, title: str = "") -> None:
    """Move to a link or button with Tab and press it; if several have the same text, the one for this title."""
    control = page.get_by_role("main").locator("a, button").filter(has_text=words).filter(has_text=title)
    with page.expect_navigation():
        people.tab_to(control)
        page.keyboard.press("Enter")


def test_an_author_erases_a_story_and_changes_their_mind(open_browser: Open, site: Site) -> None:
    author, moderator, reader = open_browser(size=PHONE), open_browser(), open_browser(size=PHONE)
    story = Telling(treatments=("dpcp",))
    people.create_account(author)
    address = people.tell(author, story)
    people.log_in(moderator, site.accounts["moderator"])
    people.approve(moderator, story.title)
    assert status(reader, address) == 200

    author.goto("/account/contributions")
    press(author, "Delete permanently", story.title)
    expect(author.get_by_role("heading", name="Delete it permanently?")).to_be_visible()
    assert findings(author) == []
    press(author, "Delete permanently")

    expect(people.standing(author, story.title)).to_contain_text("It will be deleted on")
    assert findings(author) == []
    assert status(reader, address) == 410
    assert story.word not in (reader.text_content("body") or "")

    press(author, "Don’t delete it", story.title)
    expect(people.standing(author, story.title)).to_contain_text("withdrawn by you")
    people.tab_to(author.get_by_role("link", name=story.title, exact=True))
    author.keyboard.press("Enter")
    expect(author.locator(".story-words")).to_contain_text(story.word)
    # As if they had withdrawn it: only they can see it, until they send it again.
    assert status(reader, address) == 410
    author.goto("/account/contributions")
    press(author, "Send again", story.title)
    people.tab_to(author.get_by_label("Title"))
    expect(author.get_by_label("Your story")).to_have_value(story.body)
    for _ in range(6):
        people.onward(author)
    author.get_by_role("button", name="Send for review").click()
    people.approve(moderator, story.title)
    assert status(reader, address) == 200
