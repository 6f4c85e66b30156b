"""Fixtures: a real server, a real Chromium, and browser contexts for the people in a test."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, expect

from tests import servers
from tests.browser import serving
from tests.browser.serving import Site

PHONE = (390, 844)
WIDE = (1280, 900)
PATIENCE_MS = 15_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demonstration site, created once for all xdist workers."""
    reason = servers.why_no_browser()
    if reason:
        pytest.skip(reason)
    here = tmp_path_factory.getbasetemp()
    shared = here.parent if os.environ.get("PYTEST_XDIST_WORKER") else here
    folder = shared / "seeded-site"
    with (shared / "seeded-site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "seed.txt").exists():  # the file that is written last
            shutil.rmtree(folder, ignore_errors=True)
            serving.seed(folder)
    return folder


@pytest.fixture(scope="session")
def site(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration site, served. One for each xdist worker, since whoever starts a process has to stop it."""
    with serving.serve_copy(seeded, tmp_path_factory.mktemp("served")) as site:
        yield site


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Browser]:
    """Chromium. Not for the whole session: other tests start Playwright too, and only one can run at a time."""
    with servers.browser() as running:
        assert running is not None, "site skips where there is none"
        yield running


class Seat:
    """A browser context with its own cookies that records what no page may do: write errors to the console, fail to
    load a part of itself, send a request to another host.
    """

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.context = context
        self.site = site
        self.wrong: list[str] = []
        context.set_default_timeout(PATIENCE_MS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.wrong.append(f"{error.page and error.page.url}: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        # A 404 or 422 for a page is not an error; parts of pages are checked in _response.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.wrong.append(f"{message.page and message.page.url}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.site.url, "data:")):
            self.wrong.append(f"asked another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and not response.request.is_navigation_request()):
            self.wrong.append(f"{response.status} for {response.url}")

    def leave(self) -> list[str]:
        """Close all pages and delete all cookies; returns what went wrong."""
        for page in self.context.pages:
            page.close()
        self.context.clear_cookies()
        wrong, self.wrong = self.wrong, []
        return wrong


class SeatPool:
    """A pool of seats, reused by the next test: creating one takes longer than reading ten pages."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser = browser
        self.site = site
        self.free: dict[bool, list[Seat]] = {True: [], False: []}
        self.taken: list[tuple[bool, Seat]] = []

    def open(self, *, javascript: bool = True, size: tuple[int, int] = WIDE, scheme: str = "light") -> Page:
        """Open a page in a browser context of its own."""
        free = self.free[javascript]
        seat = free.pop() if free else Seat(self._context(javascript), self.site)
        self.taken.append((javascript, seat))
        page = seat.context.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        return page

    def _context(self, javascript: bool) -> BrowserContext:
        return self.browser.new_context(base_url=self.site.url, java_script_enabled=javascript, locale="en-GB")

    def leave(self) -> list[str]:
        """Return all seats to the pool; returns what went wrong."""
        wrong = []
        for javascript, seat in self.taken:
            wrong += seat.leave()
            self.free[javascript].append(seat)
        self.taken.clear()
        return wrong


@pytest.fixture(scope="module")
def seats(browser: Browser, site: Site) -> SeatPool:
    """The pool of browser contexts for the site."""
    return SeatPool(browser, site)


Open = Callable[..., Page]


@pytest.fixture
def open_browser(seats: SeatPool) -> Iterator[Open]:
    """A function that opens a page in a separate browser context with its own cookies and returns the page.

    At the end of the test nothing may have gone wrong in any of them.
    """
    yield seats.open
    assert seats.leave() == []
