"""Every kind of page: axe finds nothing in light and dark, on a phone and on a desktop; no page scrolls sideways; no
page makes requests to another host; readers get no cookie; a first visit loads little.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, Response

from tests.browser import people
from tests.browser.conftest import PHONE, WIDE, Open
from tests.browser.serving import Site

pytestmark = pytest.mark.browser

NARROWEST = (320, 640)  # the same as a window of 1280 pixels at 400 % zoom
STORY = "Eleven warts on my hands, and then none"

# Besides the default rules (WCAG 2.2 A and AA, best practices): target size 24 px, and useful experimental rules.
MORE_RULES = (
    "target-size",
    "duplicate-id",
    "css-orientation-lock",
    "focus-order-semantics",
    "label-content-name-mismatch",
    "table-fake-caption",
    "td-has-header",
)
RULES = {"resultTypes": ["violations"], "rules": {rule: {"enabled": True} for rule in MORE_RULES}}


@dataclass(frozen=True)
class Stop:
    """A page to check. With `press`, the page that follows when this button is pressed and the form is left empty."""

    name: str
    address: str
    press: str = ""
    status: int = 200


READING = (
    Stop("front", "/"),
    Stop("topics", "/topics"),
    Stop("topic", "/topics/diphencyprone"),
    Stop("topic without an overview", "/topics/vitiligo"),
    Stop("topic's stories", "/topics/warts/stories"),
    Stop("articles", "/articles"),
    Stop("article", "/articles/how-to-read-a-success-rate"),
    Stop("comparison", "/articles/imiquimod-compared"),
    Stop("stories", "/stories"),
    Stop("story with comments", "{story}"),
    Stop("search", "/search"),
    Stop("results", "/search?q=DPCP"),
    Stop("results, a filter opened", "/search?kind=story&open=side_effect#filter-side_effect"),
    Stop("no results", "/search?q=nothingofthekind"),
    Stop("guidelines", "/guidelines"),
    Stop("about", "/about"),
    Stop("missing page", "/no/such/page", status=404),
)
FORMS = (
    Stop("log in", "/login"),
    Stop("log in, refused", "/login", press="Log in", status=422),
    Stop("create account", "/register"),
    Stop("create account, refused", "/register", press="Create account", status=422),
    Stop("report", "/stories/{story_id}/report"),
)
MEMBERS = (
    Stop("story form", "/stories/new"),
    Stop("story form, condition", "/stories/new?step=2#what"),
    Stop("story form, a treatment", "/stories/new?step=3#treatment-1"),
    Stop("story form, how long", "/stories/new?step=4#treatments-0-use"),
    Stop("story form, side effects", "/stories/new?step=5#treatments-0-harms"),
    Stop("story form, sending", "/stories/new?step=6#sending"),
    Stop("story form, refused", "/stories/new?again#sending", press="Send for review", status=422),
    Stop("change a story", "{own}/edit"),
    Stop("withdraw a story", "{own}/withdraw"),
    Stop("erase a story", "/account/contributions{own}/erase"),
    Stop("follow-up form", "{told}/follow-up"),
    Stop("follow-up form, refused", "{told}/follow-up", press="Send for review", status=422),
    Stop("contributions", "/account/contributions"),
    Stop("comment form", "/comments/new/story/{story_id}"),
    Stop("comment form, refused", "/comments/new/story/{story_id}", press="Add a comment", status=422),
    Stop("story for members", "{story}"),
)
MODERATORS = (
    Stop("queue", "/moderation"),
    Stop("item: a story", "{story_item}"),
    Stop("item: a comment", "{comment_item}"),
    Stop("item: a report", "{report_item}"),
    Stop("item, refused", "{story_item}", press="Reject", status=422),
    Stop("contribution", "/moderation/stories/{story_id}"),
)


def walk(page: Page, site: Site) -> Iterator[Stop]:
    """Open every kind of page in this window, as a reader, as a member and as a moderator."""
    story = _linked(page, "/topics/warts/stories", rf'href="(/stories/\d+/[^"]+)">{STORY}')
    known = {"story": story, "story_id": story.split("/")[2]}
    for stop in READING:
        _go(page, stop, known)
        yield stop
        assert page.context.cookies() == [], f"{stop.name}: a cookie for somebody who only reads"
    for stop in FORMS:
        _go(page, stop, known)
        yield stop
    people.log_in(page, site.accounts["member"])
    known["own"] = _linked(page, "/account/contributions", r'href="(/stories/\d+)/edit"')
    known["told"] = _linked(page, "/account/contributions", r'href="(/stories/\d+)/follow-up"')
    for stop in MEMBERS:
        _go(page, stop, known)
        yield stop
    page.context.clear_cookies()
    people.log_in(page, site.accounts["moderator"])
    for kind in ("story", "comment", "report"):
        known[f"{kind}_item"] = _linked(page, f"/moderation?kind={kind}", r'href="(/moderation/\d+)')
    for stop in MODERATORS:
        _go(page, stop, known)
        yield stop


def _linked(page: Page, address: str, pattern: str) -> str:
    found = re.search(pattern, page.request.get(address).text())
    assert found, f"{address} has no {pattern}"
    return found[1]


def _go(page: Page, stop: Stop, known: dict[str, str]) -> None:
    answer = page.goto(stop.address.format_map(known))
    if stop.press:
        with page.expect_navigation() as answered:
            page.get_by_role("main").get_by_role("button", name=stop.press, exact=True).click()
        answer = answered.value
    assert answer is not None
    assert answer.status == stop.status, stop.name


def findings(page: Page) -> list[str]:
    """The problems axe finds on this page, in the colours it is shown in, with all disclosures open."""
    page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true")
    page.evaluate(AXE_SCRIPT)
    found = []
    for violation in page.evaluate("rules => axe.run(rules).then(results => results.violations)", RULES):
        nodes = "\n    ".join(f"{node['target']} {node['html'][:200]}" for node in violation["nodes"][:5])
        found.append(f"{violation['id']}: {violation['help']}\n    {nodes}")
    return found


def scrolls_sideways(page: Page) -> list[str]:
    """Whether this page scrolls sideways in the narrowest window."""
    before = page.viewport_size
    assert before is not None
    page.set_viewport_size({"width": NARROWEST[0], "height": NARROWEST[1]})
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(before)
    return [f"takes {width} of {NARROWEST[0]} px"] if width > NARROWEST[0] else []


# Opening a page takes longer than checking it, so each page is opened once and checked for everything. Hardly any
# fault is in one size and one colour scheme alone: `make test` tries two of the four combinations.
@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        pytest.param(PHONE, "light", id="phone, light"),
        pytest.param(WIDE, "dark", id="desktop, dark"),
        pytest.param(PHONE, "dark", id="phone, dark", marks=pytest.mark.long),
        pytest.param(WIDE, "light", id="desktop, light", marks=pytest.mark.long),
    ],
)
def test_no_page_has_a_fault(open_browser: Open, site: Site, size: tuple[int, int], scheme: str) -> None:
    page = open_browser(size=size, scheme=scheme)

    found = [f"{stop.name}: {each}" for stop in walk(page, site) for each in findings(page) + scrolls_sideways(page)]

    assert found == [], "\n".join(["", *found])


def test_the_account_sheet_of_a_phone_has_no_fault(open_browser: Open, site: Site) -> None:
    page = open_browser(size=PHONE)
    people.log_in(page, site.accounts["moderator"])

    people.account_link(page, "Moderation").wait_for()

    assert findings(page) == []


# --- A first visit ----------------------------------------------------------------------------------------------

MOST_COMPRESSED = 40_000
MOST_FONT = 50 * 1024


@pytest.mark.parametrize("address", ["/", "/topics/diphencyprone", "/articles/imiquimod-compared", "/search?q=DPCP"])
def test_a_first_visit_is_light(browser: Browser, site: Site, address: str) -> None:
    with closing(browser.new_context(base_url=site.url)) as nobody_was_here_before:
        page = nobody_was_here_before.new_page()
        answers: list[Response] = []
        page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright wants a function
        page.goto(address, wait_until="networkidle")
        sizes = _carried(answers)
    fonts = sizes.pop("font", [])

    assert len(fonts) <= 1
    assert sum(fonts) <= MOST_FONT
    assert {"document", "stylesheet", "script"} <= set(sizes), "or this measures nothing"
    assert sum(map(sum, sizes.values())) <= MOST_COMPRESSED, sizes


def _carried(answers: list[Response]) -> dict[str, list[int]]:
    """The size of each response in bytes, by kind; compressed, as a server would send it, except for the font."""
    carried: dict[str, list[int]] = {}
    for answer in answers:
        kind = answer.request.resource_type
        body = answer.body()
        carried.setdefault(kind, []).append(len(body if kind == "font" else gzip.compress(body, 6)))
    return carried
