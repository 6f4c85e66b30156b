"""Take screenshots of the main pages, on a phone and on a desktop, light and dark: `make screenshots`.

With `--manual`, take those in docs/moderating.md instead: `make manual`; with `--pages`, those in docs/pages.md, small
ones of what is seen first: `make page-pictures`.

Serves the demonstration site from a temporary folder and writes instance/screenshots/<page>-<size>-<scheme>.png.
"""  # noqa: INP001 - a program, not a package

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # a program that is started by its path does not find the package `tests` otherwise

from tests import servers  # noqa: E402
from tests.browser import people  # noqa: E402
from tests.browser.serving import Site, seed, serve  # noqa: E402

PICTURES = ROOT / "instance" / "screenshots"
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
SCHEMES = ("light", "dark")
READER, MEMBER, MODERATOR = "", "member", "moderator"


@dataclass(frozen=True)
class Picture:
    """A screenshot: its name, the role of the viewer, the address, and a selector of what to click there first."""

    name: str
    who: str
    address: str
    press: str | None = None


ALL = (
    Picture("front", READER, "/"),
    Picture("topic", READER, "/topics/diphencyprone"),
    Picture("topic-without-overview", READER, "/topics/vitiligo"),
    Picture("article", READER, "/articles/how-to-read-a-success-rate"),
    Picture("comparison", READER, "/articles/imiquimod-compared"),
    Picture("story", READER, "/topics/warts/stories", press="text='Eleven warts on my hands, and then none'"),
    Picture("stories", READER, "/stories"),
    Picture("stories-none", READER, "/stories?condition=warts&year=1999"),
    Picture("topic-stories", READER, "/topics/warts/stories"),
    Picture("search", READER, "/search?q=DPCP"),
    Picture("search-empty", READER, "/search?q=nothingofthekind"),
    Picture("log-in", READER, "/login"),
    Picture("form", MEMBER, "/stories/new"),
    # On a phone each of these is a step of its own; on a desktop all are the same page.
    Picture("form-condition", MEMBER, "/stories/new?step=2#what"),
    Picture("form-treatment", MEMBER, "/stories/new?step=3#treatment-1"),
    Picture("form-how-long", MEMBER, "/stories/new?step=4#treatments-0-use"),
    Picture("form-side-effects", MEMBER, "/stories/new?step=5#treatments-0-harms"),
    Picture("form-sending", MEMBER, "/stories/new?step=6#sending"),
    Picture("form-refused", MEMBER, "/stories/new?again#sending", press="button[name=send]"),
    Picture("follow-up", MEMBER, "/account/contributions", press="a[href$='/follow-up']"),
    Picture("erase", MEMBER, "/account/contributions", press="a[href$='/erase']"),
    Picture("contributions", MEMBER, "/account/contributions"),
    Picture("desk-queue", MODERATOR, "/moderation"),
    Picture("desk-item", MODERATOR, "/moderation", press=".queue a"),
    Picture("desk-report", MODERATOR, "/moderation?kind=report", press=".queue a"),
)


# The screenshots in the moderators' manual.
MANUAL = (
    Picture("queue", MODERATOR, "/moderation"),
    Picture("item", MODERATOR, "/moderation", press="text='The balm that changed everything'"),
)


def take_manual() -> int:
    """Take the screenshots of the manual into docs/pictures; returns their number."""
    with _browser_and_site() as (browser, site):
        context = browser.new_context(base_url=site.url, locale="en-GB", reduced_motion="reduce")
        page = context.new_page()
        page.set_viewport_size({"width": 1280, "height": 800})
        people.log_in(page, site.accounts[MODERATOR])
        for picture in MANUAL:
            page.goto(picture.address)
            if picture.press:
                page.locator(picture.press).first.click()
                page.wait_for_load_state()
            page.screenshot(path=ROOT / "docs" / "pictures" / f"{picture.name}.png")
        context.close()
    return len(MANUAL)


# The page types in docs/pages.md, by the names of their screenshots.
PAGES = (
    *("front", "topic", "comparison", "story", "search", "stories", "log-in"),
    *("form", "form-treatment", "form-refused", "contributions"),
    *("desk-queue", "desk-item", "desk-report"),
)


def take_pages() -> int:
    """Take small pictures of what is seen first of each page type, into docs/pictures/pages; returns their number."""
    folder = ROOT / "docs" / "pictures" / "pages"
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    with _browser_and_site() as (browser, site):
        for who in (READER, MEMBER, MODERATOR):
            context = browser.new_context(
                base_url=site.url, locale="en-GB", reduced_motion="reduce", device_scale_factor=0.6
            )
            page = context.new_page()
            if who:
                people.log_in(page, site.accounts[who])
            for picture in (each for each in ALL if each.name in PAGES and each.who == who):
                for size, (width, height) in SIZES.items():
                    page.set_viewport_size({"width": width, "height": height})
                    page.goto(picture.address)
                    if picture.press:
                        page.locator(picture.press).first.click()
                        page.wait_for_load_state()
                    for scheme in SCHEMES:
                        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
                        page.screenshot(path=folder / f"{picture.name}-{size}-{scheme}.jpg", type="jpeg", quality=60)
                        count += 1
            context.close()
    return count


def take() -> int:
    """Take the screenshots of all pages; returns their number."""
    shutil.rmtree(PICTURES, ignore_errors=True)
    PICTURES.mkdir(parents=True)
    with _browser_and_site() as (browser, site):
        return sum(_take_as(browser, site, who) for who in (READER, MEMBER, MODERATOR))


@contextmanager
def _browser_and_site() -> Iterator[tuple[Browser, Site]]:
    """A browser and the demonstration site, served. Raises ClickException where there is no browser."""
    with tempfile.TemporaryDirectory(prefix="salve-screenshots-") as parent, servers.browser() as browser:
        if browser is None:
            raise click.ClickException(str(servers.why_no_browser()))
        folder = Path(parent) / "site"
        seed(folder)
        with serve(folder) as site:
            yield browser, site


def _take_as(browser: Browser, site: Site, who: str) -> int:
    # Without motion, so that no screenshot is taken in the middle of a transition between the colour schemes.
    context = browser.new_context(base_url=site.url, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    if who:
        people.log_in(page, site.accounts[who])
    count = 0
    for picture in ALL:
        if picture.who == who:
            page.goto(picture.address)
            if picture.press:
                page.locator(picture.press).first.click()
            count += _take_everywhere(page, picture.name)
    context.close()
    return count


def _take_everywhere(page: Page, name: str) -> int:
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.screenshot(path=PICTURES / f"{name}-{size}-{scheme}.png", full_page=True)
    return len(SIZES) * len(SCHEMES)


if __name__ == "__main__":
    try:
        if "--manual" in sys.argv[1:]:
            click.echo(f"{take_manual()} pictures in docs/pictures")
        elif "--pages" in sys.argv[1:]:
            click.echo(f"{take_pages()} pictures in docs/pictures/pages")
        else:
            click.echo(f"{take()} pictures in {PICTURES}")
    except click.ClickException as error:
        sys.exit(error.message)
