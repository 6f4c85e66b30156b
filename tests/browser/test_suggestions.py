"""Suggestions while typing, with keyboard and mouse, and what a screen reader announces."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Open

pytestmark = pytest.mark.browser


@pytest.fixture
def page(open_browser: Open) -> Page:
    """The front page on a phone."""
    page = open_browser(size=PHONE)
    page.goto("/")
    return page


def test_by_keyboard(page: Page) -> None:
    field = page.get_by_role("combobox", name="Search")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press_sequentially("dpc")
    option = page.get_by_role("option", name="Diphencyprone DPCP")
    option.wait_for()
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("status").filter(has_text="suggestions.")).to_have_count(1)
    field.press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "")
    expect(field).to_be_focused()
    field.press("Enter")
    page.wait_for_url(re.compile("/topics/diphencyprone$"))


def test_without_choosing_enter_searches(page: Page) -> None:
    field = page.get_by_role("combobox", name="Search")
    field.press_sequentially("dpcp")
    page.get_by_role("option").first.wait_for()
    field.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(field).to_have_value("dpcp")
    field.press("Enter")
    page.get_by_role("heading", name="Search for “dpcp”").wait_for()


def test_by_mouse(page: Page) -> None:
    page.get_by_role("combobox", name="Search").press_sequentially("wart")
    page.get_by_role("option", name="Warts", exact=False).first.click()
    page.wait_for_url(re.compile("/topics/warts$"))


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_while_the_list_is_open(page: Page, colours: str) -> None:
    page.emulate_media(color_scheme=colours)
    page.get_by_role("combobox", name="Search").press_sequentially("acid")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate("axe.run()")["violations"]
    assert [each["id"] for each in found] == []
