"""The main journey in a real browser, without and with JavaScript: write, moderate, be notified, find, edit.

Everybody has a browser of their own. What people do by name of button and label stands in `people`.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import people
from tests.browser.conftest import PHONE, WIDE, Open
from tests.browser.people import Telling
from tests.browser.serving import Site

pytestmark = pytest.mark.browser

# For what has no script of its own: the forms are tried without JavaScript by the tests of both ways.
scripts = pytest.mark.parametrize(
    "javascript",
    [pytest.param(False, marks=pytest.mark.long), True],
    ids=["without-javascript", "with-javascript"],
)
# Not all four combinations, which would take twice as long: no page behaves differently in two of these ways alone.
ways = pytest.mark.parametrize(
    ("javascript", "size"), [(False, PHONE), (True, WIDE)], ids=["phone-without-javascript", "wide-with-javascript"]
)

# All pages that would link to a published story of this kind.
LISTS = ("/", "/stories", "/topics/warts", "/topics/warts/stories", "/topics/diphencyprone/stories")


def find_nowhere(page: Page, story: Telling, address: str) -> None:
    for place in LISTS:
        assert story.word not in page.request.get(place).text(), place
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 404
    assert story.word not in page.content()
    people.search(page, story.word)
    expect(page.get_by_text("No results.")).to_be_visible()


def lies_in_view(locator: Locator) -> None:
    expect(locator).to_be_in_viewport()


# --- Write ------------------------------------------------------------------------------------------------------


@ways
def test_a_story_waits_and_only_its_author_sees_it(open_browser: Open, javascript: bool, size: tuple[int, int]) -> None:
    story = Telling()
    patient = open_browser(javascript=javascript, size=size)
    people.create_account(patient)

    address = people.tell(patient, story)

    expect(patient.get_by_role("status").filter(has_text="Your story is with our moderators.")).to_be_visible()
    expect(people.standing(patient, story.title)).to_contain_text("waiting to be read")
    patient.get_by_role("link", name=story.title, exact=True).click()
    expect(patient.get_by_text("Waiting to be read")).to_be_visible()
    steps = patient.locator(".journey li")
    expect(steps).to_contain_text(["Diphencyprone", "Ruxolitinib cream"])
    expect(steps).to_contain_text(["moderately", "moderately"])

    find_nowhere(open_browser(javascript=javascript, size=size), story, address)
    member = open_browser(javascript=javascript, size=size)
    people.create_account(member)
    find_nowhere(member, story, address)


# --- Moderate, and be told --------------------------------------------------------------------------------------


@ways
def test_a_moderator_approves_and_the_author_is_told(
    open_browser: Open, site: Site, javascript: bool, size: tuple[int, int]
) -> None:
    story = Telling()
    patient = open_browser(javascript=javascript, size=size)
    moderator = open_browser(javascript=javascript, size=size)
    people.create_account(patient)
    people.tell(patient, story)
    assert not people.marks_news(patient)

    people.log_in(moderator, site.accounts["moderator"])
    people.approve(moderator, story.title)

    patient.goto("/")
    assert people.marks_news(patient)
    news = people.standing(patient, story.title)
    expect(news).to_contain_text("published")
    expect(news).to_contain_text("New")
    if not javascript:  # with JavaScript it happens automatically
        patient.get_by_role("button", name="Mark as read").click()
    expect(patient.get_by_role("button", name="Mark as read")).to_be_hidden()
    patient.goto("/")
    assert not people.marks_news(patient)


@scripts
def test_a_rejected_story_tells_its_author_why(open_browser: Open, site: Site, javascript: bool) -> None:
    story, note = Telling(), "The second sentence names the nurse. Without her name we would gladly publish it."
    patient, moderator = open_browser(javascript=javascript), open_browser(javascript=javascript)
    people.create_account(patient)
    address = people.tell(patient, story)

    people.log_in(moderator, site.accounts["moderator"])
    people.open_item(moderator, story.title)
    moderator.get_by_role("button", name="Reject").click()
    expect(moderator.get_by_role("alert")).to_be_visible()  # a reason is required
    moderator.get_by_label("Reason").select_option(label="Protect privacy")
    moderator.get_by_label("Note to the author").fill(note)
    moderator.get_by_role("button", name="Reject").click()
    expect(moderator.get_by_text("Rejected. We’ve told the author.")).to_be_visible()

    patient.goto("/")
    assert people.marks_news(patient)
    news = people.standing(patient, story.title)
    expect(news).to_contain_text("not published")
    expect(news).to_contain_text(note)
    news.get_by_role("link", name="Protect privacy").click()
    expect(patient).to_have_url(f"{site.url}/guidelines#s-protect-privacy")
    lies_in_view(patient.get_by_role("heading", name="Protect privacy"))
    find_nowhere(open_browser(javascript=javascript), story, address)


# --- Find -------------------------------------------------------------------------------------------------------


@ways
def test_a_reader_finds_it_by_other_names(
    open_browser: Open, site: Site, javascript: bool, size: tuple[int, int]
) -> None:
    story = Telling()
    patient, moderator = open_browser(javascript=javascript), open_browser(javascript=javascript)
    people.create_account(patient)
    address = people.tell(patient, story)
    people.log_in(moderator, site.accounts["moderator"])
    people.approve(moderator, story.title)
    reader = open_browser(javascript=javascript, size=size)

    assert people.soon(lambda: people.finds(reader, "diphenylcyclopropenone", story.title)), "a synonym"
    assert people.finds(reader, "Opzelura", story.title), "a brand name"
    assert not people.finds(reader, '"Opzelura"', story.title), "in quotes only the word itself, which it does not say"

    assert people.finds(reader, "Opzelura", story.title)
    reader.get_by_role("link", name=story.title, exact=True).click()
    expect(reader).to_have_url(re.compile(f"^{site.url}{address.rpartition('/')[0]}/"))
    expect(reader.get_by_role("heading", name=story.title)).to_be_visible()
    expect(reader.get_by_text("They painted a small square on my arm first.")).to_be_visible()
    text = reader.locator(".story-words").inner_text()
    assert "opzelura" not in text.lower()
    assert "diphenylcyclopropenone" not in text.lower()
    assert reader.context.cookies() == []


# --- Edit after approval ----------------------------------------------------------------------------------------


@scripts
def test_an_edit_waits_while_the_old_text_stays(open_browser: Open, site: Site, javascript: bool) -> None:
    story = Telling()
    later = replace(story, word=people.a_word())
    patient, moderator = open_browser(javascript=javascript), open_browser(javascript=javascript)
    reader = open_browser(javascript=javascript)
    people.create_account(patient)
    address = people.tell(patient, story)
    people.log_in(moderator, site.accounts["moderator"])
    people.approve(moderator, story.title)

    patient.goto("/account/contributions")
    patient.get_by_role("link", name=re.compile(f"^Edit.*{story.title}")).click()
    expect(patient.get_by_text("Your story stays public as it is")).to_be_visible()
    expect(patient.get_by_label("Your story")).to_have_value(story.body)
    patient.get_by_label("Your story").fill(later.body)
    patient.get_by_role("button", name="Send for review").click()
    expect(patient.get_by_text("Your new version is with our moderators.")).to_be_visible()

    reader.goto(address)
    expect(reader.get_by_role("main")).to_contain_text(story.body.splitlines()[-1])
    assert later.word not in reader.content()
    people.search(reader, later.word)
    expect(reader.get_by_text("No results.")).to_be_visible()

    people.open_item(moderator, story.title)
    expect(moderator.locator(".words del").first).to_contain_text(story.word)
    expect(moderator.locator(".words ins").first).to_contain_text(later.word)
    moderator.get_by_role("button", name="Approve").click()
    expect(moderator.get_by_text("Approved. It’s public now.")).to_be_visible()

    reader.goto(address)
    expect(reader.get_by_role("main")).to_contain_text(later.body.splitlines()[-1])
    assert story.body.splitlines()[-1] not in reader.content()
    assert people.soon(lambda: people.finds(reader, later.word, story.title))


# --- Comment ----------------------------------------------------------------------------------------------------


@ways
def test_a_comment_is_approved_and_its_address_leads_to_it(
    open_browser: Open, site: Site, javascript: bool, size: tuple[int, int]
) -> None:
    words = f"Thank you, this is what {people.a_word()} needed to read tonight."
    reader, moderator = open_browser(javascript=javascript, size=size), open_browser(javascript=javascript)
    people.search(reader, "Eleven warts on my hands")
    reader.get_by_role("link", name="Eleven warts on my hands, and then none").click()
    story = reader.url
    reader.get_by_role("link", name="Add a comment").click()
    reader.get_by_role("main").get_by_role("link", name="Create account").click()
    people.fill_registration(reader, people.a_word())
    reader.get_by_role("button", name="Create account").click()

    reader.get_by_label("Comment").fill(words)
    reader.get_by_role("button", name="Add a comment").click()
    expect(reader.get_by_text("Waiting to be read")).to_be_visible()
    # Without the fragment: a browser that is sent to the address it is already at makes no request.
    permalink = reader.url.partition("#")[0]
    stranger = open_browser(javascript=javascript, size=size)
    answer = stranger.goto(permalink)
    assert answer is not None
    assert answer.status == 404

    people.log_in(moderator, site.accounts["moderator"])
    people.approve(moderator, words)

    stranger.goto(permalink)
    assert stranger.url.startswith(f"{story}#comment-")
    comment = stranger.get_by_role("article").filter(has_text=words)
    lies_in_view(comment)
    expect(comment).to_have_id(stranger.url.partition("#")[2])


# --- With the keyboard ------------------------------------------------------------------------------------------


def tab_to(page: Page, control: Locator) -> None:
    """Press Tab until this element has the focus, as without a mouse; the focus must be visible."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if control.evaluate("element => element === document.activeElement"):
            expect(control).to_be_in_viewport()
            outline = control.evaluate("element => getComputedStyle(element).outlineStyle")
            assert outline != "none", "the focus must be to be seen"
            return
    raise AssertionError(f"Tab does not lead to {control}")


