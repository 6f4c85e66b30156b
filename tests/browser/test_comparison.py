"""Figures in a real browser: a comparison, chosen on a phone and whole on a wide screen, and what stories add up to.

Both at any width and size of letters.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, WIDE, Open
from tests.browser.test_accessibility import findings

pytestmark = pytest.mark.browser
ADDRESS = "/articles/imiquimod-compared"
THREE = f"{ADDRESS}?condition=warts&option=cryotherapy&option=diphencyprone&option=salicylic-acid"
WIDTHS = (320, 390, 768, 1024, 1280)

# The words of what an element shows that stand on more than one line although they have no hyphen or slash.
BROKEN_WORDS = """element => {
  const broken = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.checkVisibility() || node.parentElement.closest(".visually-hidden")) continue;
    for (const match of node.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
      const range = document.createRange();
      range.setStart(node, match.index);
      range.setEnd(node, match.index + match[0].length);
      if (new Set([...range.getClientRects()].map(each => each.top)).size > 1) broken.push(match[0]);
    }
  }
  return broken;
}"""


def shown(page: Page, part: str = "#for-warts") -> list[str]:
    """The heads of the columns that are in sight."""
    return page.locator(f"{part} thead th[id]:visible").all_inner_texts()


def top(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["y"]


def scroll_to_the_end(page: Page, element: Locator) -> None:
    """Scroll until the last row of a table is in the middle of the window."""
    element.locator("tbody tr").last.evaluate("row => row.scrollIntoView({block: 'center'})")


def test_two_are_chosen_on_a_phone_and_their_names_stay(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    page.goto(ADDRESS)
    expect(page.locator("section.comparisons__part:visible")).to_have_count(1)

    page.locator(".jump").get_by_role("link", name="Warts").click()
    expect(page.locator("#for-warts")).to_be_visible()
    expect(page.locator("#for-actinic-keratosis")).to_be_hidden()
    part = page.locator("#for-warts")
    part.get_by_label("Salicylic acid").check()
    part.get_by_label("Cryotherapy").uncheck()

    assert shown(page) == ["Imiquimod", "Salicylic acid"]
    expect(page).to_have_url(re.compile(r"\?condition=warts&option=imiquimod&option=salicylic-acid#for-warts$"))
    scroll_to_the_end(page, part)
    assert 0 <= top(part.locator("thead")) < 5
    page.reload()
    assert shown(page) == ["Imiquimod", "Salicylic acid"]


def test_a_fourth_has_to_wait_until_one_goes(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    page.goto(THREE)
    part = page.locator("#for-warts")

    expect(part.get_by_label("Imiquimod")).to_be_disabled()
    expect(part.get_by_role("status")).to_contain_text("You can compare 3 at a time.")
    # Three have no room for a head that stays, so every cell says whose it is.
    assert part.locator("td:visible").first.evaluate("cell => getComputedStyle(cell, '::before').content") != "none"
    part.get_by_label("Cryotherapy").uncheck()
    expect(part.get_by_label("Imiquimod")).to_be_enabled()
    expect(part.get_by_role("status")).to_have_text("")


def test_without_a_script_the_form_does_the_same(open_browser: Open) -> None:
    page = open_browser(size=PHONE, javascript=False)
    page.goto(f"{ADDRESS}?condition=warts")
    part = page.locator("#for-warts")
    part.get_by_label("Salicylic acid").check()
    part.get_by_label("Cryotherapy").uncheck()
    part.get_by_role("button", name="Compare").click()

    expect(page).to_have_url(re.compile(r"option=imiquimod&option=salicylic-acid#for-warts$"))
    assert shown(page) == ["Imiquimod", "Salicylic acid"]
    expect(page.locator("#for-actinic-keratosis")).to_be_hidden()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_address_of_a_row_shows_the_row(open_browser: Open, javascript: bool) -> None:
    page = open_browser(size=PHONE, javascript=javascript)
    page.goto(f"{ADDRESS}#warts-row-how-it-works")

    expect(page.locator("#warts-row-how-it-works")).to_be_in_viewport()
    expect(page.locator("#for-actinic-keratosis")).to_be_hidden()


def test_an_address_of_an_option_shows_it_though_it_was_not_chosen(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    page.goto(f"{ADDRESS}#warts-option-salicylic-acid")

    expect(page.locator("#for-warts thead")).to_contain_text("Salicylic acid")
    expect(page.get_by_label("Salicylic acid")).to_be_checked()


def test_a_wide_screen_shows_everything_and_its_head_stays(open_browser: Open) -> None:
    page = open_browser(size=WIDE)
    page.goto(THREE)

    expect(page.locator("section.comparisons__part:visible")).to_have_count(page.locator(".jump li").count())
    part = page.locator("#for-warts")
    assert len(shown(page)) == part.locator("thead th[id]").count() > 3
    scroll_to_the_end(page, part)
    assert 0 <= top(part.locator("thead th").last) < 5


def test_in_a_narrower_window_the_table_scrolls_in_its_box_and_its_edges_stay(open_browser: Open) -> None:
    page = open_browser(size=(768, 1000))
    page.goto(ADDRESS)
    box = page.locator("#for-warts .comparison-box")
    box.scroll_into_view_if_needed()
    box.evaluate("box => box.scrollTo(300, box.scrollHeight)")
    edges = box.bounding_box()
    corner = box.locator("thead th").first.bounding_box()
    row = box.locator("tbody th").last.bounding_box()
    assert edges is not None
    assert corner is not None
    assert row is not None
    assert box.evaluate("box => box.scrollLeft") > 100
    assert (round(corner["x"]), round(corner["y"])) == (round(edges["x"]), round(edges["y"]))
    assert round(row["x"]) == round(edges["x"])


@pytest.mark.parametrize("letters", [100, 200])
def test_no_window_is_too_narrow_and_no_word_is_broken(open_browser: Open, letters: int) -> None:
    page = open_browser()
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for address in (f"{ADDRESS}?condition=warts", THREE):
            page.goto(address)
            page.evaluate("size => document.documentElement.style.fontSize = `${size}%`", letters)
            needed = page.evaluate("document.documentElement.scrollWidth")
            if needed > width:
                found.append(f"{address} at {width} px takes {needed}")
            broken = page.locator("#for-warts").evaluate(BROKEN_WORDS)
            found += [f"{address} at {width} px breaks {word}" for word in broken]

    assert found == []


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (WIDE, "light")])
def test_axe_finds_nothing_in_what_was_chosen(open_browser: Open, size: tuple[int, int], scheme: str) -> None:
    page = open_browser(size=size, scheme=scheme)
    page.goto(THREE)

    assert findings(page) == []


@pytest.mark.parametrize("letters", [100, 200])
def test_what_the_stories_add_up_to_needs_no_wider_window(open_browser: Open, letters: int) -> None:
    page = open_browser()
    page.goto("/topics/warts")
    page.evaluate("size => document.documentElement.style.fontSize = `${size}%`", letters)
    page.evaluate("for (const details of document.querySelectorAll('#outcomes details')) details.open = true")
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        # What is not in the table's own box, and is drawn.
        ends = page.locator("#outcomes :not(.table-box *, .visually-hidden, svg *)").evaluate_all(
            "elements => Math.max(...elements.map(each => each.getBoundingClientRect().right))"
        )
        found += [f"{ends} at {width} px"] if ends > width + 1 else []

    assert found == []


def test_an_answer_is_told_by_its_dots_where_colours_are_forced(open_browser: Open) -> None:
    page = open_browser(size=PHONE)
    page.emulate_media(forced_colors="active")
    page.goto("/topics/warts")

    dots = page.locator(".sum__bar [data-effect=very_well] circle")
    expect(dots).not_to_have_count(0)
    assert dots.count() % 3 == 0
    expect(dots.first).to_be_visible()
    background = page.locator(".sum__bar rect").first.evaluate("rect => getComputedStyle(rect).fill")
    assert dots.first.evaluate("dot => getComputedStyle(dot).fill") != background
    filled = "dots => dots.map(dot => getComputedStyle(dot).borderTopWidth)"
    keys = [tuple(answer.locator("i").evaluate_all(filled)) for answer in page.locator(".legend li").all()]
    assert len(set(keys[:4])) == 4
