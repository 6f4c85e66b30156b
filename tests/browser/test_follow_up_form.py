"""A follow-up written on a phone while the server is killed: nothing that was typed is lost, and readers find it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import PATIENCE_MS
from tests.browser.phone_author import SAVED_AS_DRAFT, PhoneAuthor, phone_author
from tests.browser.serving import Site

pytestmark = pytest.mark.browser

STORY = "Elidel: a little better, not more"
WORDS = "The skin was quiet all summer. "
MORE = "In autumn I needed it again, twice."


@pytest.fixture(params=[("touch", True), ("keyboard", False)], ids=["touch", "keyboard, without scripts"])
def author(request: pytest.FixtureRequest, browser: Browser, seeded: Path, tmp_path: Path) -> Iterator[PhoneAuthor]:
    with phone_author(browser, seeded, tmp_path / "site", *request.param) as author:
        yield author


@pytest.mark.long
def test_a_follow_up_is_told_while_the_server_is_killed_and_stands_under_its_story(author: PhoneAuthor) -> None:
    with author.site() as site:
        address = begin(author, site)
    if author.has_steps:
        # The server does not respond, and the author continues to write.
        author.activate(author.page.get_by_label("How is it now?"))
        author.page.keyboard.press("Control+End")
        author.page.keyboard.type(MORE)
        expect(author.page.get_by_text("We can’t reach the site.")).to_be_visible()
    with author.site() as site:
        if author.has_steps:
            expect(author.page.get_by_text(SAVED_AS_DRAFT)).to_be_visible()
        take_up_again(author)
        send(author)
        approve(author, site)
        read(author, address)


def begin(author: PhoneAuthor, site: Site) -> str:
    """Log in, follow the link to the question, answer it and write; returns the address of the story."""
    page = author.page
    people.log_in(page, site.accounts["member"])
    page.goto("/account/contributions")
    author.follow(f"Follow up “{STORY}”")
    if author.input_method == "touch":
        author.tick("it came back a little")
    else:
        author.activate(page.get_by_label("it has not come back"))
        page.keyboard.press("ArrowDown")
    page.get_by_label("still using it", exact=True).check()
    author.write(page.get_by_label("How is it now?"), WORDS)
    if author.has_steps:
        author.wait_until_saved()
    else:
        author.press("Preview")
        expect(page.get_by_role("region", name="Preview")).to_contain_text("it came back a little")
    return page.get_by_role("link", name=STORY, exact=True).get_attribute("href") or ""


def take_up_again(author: PhoneAuthor) -> None:
    """Close the tab and open the draft again."""
    author.close_and_open()
    page = author.page
    page.goto("/account/contributions")
    author.follow(f"How it is now: {STORY}")
    field = page.get_by_label("How is it now?")
    if not author.has_steps:
        expect(field).to_have_value(WORDS.strip())
        author.activate(field)
        page.keyboard.press("Control+End")
        page.keyboard.type(f" {MORE}")
    expect(field).to_have_value(WORDS + MORE)
    expect(page.get_by_label("it came back a little")).to_be_checked()
    expect(page.get_by_label("still using it", exact=True)).to_be_checked()


def send(author: PhoneAuthor) -> None:
    page = author.page
    author.press("Preview")
    expect(page.locator("#preview .prose")).to_have_text(WORDS + MORE)
    author.press("Send for review")
    expect(page.get_by_text("Your follow-up is with our moderators.")).to_be_visible()
    expect(page.get_by_role("heading", name="Drafts")).to_have_count(1)  # this person's other draft
    expect(page.get_by_role("link", name=f"How it is now: {STORY}")).to_have_count(0)


def approve(author: PhoneAuthor, site: Site) -> None:
    browser = author.context.browser
    assert browser is not None
    context = browser.new_context(base_url=site.url)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    people.log_in(page, site.accounts["moderator"])
    people.approve(page, STORY)
    context.close()


def read(author: PhoneAuthor, address: str) -> None:
    """A reader in a separate browser context."""
    browser = author.context.browser
    assert browser is not None
    page: Page = browser.new_page(base_url=f"http://127.0.0.1:{author.port}")
    page.goto(address)
    told = page.locator("#follow-ups .later > li").last
    for words in ("it came back a little", "Pimecrolimus: still using it", WORDS + MORE):
        expect(told).to_contain_text(words)
    page.close()