def test_the_story_form_works_with_the_keyboard_alone(open_browser: Open) -> None:
    story, page = Telling(), open_browser()
    people.create_account(page)
    page.goto("/stories/new")
    keyboard = page.keyboard

    tab_to(page, page.get_by_label("Title"))
    keyboard.type(story.title)
    tab_to(page, page.get_by_label("Your story"))
    keyboard.type(story.body)
    tab_to(page, page.get_by_label("Condition", exact=True))
    keyboard.type(story.condition)
    tab_to(page, page.get_by_role("radio", name="myself"))
    keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="someone I care for")).to_be_checked()
    first = page.get_by_role("group", name="Treatment 1")
    tab_to(page, first.get_by_label("Treatment", exact=True))
    keyboard.type(story.treatments[0])
    tab_to(page, first.get_by_label("not at all"))
    for _ in range(3):
        keyboard.press("ArrowRight")
    expect(first.get_by_label("not at all")).not_to_be_checked()
    keyboard.press("Space")
    expect(first.get_by_label("very well")).to_be_checked()
    tab_to(page, page.get_by_role("button", name="Add another treatment"))
    keyboard.press("Enter")
    second = page.get_by_role("group", name="Treatment 2")
    expect(second.get_by_label("Treatment", exact=True)).to_be_focused()
    keyboard.type(story.treatments[1])

    # Sent too early: the errors are listed first, and each links to its field.
    tab_to(page, page.get_by_role("button", name="Send for review"))
    keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_focused()
    consent = page.get_by_label("Publish my story")
    tab_to(page, page.get_by_role("alert").get_by_role("link"))
    keyboard.press("Enter")
    expect(consent).to_be_focused()
    keyboard.press("Space")
    expect(consent).to_be_checked()
    tab_to(page, page.get_by_role("button", name="Send for review"))
    keyboard.press("Enter")

    expect(people.standing(page, story.title)).to_contain_text("waiting to be read")
    page.get_by_role("link", name=story.title, exact=True).click()
    expect(page.locator(".journey li")).to_contain_text(["very well", "Ruxolitinib cream"])


def test_enter_in_a_field_keeps_the_story_and_does_not_send_it(open_browser: Open) -> None:
    story, page = Telling(), open_browser()
    people.create_account(page)
    page.goto("/stories/new")

    page.get_by_label("Title").fill(story.title)
    page.get_by_label("Title").press("Enter")

    expect(page.get_by_text("Draft saved.")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_value(story.title)


def test_the_first_tab_leads_past_the_header(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    page.goto("/")

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")

    expect(page.get_by_role("main")).to_be_focused()
