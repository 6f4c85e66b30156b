"""The moderators' desk in a real browser: a whole queue by keyboard only, and the journeys that lead through it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import people, serving
from tests.browser.conftest import WIDE, SeatPool
from tests.browser.people import Telling
from tests.browser.serving import Site

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A separate site, because these tests empty the whole queue."""
    with serving.serve_copy(seeded, tmp_path_factory.mktemp("desk")) as site:
        yield site


@pytest.fixture(scope="module")
def seats(browser: Browser, site: Site) -> SeatPool:
    """The pool of browser contexts for this site."""
    return SeatPool(browser, site)


def sit_down(page: Page, site: Site, role: str) -> Page:
    people.log_in(page, site.accounts[role])
    return page


class OpenedItem(NamedTuple):
    """A story that a moderator has opened: the pages of its author and of the moderator, and its future address."""

    author: Page
    page: Page
    story: Telling
    address: str


def tell_and_open(seats: SeatPool, site: Site) -> OpenedItem:
    """A new author tells a story, and a moderator opens it."""
    author, story = seats.open(), Telling()
    people.create_account(author)
    address = people.tell(author, story)
    page = sit_down(seats.open(), site, "moderator")
    people.open_item(page, story.title)
    return OpenedItem(author, page, story, address)


def key(page: Page, name: str) -> None:
    """Press a key that loads another page."""
    with page.expect_navigation():
        page.keyboard.press(name)


def test_a_mixed_queue_is_emptied_by_keyboard_alone(seats: SeatPool, site: Site) -> None:
    member, other = seats.open(size=WIDE), sit_down(seats.open(size=WIDE), site, "admin")
    people.create_account(member)
    comments = [f"This is comment {number}, and it says something of its own." for number in range(4)]
    for words in comments:  # together with the demonstration's queue: at least twenty of every kind
        comment_on_warts(member, words)
    make_follow_up(member, other)
    make_appeal(member, other, comments[0])
    page = sit_down(seats.open(size=WIDE), site, "moderator")
    page.goto("/moderation")
    total, *of_each_kind = map(int, page.locator(".tabs__count").all_inner_texts())
    assert total >= 20
    assert len(of_each_kind) == 5, "stories, comments, follow-ups, reports, appeals"
    assert all(of_each_kind)
    key(page, "j")  # the first item of the queue

    decided, undone, actions = 0, False, cycle("acrr")
    while page.locator(".decision").count():
        before = page.url
        if page.get_by_role("button", name="Overturn it").count():
            page.keyboard.press("r")
            page.keyboard.type("You are right: it says something of its own.")
            key(page, "Control+Enter")
        elif page.get_by_role("button", name="Keep as it is").count():
            key(page, "a")  # a report
        else:
            decide(page, next(actions))
        decided += 1
        if not undone:
            key(page, "u")
            expect(page).to_have_url(before)
            decide(page, "a")
            undone = True
        assert decided <= total

    expect(page.get_by_text("Nothing is waiting. Thank you.")).to_be_visible()
    assert decided == total
    assert seats.leave() == []


def comment_on_warts(author: Page, words: str) -> None:
    author.goto("/topics/warts")
    author.get_by_label("Comment", exact=True).fill(words)
    author.get_by_role("button", name="Add a comment").click()
    author.get_by_text("Your comment is with our moderators.").wait_for()


def make_follow_up(author: Page, other: Page) -> None:
    """A story is published, and its author sends a follow-up."""
    address = people.tell(author, story := Telling())
    people.approve(other, story.title)
    author.goto(address)
    author.get_by_role("link", name="Add a follow-up").click()
    author.get_by_label("How is it now?").fill("All of it is gone, and has not come back.")
    author.get_by_role("button", name="Send for review").click()
    author.get_by_text("with our moderators").wait_for()


def make_appeal(author: Page, other: Page, words: str) -> None:
    """A moderator rejects a comment, and its author appeals."""
    people.open_item(other, words)
    reject(other)
    author.goto("/account/contributions")
    author.get_by_role("link", name=re.compile("Find out why, and how to appeal")).click()
    appeal(author)


def reject(page: Page) -> None:
    page.get_by_label("Reason").select_option(label="Stay on topic")
    page.get_by_role("button", name="Reject").click()
    page.get_by_text("Rejected. We’ve told the author.").wait_for()


def appeal(author: Page) -> None:
    author.locator("textarea").fill("It is about warts from the first sentence to the last: please read it once more.")
    author.get_by_role("button", name="Send appeal").click()
    author.get_by_text("It’s waiting for a different moderator.").wait_for()


