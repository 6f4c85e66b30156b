"""The search page, as readers use it."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts.models import Origin
from app.foundation import clock
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories import a_person, a_published_comment, a_published_story, a_topic, an_article
from tests.search.asking import published

FILLER = "It was a long year and we tried one thing after the other until the summer came."


@pytest.fixture
def reader(app: Flask, client: StrictClient) -> StrictClient:
    """Somebody without an account, on a site with something of every kind."""
    with app.app_context(), published():
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
    page = reader.get_page("/search?q=painted")
    assert set(page.texts(".result__kind")) == {"Story", "Topic", "Article", "Comment"}
    assert "They painted it on." in page.text
    assert page.texts(".results mark").count("painted") >= 4
    assert page.texts(".results .effect") == ["moderately"]
    assert "by quietfern" in page.text
    assert page.select(".results time")


def test_kinds_are_links_with_counts(reader: StrictClient) -> None:
    page = reader.get_page("/search?q=painted")
    assert page.texts(".tabs a") == ["Everything 4", "Stories 1", "Topics 1", "Articles 1", "Comments 1"]
    stories = reader.click(page, "Stories 1")
    assert stories.texts(".result__title") == ["Painted weekly"]
    assert stories.texts(".tabs a[aria-current]") == ["Stories 1"]
    assert "1 result." in stories.text
    # The kind stays when the words change.
    assert reader.submit(stories.form("Search").fill("Search", "froze")).texts(".result__title") == ["Frozen"]


def test_filters_are_lists_of_what_stories_tell_of(reader: StrictClient) -> None:
    form = reader.get_page("/search").form("Search")
    assert form.labels == ["Search", "Condition", "Treatment"]
    page = reader.submit(form.fill("Search", "summer").choose("Treatment", "Diphencyprone"))
    assert set(page.texts(".result__title")) == {"Diphencyprone", "Painted weekly"}
    assert page.form("Search").value("Treatment") == "Diphencyprone"


def test_filters_alone_list_the_newest(reader: StrictClient) -> None:
    page = reader.get_page("/search?condition=warts&kind=story")
    assert page.h1 == "Newest about Warts"
    assert page.texts(".result__title") == ["Frozen", "Painted weekly"]


def test_pages_are_linked(app: Flask, client: StrictClient) -> None:
    with app.app_context(), published():
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
    assert "Nothing was found." in page.text
    assert reader.click(page, "Diphencyprone").h1 == "Diphencyprone"


def test_an_unknown_filter_is_told(reader: StrictClient) -> None:
    page = reader.get_page("/search?q=painted&condition=gone&kind=person")
    assert "There is nothing called gone, person to filter by here." in page.text
    assert page.texts(".result__title") == []


def test_what_holds_no_word_is_told(reader: StrictClient) -> None:
    assert "There was no word to look for." in reader.get_page("/search?q=%2A+%3F").text


def test_a_long_query_is_told_to_be_shortened(reader: StrictClient) -> None:
    for query in ("painted+" * 40, f"painted+{'x' * 200}"):
        assert "only its beginning was used" in reader.get_page(f"/search?q={query}").text


def test_invented_stories_are_marked(app: Flask, client: StrictClient) -> None:
    with app.app_context(), published():
        author = a_person()
        author.origin = Origin.DEMONSTRATION
        a_published_comment(a_published_story(author, title="Invented", body=FILLER), author, body="The summer!")
        a_published_story(title="Real", body=FILLER)
    page = client.get_page("/search?q=summer")
    assert page.texts(".badge--invented") == ["Invented for demonstration"] * 2
    assert client.get_page('/search?q="Real"').texts(".badge--invented") == []


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
    with app.app_context(), published(), clock.at(clock.now().replace(year=2021, month=3, day=14)):
        a_published_story(title="Told", body=FILLER)
    assert "14 March 2021" in client.get_page("/search?q=summer").text
