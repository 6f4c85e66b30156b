"""A long thread in a real browser: a comment's address leads to the comment, on a phone and without JavaScript."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import serving
from tests.browser.conftest import PHONE, Open, SeatPool
from tests.browser.serving import Site

pytestmark = pytest.mark.browser
FIRST = 5_001

# Seventy threads under a topic, and a hundred and thirty answers to the last of them.
LONG_THREAD = f"""
CREATE TEMP TABLE added AS
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199)
SELECT {FIRST} + i AS id, i, CASE WHEN i < 70 THEN NULL ELSE {FIRST + 69} END AS parent,
       strftime('%Y-%m-%d %H:%M:%S', 'now', '-1 hour', '+' || i || ' seconds') || '.000000' AS at FROM n;
INSERT INTO comments
       (id, author_id, topic_id, parent_id, live_revision_id, state, published_at, created_at, is_invented)
SELECT id, (SELECT min(id) FROM people), (SELECT id FROM topics WHERE slug = 'warts'), parent, NULL,
       'published', at, at, 1 FROM added;
INSERT INTO comment_revisions (id, comment_id, number, state, renderer_version, body_source, body_html, created_at)
SELECT id, id, 1, 'approved', 1, 'words', '<p>The words of comment ' || i || '.</p>', at FROM added;
UPDATE comments SET live_revision_id = id WHERE id >= {FIRST};
INSERT INTO comment_ancestors (comment_id, ancestor_id) SELECT id, parent FROM added WHERE parent IS NOT NULL;
"""


@pytest.fixture(scope="module")
def site(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A separate site with a long thread."""
    folder = tmp_path_factory.mktemp("threads") / "site"
    shutil.copytree(seeded, folder)
    with closing(sqlite3.connect(next(folder.glob("*.sqlite*")))) as connection:
        connection.executescript(LONG_THREAD)
    with serving.serve(folder) as site:
        yield site


@pytest.fixture(scope="module")
def seats(browser: Browser, site: Site) -> SeatPool:
    """The pool of browser contexts for this site."""
    return SeatPool(browser, site)


def lands_on(page: Page, comment: int) -> None:
    page.goto(f"/comments/{FIRST + comment}")
    found = page.locator(f"#comment-{FIRST + comment}")
    expect(found).to_contain_text(f"The words of comment {comment}.")
    expect(found).to_be_in_viewport()
    expect(found).to_be_focused()
    assert found.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("javascript", [True, False])
def test_the_address_of_a_comment_leads_to_it(open_browser: Open, javascript: bool) -> None:
    page = open_browser(javascript=javascript, size=PHONE)

    for comment in (3, 55, 69, 100, 195):
        lands_on(page, comment)

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.comment').id") == f"comment-{FIRST + 195}"
    page.get_by_role("link", name="Read the whole discussion").click()
    expect(page.locator(f"#comment-{FIRST + 69}")).to_be_in_viewport()
    page.get_by_role("link", name="Earlier comments").first.click()
    expect(page.locator("#comments")).to_be_in_viewport()
