"""A follow-up written on a phone while the server is killed: nothing that was typed is lost, and readers find it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people
from tests.browser.conftest import PATIENCE_MS
from tests.browser.serving import Site
from tests.browser.teller import KEPT, Teller, at_a_phone

pytestmark = pytest.mark.browser

STORY = "Elidel: a little better, not more"
WORDS = "The skin was quiet all summer. "
MORE = "In autumn I needed it again, twice."


@pytest.fixture(params=[("touch", True), ("keyboard", False)], ids=["touch", "keyboard, without scripts"])
def teller(request: pytest.FixtureRequest, browser: Browser, seeded: Path, tmp_path: Path) -> Iterator[Teller]:
    with at_a_phone(browser, seeded, tmp_path / "site", *request.param) as teller:
        yield teller


@pytest.mark.long
def test_a_follow_up_is_told_while_the_server_is_killed_and_stands_under_its_story(teller: Teller) -> None:
    with teller.site() as site:
        address = begin(teller, site)
    if teller.steps:
        # The server does not respond, and the author continues to write.
        teller.reach(teller.page.get_by_label("How is it now?"))
        teller.page.keyboard.press("Control+End")
        teller.page.keyboard.type(MORE)
        expect(teller.page.get_by_text("The site cannot be reached.")).to_be_visible()
    with teller.site() as site:
        if teller.steps:
            expect(teller.page.get_by_text(KEPT)).to_be_visible()
        take_up_again(teller)
        send(teller)
        approve(teller, site)
        read(teller, address)


def begin(teller: Teller, site: Site) -> str:
    """Log in, follow the link to the question, answer it and write; returns the address of the story."""
    page = teller.page
    people.log_in(page, site.accounts["member"])
    page.goto("/account/contributions")
    teller.follow(f"Follow up “{STORY}”")
    if teller.by == "touch":
        teller.tick("it came back a little")
    else:
        teller.reach(page.get_by_label("not answered"))
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
    page.get_by_label("Still using it?").select_option(label="still using it")
    teller.write(page.get_by_label("How is it now?"), WORDS)
    if teller.steps:
        teller.kept()
    else:
        teller.press("Preview")
        expect(page.get_by_role("region", name="Preview")).to_contain_text("it came back a little")
    return page.get_by_role("link", name=STORY, exact=True).get_attribute("href") or ""


def take_up_again(teller: Teller) -> None:
    """Close the tab and open the draft again."""
    teller.close_and_open()
    page = teller.page
    page.goto("/account/contributions")
    teller.follow(f"How it is now: {STORY}")
    field = page.get_by_label("How is it now?")
    if not teller.steps:
        expect(field).to_have_value(WORDS.strip())
        teller.reach(field)
        page.keyboard.press("Control+End")
        page.keyboard.type(f" {MORE}")
    expect(field).to_have_value(WORDS + MORE)
    expect(page.get_by_label("it came back a little")).to_be_checked()
    expect(page.get_by_label("Still using it?")).to_have_value("yes")


def send(teller: Teller) -> None:
    page = teller.page
    teller.press("Preview")
    expect(page.locator("#preview .prose")).to_have_text(WORDS + MORE)
    teller.press("Send for review")
    expect(page.get_by_text("Your follow-up is with our moderators.")).to_be_visible()
    expect(page.get_by_role("heading", name="Drafts")).to_have_count(1)  # this person's other draft
    expect(page.get_by_role("link", name=f"How it is now: {STORY}")).to_have_count(0)


def approve(teller: Teller, site: Site) -> None:
    browser = teller.context.browser
    assert browser is not None
    context = browser.new_context(base_url=site.url)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    people.log_in(page, site.accounts["moderator"])
    people.approve(page, STORY)
    context.close()


def read(teller: Teller, address: str) -> None:
    """A reader in a separate browser context."""
    browser = teller.context.browser
    assert browser is not None
    page: Page = browser.new_page(base_url=f"http://127.0.0.1:{teller.port}")
    page.goto(address)
    told = page.locator("#follow-ups .later > li").last
    for words in ("it came back a little", "Pimecrolimus: still using it", WORDS + MORE):
        expect(told).to_contain_text(words)
    page.close()
