"""The moderators' desk in a real browser: a whole queue by keyboard alone, an appeal, a masked name."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people, serving
from tests.browser.conftest import WIDE, Room
from tests.browser.people import Telling
from tests.browser.serving import Site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of one's own: here the whole queue is emptied."""
    folder = tmp_path_factory.mktemp("desk") / "site"
    shutil.copytree(seeded, folder)
    with serving.serve(folder) as site:
        yield site


@pytest.fixture(scope="module")
def room(browser: Browser, site: Site) -> Room:
    """Where people sit; in front of this site."""
    return Room(browser, site)


def sit_down(page: Page, site: Site, role: str) -> Page:
    people.log_in(page, site.accounts[role])
    return page


def key(page: Page, name: str) -> None:
    """Press a key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(name)


def waiting(page: Page) -> int:
    return int(page.locator(".tabs__count").first.inner_text())


def test_a_mixed_queue_is_emptied_by_keyboard_alone(room: Room, site: Site) -> None:
    member = room.open(size=WIDE)
    people.create_account(member)
    for number in range(6):  # with what waits in the demonstration: at least twenty of every kind
        member.goto("/topics/warts")
        member.get_by_label("Comment", exact=True).fill(f"This is comment {number}, and it says something of its own.")
        member.get_by_role("button", name="Add a comment").click()
        member.get_by_text("Your comment is with our moderators.").wait_for()
    page = sit_down(room.open(size=WIDE), site, "moderator")
    page.goto("/moderation")
    total = waiting(page)
    assert total >= 20
    key(page, "j")  # the first of the queue

    decided, undone, actions = 0, False, cycle("acrr")
    while page.locator(".decision").count():
        before = page.url
        if (
            not page.get_by_role("button", name="Approve").count()
            and page.get_by_role("button", name="Mask it").count()
        ):
            key(page, "a")  # a report: it stays as it is
        else:
            decide(page, next(actions))
        decided += 1
        if not undone:
            key(page, "u")
            expect(page).to_have_url(before)
            decide(page, "a")
            undone = True
        assert decided <= total

    expect(page.get_by_text("Nothing waits. Thank you.")).to_be_visible()
    assert decided == total
    assert room.leave() == []


def decide(page: Page, action: str) -> None:
    """One decision, by the keys alone. The ready-made note of the reason is there to be read before it is sent."""
    if action == "a":
        key(page, "a")
        return
    page.keyboard.press(action)
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("Give")  # as in a list of the system: 'Give readers something to go on'
    expect(page.get_by_label("Note to the author")).to_have_value(re.compile("Thank you for beginning"))
    page.keyboard.press("Tab")
    key(page, "Control+Enter")


def test_keys_can_be_switched_off_and_do_nothing_while_typing(room: Room, site: Site) -> None:
    author = room.open()
    people.create_account(author)
    people.tell(author, story := Telling())
    page = sit_down(room.open(), site, "moderator")
    people.open_item(page, story.title)
    address = page.url

    page.get_by_label("Note to the author").press_sequentially("a cream")
    assert page.url == address
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_label("Single keys do this here").uncheck()
    page.keyboard.press("Escape")
    page.get_by_role("heading", name=story.title, level=1).click()
    page.keyboard.press("a")
    page.wait_for_timeout(300)
    assert page.url == address

    page.keyboard.press("?")
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Single keys do this here").check()
    page.keyboard.press("Escape")
    page.get_by_role("heading", name=story.title, level=1).click()
    page.keyboard.press("a")
    page.get_by_text("Approved. It is public now.").wait_for()
    assert room.leave() == []


def test_what_was_rejected_is_appealed_and_becomes_public(room: Room, site: Site) -> None:
    author = room.open()
    people.create_account(author)
    people.tell(author, story := Telling())
    page = sit_down(room.open(), site, "moderator")
    people.open_item(page, story.title)
    page.get_by_label("Reason").select_option(label="Stay with the subject")
    page.get_by_role("button", name="Reject").click()
    page.get_by_text("Rejected. The author is told.").wait_for()

    author.goto("/account/contributions")
    author.get_by_role("link", name=re.compile("Why, and how to appeal")).click()
    expect(author.get_by_text("Your text is about something other than this page")).to_be_visible()
    author.locator("textarea").fill("It is about warts from the first sentence to the last: please read it once more.")
    author.get_by_role("button", name="Send the appeal").click()
    expect(author.get_by_text("It waits for somebody other than the one who decided.")).to_be_visible()

    page.goto("/moderation/appeals")
    page.get_by_role("main").get_by_role("link", name=re.compile(story.title)).click()
    expect(page.get_by_role("button", name="Overturn it")).to_have_count(0)
    other = sit_down(room.open(), site, "admin")
    other.goto("/moderation/appeals")
    other.get_by_role("main").get_by_role("link", name=re.compile(story.title)).click()
    other.locator("textarea").fill("You are right, and we are sorry. It is public now.")
    other.get_by_role("button", name="Overturn it").click()

    reader = room.open()
    assert people.soon(lambda: people.finds(reader, story.word, story.title))
    author.goto("/account/contributions")
    expect(people.standing(author, story.title)).to_contain_text("published")
    assert room.leave() == []


def test_a_name_is_masked_by_selecting_it(room: Room, site: Site) -> None:
    author = room.open()
    people.create_account(author)
    people.tell(author, story := Telling())
    page = sit_down(room.open(), site, "moderator")
    people.open_item(page, story.title)

    page.locator(".words").first.evaluate(
        """(words, passage) => {
            const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                const at = node.data.indexOf(passage);
                if (at >= 0) getSelection().setBaseAndExtent(node, at, node, at + passage.length);
            }
        }""",
        "a small square on my arm",
    )
    page.keyboard.press("m")
    expect(page.get_by_label("Passage")).to_have_value("a small square on my arm")
    expect(page.get_by_label("Words instead")).to_be_focused()
    page.get_by_label("Words instead").fill("a place")
    with page.expect_navigation():
        page.get_by_role("button", name="Mask it").click()

    expect(page.locator(".words").first).to_contain_text("They painted a place first")
    with page.expect_navigation():
        page.get_by_role("button", name="Approve").click()
    author.goto("/account/contributions")
    author.get_by_role("link", name=re.compile("What was replaced")).click()
    expect(author.locator("del").first).to_be_visible()
    assert room.leave() == []
