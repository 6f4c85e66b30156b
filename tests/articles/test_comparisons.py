"""A comparison as its readers get it: its tables, the columns they choose, and addresses that they can send on."""

from __future__ import annotations

import pytest
from flask import Flask

from app.articles.models import Article, Evidence
from app.articles.publishing import Cell, Comparison
from app.foundation.database import transaction
from app.topics.models import TopicKind
from tests.client import Page, StrictClient
from tests.client import _text as words
from tests.factories.pages import a_topic, an_article

REFERENCES = (
    {"text": "First and others, BMJ 2011", "url": "https://doi.org/10.1136/first"},
    {"text": "Second and others, a report", "url": None},
)


def a_comparison() -> Article:
    """Four treatments of warts, about which more is known the further right they stand, and two of eczema."""
    warts, eczema = a_topic("Warts"), a_topic("Eczema")
    options = [a_topic(name, TopicKind.TREATMENT) for name in ("Freezing", "Balm", "Tape", "Acid")]
    freezing, balm, tape, acid = options
    criteria = [("What it is", "In a few words."), ("How often it worked", ""), ("On the skin", "")]
    cells = [Cell(warts, option, "What it is", f"This is {option.name}.") for option in options]
    trial, series = Evidence.RANDOMISED_TRIAL, Evidence.CASE_SERIES
    cells += [
        Cell(warts, tape, "How often it worked", "of all cleared", "85%", trial, 1),
        Cell(warts, tape, "How often it worked", "in children", "16%", series, 2),
        Cell(warts, acid, "How often it worked", "cleared"),
        Cell(eczema, freezing, "What it is", "Cold."),
        Cell(eczema, balm, "What it is", "Fat."),
    ]
    comparison = Comparison(options, criteria, [warts, eczema, a_topic("Acne")], cells)
    return an_article("compared", "Treatments compared", references=REFERENCES, comparison=comparison)


@pytest.fixture
def page(app: Flask, client: StrictClient) -> Page:
    with app.app_context(), transaction():
        a_comparison()
    return client.get_page("/articles/compared")


def side_by_side(page: Page, part: str = "#for-warts") -> list[str]:
    """The options whose columns are shown on a phone."""
    shown = [words(head) for head in page.select(f"{part} thead th[id]:not(.comparison__other)")]
    ticked = [box.get("value") for box in page.select(f"{part} input[name=option][checked]")]
    if page.select(f"{part} form"):
        assert [name.lower() for name in shown] == ticked
    assert page.one(f"{part} table").get("data-shown") == str(len(shown))
    for row in page.select(f"{part} tbody tr"):
        cells = row.findall("td")
        labels = [cell.get("data-label") for cell in cells if "comparison__other" not in cell.get("class", "")]
        assert labels == shown
    return shown


# --- The tables ---


def test_what_nothing_is_known_about_is_left_out(page: Page) -> None:
    assert [words(head) for head in page.select("#for-warts thead th[id]")] == ["Freezing", "Balm", "Tape", "Acid"]
    assert [words(head) for head in page.select("#for-eczema thead th[id]")] == ["Freezing", "Balm"]
    assert [words(head) for head in page.select("#for-eczema tbody th a")] == ["What it is"]
    assert page.select("#for-acne") == []


def test_a_cell_can_hold_several_findings_each_with_its_evidence_and_source(page: Page) -> None:
    [cell] = page.select("#warts-row-how-often-it-worked td[data-label=Tape]")
    assert [words(finding) for finding in cell.findall("div")] == [
        "85% of all cleared randomised trial reference [1]",
        "16% in children case series, no control group reference [2]",
    ]
    [empty] = page.select("#warts-row-how-often-it-worked td[data-label=Balm]")
    assert words(empty) == "not checked yet"


def test_a_reference_is_a_link_with_its_own_words(page: Page) -> None:
    assert [words(item) for item in page.select(".references li")] == [
        "First and others, BMJ 2011",
        "Second and others, a report",
    ]
    [link] = page.links_in(".references")
    assert (link.text, link.address) == ("First and others, BMJ 2011", "https://doi.org/10.1136/first")