def decide(page: Page, action: str) -> None:
    """Make one decision by keyboard only. The ready-made note is shown, so that it can be read before it is sent."""
    if action == "a":
        key(page, "a")
        return
    page.keyboard.press(action)
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.press("7")
    expect(page.get_by_label("Reason")).to_have_value("too_little")
    expect(page.get_by_label("Note to the author")).to_have_value(re.compile("Thank you for making a start"))
    key(page, "Enter")


def test_keys_can_be_switched_off_and_do_nothing_while_typing(seats: SeatPool, site: Site) -> None:
    _author, page, story, _address = tell_and_open(seats, site)
    address = page.url

    page.get_by_label("Note to the author").press_sequentially("a cream")
    assert page.url == address
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.get_by_label("Use these keys on this device").uncheck()
    page.keyboard.press("Escape")
    page.get_by_role("heading", name=story.title, level=1).click()
    page.keyboard.press("a")
    page.keyboard.press("?")
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Use these keys on this device").check()
    page.keyboard.press("Escape")
    page.get_by_role("heading", name=story.title, level=1).click()
    assert page.url == address
    page.keyboard.press("a")
    page.get_by_text("Approved. It’s public now.").wait_for()
    assert seats.leave() == []


def test_digits_choose_a_reason_and_enter_sends_only_what_was_chosen(seats: SeatPool, site: Site) -> None:
    author, page, story, _address = tell_and_open(seats, site)
    address, reason = page.url, page.get_by_label("Reason")

    page.get_by_label("Note to the author").press_sequentially("1")
    expect(reason).to_have_value("")
    page.get_by_label("Note to the author").fill("")
    page.keyboard.press("Escape")
    page.keyboard.press("4")
    expect(reason).to_have_value("disrespect")
    reason.press("Enter")  # nothing was chosen to be done: it must not press the first button, which approves
    page.keyboard.press("9")
    expect(reason).to_have_value("disrespect")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(page.get_by_text("Ask for changes: choose a reason, then press Enter.")).to_be_visible()
    page.keyboard.press("1")
    assert page.url == address
    key(page, "Enter")

    author.goto("/account/contributions")
    # The other entry is the draft to start from.
    news = people.standing(author, story.title).filter(has_text="changes needed")
    expect(news).to_contain_text("Protect privacy")
    assert seats.leave() == []


def test_enter_in_a_field_never_approves(seats: SeatPool, site: Site) -> None:
    _author, page, _story, address = tell_and_open(seats, site)
    here = page.url

    page.keyboard.press("m")
    page.get_by_label("Replace it with").press("Enter")
    page.get_by_label("Reason").focus()
    page.get_by_label("Reason").press("Enter")

    assert page.url == here
    reader = seats.open()
    answer = reader.goto(address)
    assert answer is not None
    assert answer.status == 404
    assert seats.leave() == []


