"""An author who writes on a phone, on a site that can be killed and restarted."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser import people, serving
from tests.browser.conftest import PATIENCE_MS, PHONE
from tests.browser.serving import Site

SAVED_AS_DRAFT = re.compile(r"Draft saved at \d")


@dataclass
class PhoneAuthor:
    """An author with a phone, who taps or uses a keyboard. `has_steps`: scripts run, and the form is in steps."""

    folder: Path
    port: int
    context: BrowserContext
    input_method: str
    has_steps: bool
    page: Page

    @contextmanager
    def site(self) -> Iterator[Site]:
        """The site, while it is running."""
        with serving.serve(self.folder, self.port, kill=True) as site:
            yield site

    def activate(self, control: Locator) -> None:
        if self.input_method == "touch":
            # At the speed of fingers: the browser takes two quick taps for a gesture, and what is typed is lost.
            self.page.wait_for_timeout(500)
            control.tap()
            return
        people.tab_to(control)

    def write(self, field: Locator, words: str) -> None:
        self.activate(field)
        # Make sure that the field has the focus; otherwise nothing would be typed.
        expect(field).to_be_focused()
        self.page.keyboard.type(words)
        expect(field).to_have_value(words)

    def press(self, name: str) -> None:
        self.activate(self.page.get_by_role("button", name=name, exact=True))
        if self.input_method == "keyboard":
            self.page.keyboard.press("Enter")

    def follow(self, name: str) -> None:
        """Follow a link."""
        with self.page.expect_navigation():
            self.activate(self.page.get_by_role("link", name=name, exact=True))
            if self.input_method == "keyboard":
                self.page.keyboard.press("Enter")

    def tick(self, label: str) -> None:
        self.activate(self.page.get_by_label(label))
        if self.input_method == "keyboard":
            self.page.keyboard.press("Space")
        expect(self.page.get_by_label(label)).to_be_checked()

    def next_step(self) -> None:
        if self.has_steps:
            self.press("Next")

    def wait_until_saved(self) -> None:
        """Wait until what is on the page has been saved."""
        with self.page.expect_response(re.compile("/drafts?$")):
            pass
        expect(self.page.get_by_text(SAVED_AS_DRAFT)).to_be_visible()

    def close_and_open(self) -> None:
        """Close the tab and open a new one."""
        self.page.close()
        self.page = self.context.new_page()


@contextmanager
def phone_author(
    browser: Browser, seeded: Path, folder: Path, input_method: str, javascript: bool
) -> Iterator[PhoneAuthor]:
    """An author with a copy of the seeded site, which the test starts and stops with `PhoneAuthor.site`."""
    shutil.copytree(seeded, folder)
    port = serving.free_port()
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{port}",
        java_script_enabled=javascript,
        locale="en-GB",
        has_touch=True,
        viewport={"width": PHONE[0], "height": PHONE[1]},
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    yield PhoneAuthor(folder, port, context, input_method, javascript, context.new_page())
    context.close()