# --- Choosing ---


def test_at_first_the_two_best_known_stand_side_by_side(page: Page) -> None:
    assert side_by_side(page) == ["Tape", "Acid"]
    assert side_by_side(page, "#for-eczema") == ["Freezing", "Balm"]
    assert [part.get("id") for part in page.select("section[data-chosen]")] == ["for-warts"]
    assert page.select("link[rel=canonical]") == []


def test_the_form_chooses_options_without_a_script(client: StrictClient, page: Page) -> None:
    form = page.form("Compare (Warts)")
    assert page.one("#for-warts form").get("action") == "/articles/compared#for-warts"
    form.uncheck("Acid")
    form.check("Freezing")
    chosen = client.submit(form)

    assert chosen.url.endswith("/articles/compared?condition=warts&option=freezing&option=tape")
    assert side_by_side(chosen) == ["Freezing", "Tape"]
    assert chosen.one("link[rel=canonical]").get("href") == "http://localhost/articles/compared"
    assert words(chosen.one("#for-warts [role=status]")) == ""


def test_a_condition_is_chosen_by_a_link(client: StrictClient, page: Page) -> None:
    chosen = client.click(page, "Eczema", css=".jump a")

    assert [part.get("id") for part in chosen.select("section[data-chosen]")] == ["for-eczema"]
    assert [words(link) for link in chosen.select(".jump [aria-current]")] == ["Eczema"]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("condition=warts&option=acid", ["Acid"]),
        ("option=acid&option=freezing", ["Freezing", "Acid"]),
        ("option=acid&option=acid&option=balm", ["Balm", "Acid"]),
        ("condition=warts&option=nothing&option=balm", ["Balm"]),
        ("condition=nothing&option=nothing", ["Tape", "Acid"]),
        ("condition=eczema&option=tape", ["Tape", "Acid"]),
        ("option=%00&condition=%ff", ["Tape", "Acid"]),
        ("option=" + "x" * 3_000, ["Tape", "Acid"]),
        ("&".join(["option=balm"] * 400), ["Balm"]),
    ],
)
def test_what_is_not_known_is_ignored(client: StrictClient, page: Page, query: str, shown: list[str]) -> None:
    assert side_by_side(client.get_page(f"/articles/compared?{query}")) == shown


def test_of_more_than_three_the_first_three_are_shown_and_the_page_says_so(client: StrictClient, page: Page) -> None:
    asked = client.get_page("/articles/compared?option=acid&option=tape&option=balm&option=freezing")

    assert side_by_side(asked) == ["Freezing", "Balm", "Tape"]
    assert words(asked.one("#for-warts [role=status]")).startswith("You can compare 3 at a time.")


# --- Addresses ---


def test_each_option_and_row_has_an_address(client: StrictClient, page: Page) -> None:
    links = {link.text: str(link.element.get("href")) for link in page.links_in("#for-warts")}
    assert (links["Warts"], links["What it is"]) == ("#for-warts", "#warts-row-what-it-is")
    assert links["Balm for Warts"] == "/articles/compared?condition=warts&option=balm#warts-option-balm"
    assert links["This table as you see it (Warts)"] == (
        "/articles/compared?condition=warts&option=tape&option=acid#for-warts"
    )
    for address in links.values():
        where, _hash, fragment = address.partition("#")
        if fragment:
            assert client.get_page(where or "/articles/compared").one(f"[id='{fragment}']") is not None
    assert side_by_side(client.get_page("/articles/compared?condition=warts&option=balm")) == ["Balm"]


def test_a_guide_knows_of_no_choice(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        an_article()

    page = client.get_page("/articles/how-to-read-a-figure?condition=warts&option=acid")

    assert page.select(".comparisons, form.comparison-choice, script[src*='comparison']") == []
