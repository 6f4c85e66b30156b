"""Actions of people in a browser, found by the words on buttons and labels."""

from __future__ import annotations

import re
import secrets
import string
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

from tests.browser.serving import Account

PASSWORD = "plum bucket sailing tuesday"
NARROW = 992  # below this width, the links of the account are in a sheet
SOON = 15


def a_word() -> str:
    """A word that occurs in no other text."""
    return "zq" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(9))


@dataclass
class Telling:
    """A story as somebody types it. Its text contains neither what is typed for the treatments nor their names."""

    word: str = field(default_factory=a_word)
    condition: str = "warts"
    treatments: tuple[str, ...] = ("dpcp", "Ruxolitinib cream")

    @property
    def title(self) -> str:
        """The text of links to it."""
        return f"My {self.word} summer"

    @property
    def body(self) -> str:
        """Its text, which contains the word as well."""
        return f"They painted a small square on my arm first.\n\nThen we waited, {self.word}, for two long weeks."


def create_account(page: Page) -> str:
    """Create an account with the form; returns the user name."""
    username = a_word()
    page.goto("/register")
    fill_registration(page, username)
    page.get_by_role("button", name="Create account").click()
    own_place(page).wait_for()
    return username


def fill_registration(page: Page, username: str) -> None:
    """Fill in the form for a new account."""
    page.get_by_label("User name").fill(username)
    page.get_by_label("Email").fill(f"{username}@example.org")
    page.get_by_label("Password").fill(PASSWORD)


def log_in(page: Page, account: Account) -> None:
    """Log in with an existing account."""
    page.goto("/login")
    page.get_by_label("User name").fill(account.username)
    page.get_by_label("Password").fill(account.password)
    page.get_by_role("button", name="Log in").click()
    own_place(page).wait_for()


def is_narrow(page: Page) -> bool:
    """Whether the window is as narrow as a phone."""
    return page.viewport_size is not None and page.viewport_size["width"] < NARROW


def own_place(page: Page) -> Locator:
    """The element in the header for the person logged in, which is marked when something is new."""
    if is_narrow(page):
        return page.get_by_role("button", name=re.compile("^Menu"))
    return page.get_by_role("banner").get_by_role("link", name=re.compile("^Your contributions"))


def account_link(page: Page, name: str) -> Locator:
    """A link for the person logged in: in the header, or on a phone in the sheet opened by 'Menu'."""
    link = page.get_by_role("banner").get_by_role("link", name=re.compile(f"^{name}"))
    if is_narrow(page):
        own_place(page).wait_for()
        if not link.is_visible():
            own_place(page).click()
    return link


def marks_news(page: Page) -> bool:
    """Whether the header shows, visibly and to screen readers, that there is one new notice."""
    own_place(page).wait_for()
    mark = own_place(page).locator(".count")
    return mark.is_visible() and "1 unread notice" in (mark.text_content() or "")


def fill_story(page: Page, story: Telling) -> None:
    """Fill in the form 'Share your story', adding each treatment after the first with the button."""
    page.get_by_label("Title").fill(story.title)
    page.get_by_label("Your story").fill(story.body)
    onward(page)
    page.get_by_label("Condition", exact=True).fill(story.condition)
    onward(page)
    for number, treatment in enumerate(story.treatments, 1):
        if number > 1:
            page.get_by_role("button", name="Add another treatment").click()
        tried = page.get_by_role("group", name=f"Treatment {number}", exact=True)
        tried.get_by_label("Treatment", exact=True).fill(treatment)
        tried.get_by_label("Treatment", exact=True).blur()  # whose suggestions would cover the answers below
        tried.get_by_label("moderately").check()
        onward(page)
        onward(page)
    onward(page)
    page.get_by_label("Publish my story").check()


def tab_to(control: Locator) -> None:
    """Move the focus to a control with the keyboard only."""
    for _ in range(80):
        if control.evaluate("control => control === document.activeElement"):
            return
        control.page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {control}")


def onward(page: Page) -> None:
    """Go to the next step of the form, if it is shown in steps."""
    page.wait_for_load_state()  # the steps exist only once the scripts have run
    button = page.get_by_role("button", name="Next", exact=True)
    if button.is_visible():
        button.click()


def tell(page: Page, story: Telling) -> str:
    """Write a story and send it; returns its address from 'Your contributions'."""
    account_link(page, "Share your story").click()
    fill_story(page, story)
    page.get_by_role("button", name="Send for review").click()
    link = page.get_by_role("link", name=story.title, exact=True)
    return link.get_attribute("href") or ""


def standing(page: Page, title: str) -> Locator:
    """The entry of a contribution under 'Your contributions'."""
    if not page.url.endswith("/account/contributions"):
        account_link(page, "Your contributions").click()
    return page.get_by_role("main").get_by_role("listitem").filter(has=page.get_by_role("link", name=title, exact=True))


def open_item(page: Page, words: str) -> None:
    """Open an item of the queue by its title or first words, going through the pages until it is found."""
    account_link(page, "Moderation").click()
    link = page.get_by_role("main").get_by_role("link", name=words)
    page.get_by_role("heading", name="Moderation", level=1).wait_for()
    while not link.count():
        leaf(page)
    link.click()
    page.get_by_role("heading", name=words, level=1).wait_for()
    page.wait_for_load_state()  # its keyboard shortcuts work only now


def leaf(page: Page) -> None:
    """Go to the next page of a list."""
    with page.expect_navigation():
        page.get_by_role("link", name="Next page").click()


def approve(page: Page, words: str) -> None:
    """Find the item in the queue and approve it, as a moderator."""
    open_item(page, words)
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("Approved. It’s public now.").wait_for()


def search(page: Page, words: str) -> None:
    """Search with the field on the page."""
    page.goto("/")
    page.get_by_label("Search", exact=True).fill(words)
    page.get_by_label("Search", exact=True).press("Enter")
    quoted = words if words.startswith('"') else f"“{words}”"
    page.get_by_role("heading", name=f"Search for {quoted}").wait_for()


def finds(page: Page, words: str, title: str) -> bool:
    """Whether a search finds something with this title, on any page of the results."""
    search(page, words)
    link = page.get_by_role("main").get_by_role("link", name=title, exact=True)
    while not link.count() and page.get_by_role("link", name="Next page").count():
        leaf(page)
    return link.count() > 0


def soon(is_so: Callable[[], bool]) -> bool:
    """Whether the condition becomes true within a moment: search is updated by the worker."""
    deadline = time.monotonic() + SOON
    while not is_so():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
