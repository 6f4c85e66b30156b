"""A real server and a real Chromium, and people who sit in front of them."""

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
    """A folder with the demonstration site, made once for all of xdist's workers."""
    reason = servers.why_no_browser()
    if reason:
        pytest.skip(reason)
    here = tmp_path_factory.getbasetemp()
    shared = here.parent if os.environ.get("PYTEST_XDIST_WORKER") else here
    folder = shared / "seeded-site"
    with (shared / "seeded-site.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "seed.txt").exists():  # what is written last
            shutil.rmtree(folder, ignore_errors=True)
            serving.seed(folder)
    return folder


@pytest.fixture(scope="session")
def site(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration site, served. One for each worker: what starts a process is what ends it."""
    folder = tmp_path_factory.mktemp("served") / "site"
    shutil.copytree(seeded, folder)
    with serving.serve(folder) as site:
        yield site


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[Browser]:
    """Chromium. Not for the whole session: other tests start Playwright too, and there can be one at a time."""
    with servers.browser() as running:
        assert running is not None, "site skips where there is none"
        yield running


class Seat:
    """A browser with cookies of its own, and an eye on what no page may do: complain on the console, miss a part of
    itself, ask another host.
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
        # An answer such as 404 or 422 to a page is no fault; parts of pages are looked at in _response.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.wrong.append(f"{message.page and message.page.url}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.site.url, "data:")):
            self.wrong.append(f"asked another host: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and not response.request.is_navigation_request()):
            self.wrong.append(f"{response.status} for {response.url}")

    def leave(self) -> list[str]:
        """Close everything and forget everybody; answers what went wrong."""
        for page in self.context.pages:
            page.close()
        self.context.clear_cookies()
        wrong, self.wrong = self.wrong, []
        return wrong


class Room:
    """Seats, used again by the next test: to make one takes longer than to read ten pages."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.browser = browser
        self.site = site
        self.free: dict[bool, list[Seat]] = {True: [], False: []}
        self.taken: list[tuple[bool, Seat]] = []

    def open(self, *, javascript: bool = True, size: tuple[int, int] = WIDE, scheme: str = "light") -> Page:
        """A window in a browser of its own."""
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
        """Everybody goes home; answers what went wrong."""
        wrong = []
        for javascript, seat in self.taken:
            wrong += seat.leave()
            self.free[javascript].append(seat)
        self.taken.clear()
        return wrong


@pytest.fixture(scope="module")
def room(browser: Browser, site: Site) -> Room:
    """Where people sit."""
    return Room(browser, site)


Open = Callable[..., Page]


@pytest.fixture
def open_browser(room: Room) -> Iterator[Open]:
    """Gives a person a browser of their own, cookies and all, and answers its window.

    At the end of the test nothing may have gone wrong in any of them.
    """
    yield room.open
    assert room.leave() == []