def test_the_words_and_the_record_are_in_sight_at_once(seats: SeatPool, site: Site) -> None:
    _author, page, story, _address = tell_and_open(seats, site)
    page.set_viewport_size({"width": 1280, "height": 800})

    expect(page.locator(".words").get_by_text(story.word)).to_be_in_viewport(ratio=1)
    expect(page.locator(".author-record")).to_be_in_viewport(ratio=1)
    for name in ("Approve", "Ask for changes", "Reject"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
    own_bars = page.evaluate(
        "[...document.querySelectorAll('.desk > *')].filter((part) => part.scrollHeight > part.clientHeight + 1).length"
    )
    assert own_bars == 0, "the page has one scroll bar"
    assert seats.leave() == []


def test_what_was_rejected_is_appealed_and_becomes_public(seats: SeatPool, site: Site) -> None:
    author, page, story, _address = tell_and_open(seats, site)
    reject(page)

    author.goto("/account/contributions")
    author.get_by_role("link", name=re.compile("Find out why, and how to appeal")).click()
    expect(author.get_by_text("Your text isn’t about the topic of this page")).to_be_visible()
    appeal(author)

    open_appeal(page, story.title)
    expect(page.get_by_role("button", name="Overturn it")).to_have_count(0)
    other = sit_down(seats.open(), site, "admin")
    open_appeal(other, story.title)
    other.locator("textarea").fill("You are right, and we are sorry. It is public now.")
    other.get_by_role("button", name="Overturn it").click()
    other.get_by_text("Overturned. We’ve told the author.").wait_for()

    reader = seats.open()
    assert people.soon(lambda: people.finds(reader, story.word, story.title))
    author.goto("/account/contributions")
    expect(people.standing(author, story.title)).to_contain_text("published")
    assert seats.leave() == []


def open_appeal(page: Page, title: str) -> None:
    page.goto("/moderation/appeals")
    page.get_by_role("main").get_by_role("link", name=re.compile(title)).click()
    page.get_by_role("heading", name=f"Appeal: {title}", level=1).wait_for()


def test_who_is_rejected_reads_why_and_another_version_becomes_public(seats: SeatPool, site: Site) -> None:
    author, page, story, address = tell_and_open(seats, site)
    better = Telling()
    note = "The second sentence tells when: please leave that out."
    page.keyboard.press("r")
    page.keyboard.press("1")
    expect(page.get_by_label("Note to the author")).to_have_value(re.compile("Something in your text could show"))
    page.get_by_label("Note to the author").fill(note)
    key(page, "Control+Enter")

    author.goto("/account/contributions")
    news = people.standing(author, story.title)
    expect(news).to_contain_text("not published")
    expect(news).to_contain_text("Protect privacy")
    expect(news).to_contain_text(note)
    revise(author, story.title, better.body)

    people.open_item(page, story.title)
    expect(page.locator(".words").first).to_contain_text(better.word)
    expect(page.get_by_role("main").get_by_text(note)).to_be_visible()
    key(page, "a")
    reader = seats.open()
    reader.goto(address)
    expect(reader.get_by_role("main")).to_contain_text(better.word)
    assert f"Then we waited, {story.word}" not in reader.content()
    author.goto("/account/contributions")
    expect(people.standing(author, story.title)).to_contain_text("published")
    assert seats.leave() == []


def revise(author: Page, title: str, words: str) -> None:
    """The author sends a new version of a story."""
    author.goto("/account/contributions")
    with author.expect_navigation():
        author.get_by_role("link", name=re.compile(f"^(Edit|Send again|Send another version).*{title}")).click()
    author.get_by_label("Your story").fill(words)
    for _ in range(6):
        people.onward(author)
    author.get_by_role("button", name="Send for review").click()
    author.get_by_role("heading", name="Thank you", level=1).wait_for()


def test_nobody_approves_words_that_changed_while_they_read(seats: SeatPool, site: Site) -> None:
    author, page, story, address = tell_and_open(seats, site)
    later = Telling()
    revise(author, story.title, later.body)

    key(page, "a")

    expect(page.get_by_text("Your decision came too late")).to_be_visible()
    expect(page.locator(".notice del").first).to_contain_text(story.word)
    expect(page.locator(".notice ins").first).to_contain_text(later.word)
    reader = seats.open()
    answer = reader.goto(address)
    assert answer is not None
    assert answer.status == 404, "neither the old words nor the new ones are public"
    page.get_by_role("link", name="Decide on the new version").click()
    expect(page.locator(".words").first).to_contain_text(later.word)
    page.wait_for_load_state()
    key(page, "a")
    reader.goto(address)
    expect(reader.get_by_role("main")).to_contain_text(later.word)
    assert seats.leave() == []


def test_a_masked_passage_is_shown_to_its_author_who_objects_by_another_version(seats: SeatPool, site: Site) -> None:
    author, page, story, address = tell_and_open(seats, site)

    select(page, "a small square on my arm")
    page.keyboard.press("m")
    expect(page.get_by_label("Passage")).to_have_value("a small square on my arm")
    expect(page.get_by_label("Replace it with")).to_be_focused()
    page.keyboard.type("a place")
    with page.expect_navigation():
        page.get_by_role("button", name="Hide this passage").click()
    expect(page.locator(".words").first).to_contain_text("They painted a place first")
    key(page, "a")

    author.goto("/account/contributions")
    author.get_by_role("link", name=re.compile("See what was replaced")).click()
    expect(author.locator("del").first).to_contain_text("small square")
    expect(author.locator("ins").first).to_contain_text("place")
    revise(author, story.title, story.body)

    reader = seats.open()
    reader.goto(address)
    expect(reader.get_by_role("main")).to_contain_text("They painted a place first")
    people.open_item(page, story.title)
    expect(page.locator(".words ins").first).to_contain_text("small square")
    expect(page.locator(".desk__item").get_by_text("passage hidden")).to_be_visible()
    key(page, "a")
    reader.reload()
    expect(reader.get_by_role("main")).to_contain_text("They painted a small square on my arm first")
    assert seats.leave() == []


def select(page: Page, passage: str) -> None:
    """Select a passage of the text, as a mouse would."""
    page.locator(".words").first.evaluate(
        """(words, passage) => {
            const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                const at = node.data.indexOf(passage);
                if (at >= 0) getSelection().setBaseAndExtent(node, at, node, at + passage.length);
            }
        }""",
        passage,
    )
