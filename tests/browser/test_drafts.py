"""Drafts are saved automatically in a real browser: closed tabs, expired sessions, lost connections."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import people
from tests.browser.conftest import PHONE, Open, Seat
from tests.browser.people import Telling, a_word

pytestmark = pytest.mark.browser

KEPT = re.compile(r"Draft saved at \d")


def begin(page: Page) -> str:
    """Create an account and begin a story; returns the word in its title."""
    people.create_account(page)
    word = a_word()
    page.goto("/stories/new")
    page.get_by_label("Title").fill(f"My {word} summer")
    return word


def kept(page: Page) -> None:
    expect(page.get_by_text(KEPT)).to_be_visible()


def test_a_closed_tab_loses_nothing(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    word = begin(page)
    kept(page)
    page.get_by_label("Your story").press_sequentially("We waited for two long weeks.")
    page.close(run_before_unload=True)

    again = open_browser.__self__.taken[-1][1].context.new_page()
    again.goto("/account/contributions")
    again.get_by_role("link", name=f"My {word} summer").click()

    expect(again.get_by_label("Your story")).to_have_value("We waited for two long weeks.")


def test_loading_the_page_again_shows_the_draft(open_browser: Open) -> None:
    page = open_browser()
    word = begin(page)
    kept(page)

    page.reload()

    expect(page).to_have_url(re.compile(r"/stories/drafts/\d+$"))
    expect(page.get_by_label("Title")).to_have_value(f"My {word} summer")


def test_typing_on_keeps_the_same_draft(open_browser: Open) -> None:
    page = open_browser()
    word = begin(page)
    kept(page)
    page.get_by_label("Condition", exact=True).fill("warts")
    with page.expect_response(re.compile("/stories/drafts$")) as answer:
        page.get_by_label("Your story").fill("We waited.")
    assert answer.value.status == 200

    page.goto("/account/contributions")

    expect(page.get_by_role("link", name=f"My {word} summer")).to_have_count(1)


def test_what_was_sent_leaves_no_draft_behind(open_browser: Open) -> None:
    page = open_browser()
    people.create_account(page)
    story = Telling()
    page.goto("/stories/new")
    people.fill_story(page, story)
    kept(page)
    page.get_by_label("Your story").press_sequentially(" And then it went.")

    page.get_by_role("button", name="Send for review").click()

    expect(people.standing(page, story.title)).to_contain_text("waiting to be read")
    expect(page.get_by_text("Drafts")).to_have_count(0)


def test_a_session_that_ended_is_told_and_taken_up_again(open_browser: Open) -> None:
    page = open_browser()
    username = people.create_account(page)
    page.goto("/stories/new")
    page.get_by_label("Title").fill("Before")
    kept(page)
    elsewhere = page.context.new_page()
    elsewhere.goto("/")
    elsewhere.get_by_role("button", name="Log out").click()
    elsewhere.get_by_text("You’ve logged out.").wait_for()

    page.get_by_label("Title").fill("After it ended")
    expect(page.get_by_text("You’re logged out.")).to_be_visible()
    elsewhere.goto("/login")
    elsewhere.get_by_label("User name").fill(username)
    elsewhere.get_by_label("Password").fill(people.PASSWORD)
    elsewhere.get_by_role("button", name="Log in").click()
    people.own_place(elsewhere).wait_for()
    page.bring_to_front()

    kept(page)
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("After it ended")
    seat_forgives(open_browser, "401", "400")


def test_a_site_that_cannot_be_reached_is_told_and_tried_again(open_browser: Open) -> None:
    page = open_browser()
    begin(page)
    kept(page)
    page.context.set_offline(True)

    page.get_by_label("Title").fill("Written on a train")
    expect(page.get_by_text("We can’t reach the site.")).to_be_visible()
    page.context.set_offline(False)

    kept(page)
    page.reload()
    expect(page.get_by_label("Title")).to_have_value("Written on a train")
    seat_forgives(open_browser, "ERR_INTERNET_DISCONNECTED")


def test_without_javascript_every_step_keeps(open_browser: Open) -> None:
    page = open_browser(javascript=False)
    word = begin(page)
    page.get_by_role("button", name="Add another treatment").click()

    page.goto("/account/contributions")
    page.get_by_role("link", name=f"My {word} summer").click()

    expect(page.get_by_label("Title")).to_have_value(f"My {word} summer")
    expect(page.get_by_role("group", name="Treatment 2", exact=True)).to_be_visible()


def seat_forgives(open_browser: Open, *expected: str) -> None:
    """Forget the errors that this test causes on purpose; any other error still fails the test."""
    for _javascript, seat in open_browser.__self__.taken:
        assert isinstance(seat, Seat)
        seat.wrong = [each for each in seat.wrong if not any(word in each for word in expected)]
