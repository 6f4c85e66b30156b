"""A story written on a phone: step by step, by keyboard and by touch, while the server is killed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import people
from tests.browser.conftest import PHONE, WIDE, Open
from tests.browser.people import Telling
from tests.browser.phone_author import SAVED_AS_DRAFT, PhoneAuthor, phone_author

pytestmark = pytest.mark.browser


def begin(page: Page) -> None:
    people.create_account(page)
    page.goto("/stories/new")


def expect_step(page: Page, title: str) -> None:
    """Wait for the step: the browser tells its scripts of a new address after a click has returned."""
    expect(page.locator(".steps-bar p")).to_have_text(title)


def fill_first_step(page: Page, title: str = "A long summer") -> None:
    page.get_by_label("Title").fill(title)
    page.get_by_role("textbox", name="Your story").fill("They painted a small square on my arm first, and we waited.")


def to_first_treatment(page: Page) -> None:
    """Fill in what comes before the treatments; on a phone, go there."""
    fill_first_step(page)
    people.onward(page)
    page.get_by_label("Condition", exact=True).fill("warts")
    people.onward(page)


def treatment(page: Page, number: int) -> Locator:
    return page.get_by_role("group", name=f"Treatment {number}", exact=True)


def names(page: Page) -> list[str]:
    return [field.input_value() for field in page.locator(".treatment input[name$=-treatment]").all()]


# --- Steps ---


def test_on_a_phone_there_is_one_step_at_a_time(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    begin(page)

    expect_step(page, "Step 1 of 6: What happened")
    expect(page.get_by_label("Title")).to_be_visible()
    expect(page.get_by_label("Condition", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Back", exact=True)).to_be_hidden()
    to_first_treatment(page)
    expect_step(page, "Step 3 of 6: Treatment 1")
    # A step that begins with a name begins with typing it; any other with being told which step it is.
    expect(page.get_by_label("Treatment", exact=True)).to_be_focused()
    page.get_by_label("Treatment", exact=True).fill("Imiquimod")

    titles = [
        "Step 4 of 6: Treatment 1: How long did you use it?",
        "Step 5 of 6: Treatment 1: How bad were the side effects?",
        "Step 6 of 6: Check and send",
    ]
    for title in titles:
        page.get_by_role("button", name="Next", exact=True).click()
        expect_step(page, title)
        expect(page.locator(".steps-bar")).to_be_focused()
    expect(page.get_by_role("button", name="Next", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Send for review")).to_be_visible()
    page.go_back()
    expect_step(page, titles[-2])
    page.get_by_role("button", name="Back", exact=True).click()
    expect_step(page, titles[-3])


def test_next_checks_its_step_with_the_words_of_the_server(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    begin(page)
    page.get_by_role("textbox", name="Your story").fill("Too short.")

    page.get_by_role("button", name="Next", exact=True).click()

    expect_step(page, "Step 1 of 6: What happened")
    expect(page.get_by_label("Title")).to_be_focused()
    expect(page.locator("#title-error")).to_have_text("Error: Enter a title")
    wanting = "Error: Write a little more. A story needs at least 50 characters and yours has 10."
    expect(page.locator("#body-error")).to_have_text(wanting)
    expect(page.get_by_role("textbox", name="Your story")).to_have_attribute("aria-invalid", "true")

    fill_first_step(page)
    expect(page.locator(".field__errors")).to_have_count(0)
    people.onward(page)
    expect_step(page, "Step 2 of 6: The condition")


def test_loading_the_page_again_stays_at_the_step(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    begin(page)
    fill_first_step(page)
    people.onward(page)
    expect(page.get_by_text(SAVED_AS_DRAFT)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/stories/drafts/\d+#what$"))

    page.reload()

    expect_step(page, "Step 2 of 6: The condition")
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.get_by_label("Title")).to_have_value("A long summer")


def test_enter_goes_on_to_the_next_step(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    begin(page)
    fill_first_step(page)

    page.get_by_label("Title").press("Enter")

    expect_step(page, "Step 2 of 6: The condition")


def test_an_error_leads_to_the_step_that_has_it(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    begin(page)
    page.get_by_label("Title").fill("A long summer")
    page.goto(page.url.split("#")[0] + "#sending")
    page.get_by_role("button", name="Send for review").click()

    page.get_by_role("alert").wait_for()
    expect(page).to_have_title(re.compile("^Error: Share your story"))
    expect_step(page, "Step 1 of 6: What happened")
    page.get_by_role("link", name="Enter a treatment").click()
    expect_step(page, "Step 3 of 6: Treatment 1")
    expect(page.get_by_label("Treatment", exact=True)).to_be_focused()
    page.get_by_role("link", name="Write your story").click()
    expect(page.get_by_role("textbox", name="Your story")).to_be_focused()


def test_errors_go_away_when_they_are_mended(open_browser: Open) -> None:
    page = open_browser()
    begin(page)
    fill_first_step(page)
    page.get_by_label("Condition", exact=True).fill("Lurgy")
    page.get_by_role("button", name="Send for review").click()
    listed = page.get_by_role("alert").get_by_role("listitem")
    expect(listed).to_have_count(3)

    page.get_by_label("Condition", exact=True).fill("warts")
    expect(listed).to_have_count(2)
    expect(page.locator("#condition-error")).to_have_count(0)
    page.get_by_label("Treatment", exact=True).fill("Imiquimod")
    page.get_by_label("Publish my story").check()

    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page).to_have_title(re.compile("^Share your story"))


def test_nothing_moves_while_the_form_loads(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    people.create_account(page)
    page.add_init_script(
        "window.shifts = []; new PerformanceObserver("
        "(list) => shifts.push(...list.getEntries().map((each) => each.value)))"
        ".observe({ type: 'layout-shift', buffered: true });"
    )
    page.goto("/stories/new", wait_until="networkidle")
    expect_step(page, "Step 1 of 6: What happened")

    assert page.evaluate("shifts") == []


def test_turning_to_a_wide_screen_and_back_loses_nothing(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    begin(page)
    fill_first_step(page)
    people.onward(page)

    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    for label in ("Title", "Condition", "Your story", "Treatment", "Publish my story"):
        expect(page.get_by_label(label, exact=True)).to_be_visible()
    expect(page.get_by_role("navigation", name="On this page")).to_be_visible()
    expect(page.locator(".steps-bar")).to_be_hidden()

    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    expect_step(page, "Step 2 of 6: The condition")
    expect(page.get_by_label("Title")).to_have_value("A long summer")


# --- Treatments without a round trip ---


@pytest.mark.parametrize("size", [PHONE, WIDE])
def test_treatments_are_added_moved_and_taken_out_in_the_page(open_browser: Open, size: tuple[int, int]) -> None:
    page = open_browser(size=size)
    begin(page)
    to_first_treatment(page)
    asked = []
    page.on("request", lambda request: asked.append(request) if request.is_navigation_request() else None)
    treatment(page, 1).get_by_label("Treatment", exact=True).fill("Imiquimod")
    treatment(page, 1).get_by_label("very well").check()
    for number, name in ((2, "Cryotherapy"), (3, "Diphencyprone")):
        people.onward(page)
        people.onward(page)
        page.get_by_role("button", name="Add another treatment").click()
        expect(treatment(page, number).get_by_label("Treatment", exact=True)).to_be_focused()
        page.keyboard.type(name)
    treatment(page, 3).get_by_label("slightly").check()

    page.get_by_role("button", name="Move treatment 3 up").click()

    assert names(page) == ["Imiquimod", "Diphencyprone", "Cryotherapy"]
    expect(treatment(page, 2).get_by_label("slightly")).to_be_checked()
    expect(page.locator("#treatments-0-effect input:checked")).to_have_value("very_well")
    expect(page.get_by_role("button", name="Move treatment 2 up")).to_be_focused()
    page.get_by_role("button", name="Remove treatment 2").click()
    assert names(page) == ["Imiquimod", "Cryotherapy"]
    assert asked == []

    expect(page.get_by_text(SAVED_AS_DRAFT)).to_be_visible()
    page.wait_for_timeout(3000)
    page.reload()
    assert names(page) == ["Imiquimod", "Cryotherapy"]


def test_nine_treatments_are_one_too_many(open_browser: Open) -> None:
    page = open_browser()
    begin(page)
    for _ in range(7):
        page.get_by_role("button", name="Add another treatment").click()

    expect(page.get_by_role("button", name="Add another treatment")).to_be_hidden()
    expect(page.locator(".treatment")).to_have_count(8)


# --- Only what applies ---


def test_only_the_questions_that_apply_are_asked(open_browser: Open) -> None:
    page = open_browser()
    begin(page)
    why = page.get_by_role("group", name="Why did you stop early?")
    page.locator(".treatment .more-detail summary").click()
    first = page.get_by_role("group", name="When did you first notice a change?")
    which = page.get_by_role("button", name="Add a side effect")
    expect(why).to_be_hidden()
    expect(which).to_be_hidden()

    page.get_by_label("stopped early").check()
    expect(why).to_be_visible()
    page.get_by_label("too early to tell").check()
    expect(first).to_be_hidden()
    overall = page.get_by_role("group", name="How bad were the side effects?")
    overall.get_by_label("none").check()
    expect(which).to_be_hidden()
    overall.get_by_label("mild").check()
    expect(which).to_be_visible()


def test_an_answer_can_be_taken_back(open_browser: Open) -> None:
    page = open_browser()
    begin(page)
    asked = page.get_by_role("group", name="How well did it work?")
    expect(asked.get_by_label("No answer")).to_be_hidden()

    asked.get_by_label("slightly").check()
    asked.get_by_label("No answer").check()

    expect(asked.get_by_label("slightly")).not_to_be_checked()


# --- Side effects ---


@pytest.mark.parametrize("size", [PHONE, WIDE])
def test_side_effects_are_buttons_and_any_other_can_be_added(open_browser: Open, size: tuple[int, int]) -> None:
    page = open_browser(size=size)
    begin(page)
    to_first_treatment(page)
    page.get_by_label("Treatment", exact=True).fill("Imiquimod")
    people.onward(page)
    people.onward(page)
    page.get_by_role("group", name="How bad were the side effects?").get_by_label("moderate").check()

    itch = page.get_by_role("button", name="Itch", exact=True)
    itch.click()
    expect(itch).to_have_attribute("aria-pressed", "true")
    chosen = page.get_by_role("group", name="Itch", exact=True)
    expect(chosen.get_by_label("moderate")).to_be_checked()
    for name in ("Blistering", "Swelling"):
        page.get_by_role("button", name="Add a side effect").click()
        expect(page.locator("input[name$='-effect'][type=text]:focus")).to_have_value("")
        page.keyboard.type(name)
        page.keyboard.press("Escape")
    expect(page.locator(".side-effect:visible")).to_have_count(3)

    if size == PHONE:
        # A side effect needs to be said how bad it was.
        people.onward(page)
        expect(page.get_by_text("Choose how bad it was").first).to_be_visible()
    for number in (2, 3):
        page.get_by_role("group", name=f"Side effect {number}", exact=True).get_by_label("severe").check()
    itch.click()
    expect(chosen).to_have_count(0)
    people.onward(page)
    page.get_by_label("Publish my story").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text("moderate side effects: blistering, swelling")


def test_without_javascript_there_is_a_button_for_one_more_side_effect(open_browser: Open) -> None:
    page = open_browser(javascript=False)
    begin(page)
    expect(page.get_by_label("Side effect", exact=True)).to_have_count(2)
    page.get_by_label("Side effect", exact=True).first.fill("Itch")

    page.get_by_role("button", name="Add a side effect").click()

    expect(page.get_by_label("Side effect", exact=True)).to_have_count(3)
    expect(page.get_by_label("Side effect", exact=True).first).to_have_value("Itch")


# --- Drafts, and after sending ---


def test_a_draft_is_offered_and_a_visitor_is_told_why_they_need_an_account(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    page.goto("/stories/new")
    expect(page.get_by_role("main").get_by_role("link")).to_have_text(["Create account", "Log in"])
    begin(page)
    page.get_by_label("Title").fill("A long summer")
    expect(page.get_by_text(SAVED_AS_DRAFT)).to_be_visible()

    page.goto("/stories/new")
    page.get_by_role("link", name="Carry on with ‘A long summer’").click()

    expect(page.get_by_label("Title")).to_have_value("A long summer")


def test_a_story_that_was_sent_leads_to_others_of_its_condition(open_browser: Open) -> None:
    story, page = Telling(), open_browser(size=PHONE)
    people.create_account(page)

    people.tell(page, story)

    expect(page.get_by_role("heading", name="Thank you for sharing your story")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("article").first).to_contain_text("Warts")


def test_without_javascript_everything_is_asked_on_one_page(open_browser: Open) -> None:
    page = open_browser(javascript=False, size=PHONE)
    begin(page)

    for label in ("Title", "Condition", "Treatment", "Publish my story"):
        expect(page.get_by_label(label, exact=True)).to_be_visible()
    expect(page.locator(".steps-bar")).to_be_hidden()
    expect(page.get_by_role("group", name="Why did you stop early?")).to_be_visible()
    expect(page.get_by_role("button", name="Send for review")).to_be_visible()
    expect(page.get_by_role("button", name="Bold")).to_be_hidden()


# --- The words ---


def test_words_and_characters_are_counted_as_the_site_counts_them(open_browser: Open) -> None:
    page = open_browser()
    begin(page)

    page.get_by_label("Your story").fill("  Zwei Wörter, 👍🏽\r\n\r\nund mehr. ")

    expect(page.locator("[data-count-of=body]")).to_have_text("Words: 5. Characters: 26 of 20,000.")


def test_the_marks_are_put_around_the_chosen_words(open_browser: Open) -> None:
    page = open_browser()
    begin(page)
    field = page.get_by_role("textbox", name="Your story")
    field.fill("very slowly")
    field.select_text()

    page.get_by_role("toolbar").first.get_by_role("button", name="Bold").click()

    expect(field).to_have_value("**very slowly**")


def test_the_marks_are_reached_by_keyboard(open_browser: Open) -> None:
    page = open_browser()
    begin(page)
    field = page.get_by_role("textbox", name="Your story")
    bar = page.get_by_role("toolbar").first
    mark = {name: bar.get_by_role("button", name=name, exact=True) for name in ("Bold", "Italic", "Quote", "List")}
    field.fill("very slowly")
    field.select_text()

    field.press("Shift+Tab")
    expect(mark["Bold"]).to_be_focused()
    for key, name in (
        ("ArrowRight", "Italic"),
        ("End", "List"),
        ("ArrowRight", "Bold"),
        ("ArrowLeft", "List"),
        ("Home", "Bold"),
        ("ArrowRight", "Italic"),
    ):
        page.keyboard.press(key)
        expect(mark[name]).to_be_focused()
    assert [mark[name].get_attribute("tabindex") for name in mark] == ["-1", "0", "-1", "-1"]

    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    expect(field).to_have_value("_very slowly_")
    # The toolbar is one tab stop: the button that was used last.
    field.press("Shift+Tab")
    expect(mark["Italic"]).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_label("Title")).to_be_focused()


# --- Privacy hints ---

NAMED = "I saw Dr Miller in spring, and Dr Miller said to wait. Some nights I wanted to kill myself."


@pytest.mark.parametrize("size", [PHONE, WIDE])
def test_the_margin_comes_while_typing_and_replaces_in_place(open_browser: Open, size: tuple[int, int]) -> None:
    page = open_browser(size=size)
    begin(page)
    field = page.get_by_role("textbox", name="Your story")
    field.fill(NAMED)
    hints = page.locator("#privacy-hints")
    expect(hints.locator("q")).to_have_text(["Dr Miller", "Dr Miller"])
    expect(page.get_by_text("116 123")).to_be_visible()

    hints.get_by_role("button").nth(1).click()

    expect(hints.locator("q")).to_have_text(["Dr Miller"])
    words = field.input_value()
    assert words.startswith("I saw Dr Miller in spring, and ")
    assert words.count("Dr Miller") == 1
    assert len(page.locator("form#story-form #privacy-hints").all()) == (1 if size == PHONE else 0)


def test_on_a_phone_the_marks_stand_at_their_text_and_are_counted_at_the_end(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    begin(page)
    page.get_by_role("textbox", name="Your story").fill(NAMED)
    page.get_by_label("Title").fill("A long summer")
    people.onward(page)
    page.get_by_label("Condition", exact=True).fill("warts")
    people.onward(page)
    # Somebody who goes on quickly still sees the help lines.
    expect(page.get_by_text("116 123")).to_be_visible()
    page.get_by_label("Treatment", exact=True).fill("Imiquimod")
    for _ in range(3):
        people.onward(page)
    advice = page.get_by_label("Advice to someone starting out")
    page.get_by_text("Add advice for someone starting out").click()
    advice.fill("Ask for Nurse Odette.")
    expect(page.locator("#privacy-hints-advice q")).to_have_text(["Nurse Odette"])
    expect(page.locator("#privacy-hints")).to_be_hidden()

    before = page.get_by_role("region", name="Before you send it")
    expect(before).to_contain_text("2 details in your story might identify someone")
    before.get_by_role("link", name="1 detail in your advice might identify someone").click()
    expect(page.locator("#privacy-hints-advice")).to_be_focused()
    page.get_by_role("button", name="Write ‘the nurse’ instead").click()

    expect(advice).to_have_value("Ask for the nurse.")
    expect(advice).to_be_focused()
    expect(before.get_by_role("link")).to_have_text(["2 details in your story might identify someone"])


def test_help_lines_stay_in_sight_on_a_phone_and_can_be_folded_up(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    begin(page)
    field = page.get_by_role("textbox", name="Your story")
    field.fill("\n".join(["It itched all summer."] * 30))
    expect(page.locator("#help")).to_be_hidden()
    field.press("Control+End")

    field.press_sequentially(" Some nights I wanted to kill myself.")

    line = page.get_by_role("link", name="116 123")
    expect(line).to_be_visible()
    # At the end of a long text, where the keyboard covers all but a few lines.
    field.evaluate("(field) => scrollTo(0, field.getBoundingClientRect().bottom + scrollY - 300)")
    expect(line).to_be_in_viewport()
    expect(line).to_have_attribute("href", "tel:116123")
    page.locator("#help summary").click()
    expect(line).to_be_hidden()
    # The next draft that is saved does not unfold it again.
    with page.expect_response(lambda response: "/drafts" in response.url):
        field.press_sequentially(" It passed.")
    expect(line).to_be_hidden()


# --- The whole form, while the server is killed ---

STORY = Telling(treatments=("dpcp", "Cryotherapy", "Imiquimod"))
WORDS = "They painted a small square on my arm first, and we waited."


@pytest.fixture(params=[("touch", True), ("touch", False), ("keyboard", True), ("keyboard", False)], ids=str)
def author(request: pytest.FixtureRequest, browser: Browser, seeded: Path, tmp_path: Path) -> Iterator[PhoneAuthor]:
    with phone_author(browser, seeded, tmp_path / "site", *request.param) as author:
        yield author


def treat(author: PhoneAuthor, number: int) -> None:
    field = treatment(author.page, number).get_by_label("Treatment", exact=True)
    author.write(field, STORY.treatments[number - 1])


@pytest.mark.long
def test_a_story_with_three_treatments_is_told_while_the_server_is_killed(author: PhoneAuthor) -> None:
    with author.site():
        tell_the_beginning(author)
    if author.has_steps:
        # The server does not respond, and the author continues to write.
        treat(author, 2)
        expect(author.page.get_by_text("We can’t reach the site.")).to_be_visible()
    with author.site():
        if author.has_steps:
            add_another(author)
            treat(author, 3)
            author.wait_until_saved()
            take_up_again(author)
        else:
            treat(author, 2)
            author.press("Add another treatment")
            treat(author, 3)
        tell_the_end(author)


def tell_the_beginning(author: PhoneAuthor) -> None:
    page = author.page
    people.create_account(page)
    page.goto("/stories/new")
    author.write(page.get_by_label("Title"), STORY.title)
    author.write(page.get_by_label("Your story"), WORDS)
    author.next_step()
    author.write(page.get_by_label("Condition", exact=True), STORY.condition)
    author.next_step()
    treat(author, 1)
    add_another(author)
    # Without scripts this is a new page; if the server is killed before it responds, it is the browser's error page.
    expect(treatment(page, 2)).to_be_visible()


def add_another(author: PhoneAuthor) -> None:
    """Add a treatment; in steps, at the end of the one before."""
    author.next_step()
    author.next_step()
    author.press("Add another treatment")


def take_up_again(author: PhoneAuthor) -> None:
    """Close the tab and open the draft again."""
    author.close_and_open()
    page = author.page
    page.goto("/account/contributions")
    page.get_by_role("link", name=STORY.title).tap()
    expect_step(page, "Step 1 of 12: What happened")
    expect(page.get_by_label("Your story")).to_have_value(WORDS)
    assert names(page) == list(STORY.treatments)
    for _ in range(8):
        author.next_step()
    expect_step(page, "Step 9 of 12: Treatment 3")


def tell_the_end(author: PhoneAuthor) -> None:
    page = author.page
    author.press("Move treatment 3 up")
    # Without scripts this is another page, which takes its time.
    expect(page.locator(".treatment input[name$=-treatment]").nth(1)).to_have_value(STORY.treatments[2])
    assert names(page) == [STORY.treatments[0], STORY.treatments[2], STORY.treatments[1]]
    for _ in range(6):
        author.next_step()
    author.tick("Publish my story")
    author.press("Send for review")
    expect(page.get_by_text("Your story is with our moderators.")).to_be_visible()
    page.get_by_role("link", name=STORY.title, exact=True).first.tap()
    expect(page.locator(".journey__name")).to_have_text(["Diphencyprone", "Imiquimod", "Cryotherapy"])
    expect(page.locator(".story-words")).to_have_text(WORDS)
