"""Somebody who writes on a phone, on a site that can be killed and started again."""

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

KEPT = re.compile(r"Kept as a draft at \d")


@dataclass
class Teller:
    """Somebody with a phone, who taps or uses a keyboard. `steps`: scripts run, so the form is shown in steps."""

    folder: Path
    port: int
    context: BrowserContext
    by: str
    steps: bool
    page: Page

    @contextmanager
    def site(self) -> Iterator[Site]:
        """The site, while it is running."""
        with serving.serve(self.folder, self.port, kill=True) as site:
            yield site

    def reach(self, control: Locator) -> None:
        if self.by == "touch":
            # At the speed of fingers: the browser takes two quick taps for a gesture, and what is typed is lost.
            self.page.wait_for_timeout(500)
            control.tap()
            return
        people.tab_to(control)

    def write(self, field: Locator, words: str) -> None:
        self.reach(field)
        # Make sure that the field has the focus; otherwise nothing would be typed.
        expect(field).to_be_focused()
        self.page.keyboard.type(words)
        expect(field).to_have_value(words)

    def press(self, name: str) -> None:
        self.reach(self.page.get_by_role("button", name=name, exact=True))
        if self.by == "keyboard":
            self.page.keyboard.press("Enter")

    def follow(self, name: str) -> None:
        """Follow a link."""
        with self.page.expect_navigation():
            self.reach(self.page.get_by_role("link", name=name, exact=True))
            if self.by == "keyboard":
                self.page.keyboard.press("Enter")

    def tick(self, label: str) -> None:
        self.reach(self.page.get_by_label(label))
        if self.by == "keyboard":
            self.page.keyboard.press("Space")
        expect(self.page.get_by_label(label)).to_be_checked()

    def onward(self) -> None:
        if self.steps:
            self.press("Next")

    def kept(self) -> None:
        """Wait until what is on the page has been saved."""
        with self.page.expect_response(re.compile("/drafts?$")):
            pass
        expect(self.page.get_by_text(KEPT)).to_be_visible()

    def close_and_open(self) -> None:
        """Close the tab and open a new one."""
        self.page.close()
        self.page = self.context.new_page()


@contextmanager
def at_a_phone(browser: Browser, seeded: Path, folder: Path, by: str, javascript: bool) -> Iterator[Teller]:
    """Somebody on a copy of the seeded site, which they start and stop."""
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
    yield Teller(folder, port, context, by, javascript, context.new_page())
    context.close()
