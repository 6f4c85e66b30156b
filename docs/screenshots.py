"""Pictures of the main pages, on a phone and on a desktop, light and dark: `make screenshots`.

Serves the demonstration site in a temporary folder and puts the pictures into instance/screenshots, one
`<page>-<size>-<scheme>.png` each.
"""  # noqa: INP001 - a program, no package

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # started by its path, so that the tests' server is not found otherwise

from tests import servers  # noqa: E402
from tests.browser.serving import Site, seed, serve  # noqa: E402

PICTURES = ROOT / "instance" / "screenshots"
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
SCHEMES = ("light", "dark")
STORY = "Eleven warts on my hands, and then none"

# Page, who looks at it, and where it is; None where it is found by a link.
PAGES: Mapping[str, tuple[str | None, str]] = {
    "front": (None, "/"),
    "topic": (None, "/topics/diphencyprone"),
    "comparison": (None, "/articles/imiquimod-compared"),
    "story": (None, "/topics/warts/stories"),
    "search": (None, "/search?q=DPCP"),
    "form": ("member", "/stories/new"),
    "contributions": ("member", "/account/contributions"),
    "desk-queue": ("moderator", "/moderation"),
    "desk-item": ("moderator", "/moderation?kind=story"),
}
# On the page at the address, the link that leads on to the page.
LINKS = {"story": f"a:text-is('{STORY}')", "desk-item": ".queue a"}


def take() -> int:
    """Take all pictures; answers how many."""
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="salve-screenshots-") as parent:
        folder = Path(parent) / "site"
        seed(folder)
        with serve(folder) as site, servers.browser() as browser:
            if browser is None:
                raise click.ClickException(str(servers.why_no_browser()))
            return sum(_take_as(browser, site, role) for role in (None, "member", "moderator"))


def _take_as(browser: Browser, site: Site, role: str | None) -> int:
    context = browser.new_context(base_url=site.url, locale="en-GB")
    page = context.new_page()
    if role:
        page.goto("/login")
        page.get_by_label("User name").fill(site.accounts[role].username)
        page.get_by_label("Password").fill(site.accounts[role].password)
        page.get_by_role("button", name="Log in").click()
    count = 0
    for name, (who, address) in PAGES.items():
        if who == role:
            page.goto(address)
            if name in LINKS:
                page.locator(LINKS[name]).first.click()
            count += _take_everywhere(page, name)
    context.close()
    return count


def _take_everywhere(page: Page, name: str) -> int:
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.evaluate("document.fonts.ready")
            page.screenshot(path=PICTURES / f"{name}-{size}-{scheme}.png", full_page=True)
    return len(SIZES) * len(SCHEMES)


if __name__ == "__main__":
    click.echo(f"{take()} pictures in {PICTURES}")
