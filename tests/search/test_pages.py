"""The search page, as readers use it."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts.models import Origin
from app.foundation import clock
from app.search.results import filters
from app.topics.models import TopicKind
from tests.client import Element, Page, StrictClient
from tests.factories.comments import a_published_comment
from tests.factories.pages import a_topic, an_article
from tests.factories.people import a_person
from tests.factories.stories import a_published_story
from tests.search.searching import FILLER, committed_and_indexed, publish_stories


@pytest.fixture
def reader(app: Flask, client: StrictClient) -> StrictClient:
    """Somebody without an account, on a site with something of every kind."""
    with app.app_context(), committed_and_indexed():
        treatment = a_topic("Diphencyprone", TopicKind.TREATMENT, "DPCP", page=f"It is painted on. {FILLER}")
        story = a_published_story(
            a_person("quietfern"), title="Painted weekly", body=f"They painted it on. {FILLER}", treatments=[treatment]
        )
        a_published_story(title="Frozen", body=f"They froze it off. {FILLER}", condition="Warts")
        an_article(title="Painting or freezing", body="Both are painted black.", topics=[treatment])
        a_published_comment(story, body="Mine was painted too.")
    return client


def test_a_search_from_the_front_page(reader: StrictClient) -> None:
    form = reader.get_page("/").form("Search").fill("Search", "DPCP")
    page = reader.submit(form)
    assert page.h1 == "Search for “DPCP”"
    assert page.title.startswith("Search for “DPCP”")
    assert page.texts(".result__title")[0] == "Diphencyprone"
    assert set(page.texts(".result__title")) == {"Diphencyprone", "Painted weekly", "Painting or freezing"}
    assert "Includes Diphencyprone, also called DPCP." in page.text
    assert page.form("Search").value("Search") == "DPCP"
    assert reader.click(page, "Painted weekly").h1 == "Painted weekly"


def test_results_say_what_they_are_and_why(reader: StrictClient) -> None:
    page = reader.get_page("/search?q=painted&kind=story&kind=topic&kind=article")
    assert set(page.texts(".result__kind")) == {"Story · Warts", "Topic", "Article"}
    assert "They painted it on." in page.text
    assert page.texts(".results mark").count("painted") >= 3
    assert page.texts(".results .effect") == ["moderately"]
    assert "by quietfern" in page.text
    assert page.select(".results time")


def choices(page: Page, legend: str) -> list[str]:
    """The choices of a filter as they read: 'Stories 2'."""
    groups = [group for group in page.select(".filters fieldset") if text_of(group[0]) == legend]
    return [text_of(label) for group in groups for label in group.iter("label")]


def text_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def test_kinds_are_ticks_with_counts(reader: StrictClient) -> None:
    page = reader.get_page("/search?q=painted")
    assert choices(page, "Type") == ["Stories 1", "Topics 1", "Articles 1"]
    assert "3 results." in page.text
    articles = reader.submit(page.form("Apply filters").choose("Type", "Articles"))
    assert articles.texts(".result__kind") == ["Article"]
    assert articles.form("Apply filters").value("Articles")
    both = reader.submit(articles.form("Apply filters").choose("Type", "Stories"))
    assert set(both.texts(".result__kind")) == {"Article", "Story · Warts"}
    # What was ticked stays when the words change.
    page = reader.submit(both.form("Search").uncheck("Articles").fill("Search", "froze"))
    assert page.texts(".result__title") == ["Frozen"]
    assert page.form("Search").value("Stories")


def test_filters_say_what_a_click_gives(reader: StrictClient) -> None:
    page = reader.get_page("/search?q=summer")
    assert choices(page, "Treatment") == ["Diphencyprone 2", "Imiquimod 1"]
    assert choices(page, "How well it worked") == ["moderately 2"]
    page = reader.submit(page.form("Apply filters").choose("Treatment", "Diphencyprone"))
    assert set(page.texts(".result__title")) == {"Diphencyprone", "Painted weekly"}
    assert page.form("Apply filters").value("Diphencyprone")
    # Its own choice has no say in a filter's counts; in the others' it has.
    assert choices(page, "Treatment") == ["Diphencyprone 2", "Imiquimod 1"]
    assert choices(page, "How well it worked") == ["moderately 1"]
    assert len(reader.click(page, "Remove all filters").texts(".result__title")) == 3


def test_a_filter_with_many_values_can_be_opened(app: Flask, client: StrictClient) -> None:
    with app.app_context(), committed_and_indexed():
        for number in range(15):
            for _each in range(2 if number < 12 else 1):
                a_published_story(title=f"Number {number}", body=FILLER, condition=f"Rash {number:02}")
    page = client.get_page("/search?q=summer")
    assert choices(page, "Condition") == [f"Rash {number:02} 2" for number in range(12)]

    # What was ticked and not sent yet is kept.
    opened = client.submit(page.form("Apply filters").check("Rash 03"), "and 3 more (Condition)")
    assert choices(opened, "Condition") == [f"Rash {number:02} {2 if number < 12 else 1}" for number in range(15)]
    assert opened.form("Apply filters").value("Rash 03")
    assert "more (Condition)" not in opened.text

    chosen = client.submit(opened.form("Apply filters").uncheck("Rash 03").check("Rash 14"))
    assert chosen.texts(".result__title") == ["Number 14"]
    # It is closed again, and still offers what was chosen.
    assert len(choices(chosen, "Condition")) == 12
    assert chosen.form("Apply filters").value("Rash 14")


def test_an_opened_filter_has_a_limit(app: Flask, client: StrictClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "MAX_OFFERED", 2)
    monkeypatch.setattr(filters, "MAX_OPENED", 4)
    with app.app_context(), committed_and_indexed():
        for number in range(7):
            a_published_story(title=f"Number {number}", body=FILLER, condition=f"Rash {number}")
    page = client.get_page("/search?q=summer&open=condition")
    assert choices(page, "Condition") == [f"Rash {number} 1" for number in range(4)]
    assert "and 3 more" in page.text
    assert not page.select("button[name=open]")


@pytest.mark.parametrize("name", ["", "condition", "kind", "year", "nothing", "x" * 5000, "%00"])
def test_whatever_is_to_be_opened_there_is_a_page(reader: StrictClient, name: str) -> None:
    page = reader.get_page(f"/search?q=painted&open={name}")
    assert choices(page, "Type") == ["Stories 1", "Topics 1", "Articles 1"]


def test_field_words_become_ticks(reader: StrictClient) -> None:
    page = reader.get_page("/search?q=summer+treatment:dpcp")
    assert page.h1 == "Search for “summer”"
    assert page.form("Search").value("Search") == "summer"
    assert page.form("Search").value("Diphencyprone")
    assert set(page.texts(".result__title")) == {"Diphencyprone", "Painted weekly"}


def test_the_order_is_chosen_and_kept(app: Flask, client: StrictClient) -> None:
    with app.app_context(), committed_and_indexed():
        for year in (2021, 2024):
            with clock.at(clock.now().replace(year=year)):
                a_published_story(title="Summer" if year == 2021 else "Later", body=FILLER)
    page = client.get_page("/search?q=summer")
    assert page.texts(".result__title") == ["Summer", "Later"]
    page = client.submit(page.form("Apply filters").choose("Sort by", "Newest first"))
    assert page.texts(".result__title") == ["Later", "Summer"]
    assert page.form("Search").value("Newest first")


def test_filters_alone_list_the_newest(reader: StrictClient) -> None:
    page = reader.get_page("/search?condition=warts&kind=story")
    assert page.h1 == "Newest stories about Warts"
    assert page.texts(".result__title") == ["Frozen", "Painted weekly"]


def test_pages_are_linked(app: Flask, client: StrictClient) -> None:
    with app.app_context(), committed_and_indexed():
        for number in range(25):
            a_published_story(title=f"Number {number}", body=FILLER)
    page = client.get_page("/search?q=summer&kind=story&condition=warts")
    assert "Page 1 of 2" in page.text
    second = client.click(page, "Next page")
    assert len(second.texts(".result__title")) == 5
    first = client.click(second, "Previous page")
    assert first.texts(".result__title") == page.texts(".result__title")


def test_nothing_found_leads_on(reader: StrictClient) -> None:
    page = reader.get_page("/search?q=diphencyprome")
    assert "No results." in page.text
    assert reader.click(page, "Diphencyprone").h1 == "Diphencyprone"


def test_an_unknown_filter_is_told(reader: StrictClient) -> None:
    page = reader.get_page("/search?q=painted&condition=gone&kind=person")
    assert "We don’t have a filter called person, gone." in page.text
    assert page.texts(".result__title") == []


def test_what_holds_no_word_is_told(reader: StrictClient) -> None:
    assert "Type a word or a number to search for." in reader.get_page("/search?q=%2A+%3F").text


def test_a_long_query_is_told_to_be_shortened(reader: StrictClient) -> None:
    for query in ("painted+" * 40, f"painted+{'x' * 200}"):
        assert "we used only the first part" in reader.get_page(f"/search?q={query}").text


def test_quotes_in_vain_lead_to_the_words_themselves(app: Flask, client: StrictClient) -> None:
    with app.app_context():
        publish_stories({"It burns": "A burn."})
    page = client.get_page("/search?q=“burning”&kind=story")
    assert page.h1 == "Search for “burning”"
    assert "You could also remove a filter." in page.text
    assert client.click(page, "Search without the quotes").texts(".result__title") == ["It burns"]
    nothing = client.get_page("/search?q=elephants").text
    assert "No results." in nothing
    assert "quotes" not in nothing
    assert "filter" not in nothing


def test_invented_stories_are_marked(app: Flask, client: StrictClient) -> None:
    with app.app_context(), committed_and_indexed():
        author = a_person()
        author.origin = Origin.DEMONSTRATION
        a_published_comment(a_published_story(author, title="Invented", body=FILLER), author, body="The summer!")
        a_published_story(title="Real", body=FILLER)
    for kind in ("story", "comment"):
        page = client.get_page(f"/search?q=summer&kind={kind}")
        assert page.texts(".demonstration") == ["Demonstration site: people and stories are made up."]
    assert client.get_page('/search?q="Real"').texts(".demonstration") == []


def test_search_pages_are_not_for_search_engines(reader: StrictClient) -> None:
    assert reader.get_page("/search?q=painted").one("meta[name=robots]").get("content") == "noindex"


def test_a_script_in_a_query_stays_text(reader: StrictClient) -> None:
    page = reader.get_page('/search?q=<script>alert("x")</script>&condition=<script>&kind="><script>')
    assert not [script for script in page.select("script") if "alert" in (script.text or "")]


def test_a_page_takes_few_statements(reader: StrictClient, app: Flask, statements: list[str]) -> None:
    del statements[:]
    reader.get_page("/search?q=painted&treatment=diphencyprone")
    assert len(statements) <= 12


def test_dates_are_those_of_publication(app: Flask, client: StrictClient) -> None:
    with app.app_context(), committed_and_indexed(), clock.at(clock.now().replace(year=2021, month=3, day=14)):
        a_published_story(title="Told", body=FILLER)
    assert "14 March 2021" in client.get_page("/search?q=summer").text


def test_a_topic_without_an_overview_is_a_link_above_the_results(app: Flask, client: StrictClient) -> None:
    with app.app_context(), committed_and_indexed():
        a_topic("Acne").definition = "Written by a machine."
        a_topic("Rosacea")
        a_topic("Warts", page="Stubborn.")
        for condition in ("Acne", "Warts"):
            a_published_story(title=f"About {condition}", condition=condition, body=FILLER)
    page = client.get_page("/search?q=acne")
    assert "Written by a machine" not in page.text
    assert client.click(page, "Go to the page on Acne").h1 == "Acne"
    for other in ("warts", "rosacea"):
        assert "Go to the page" not in client.get_page(f"/search?q={other}").text
