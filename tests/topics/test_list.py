"""The list of topics: whole while it is short, else by letter, by kind and by name."""

from __future__ import annotations

import pytest
from flask import Flask

from app.foundation import events
from app.foundation.database import transaction
from app.moderation.decisions import decisions
from app.search.results import topic_lists
from app.topics.models import TopicKind
from tests.client import Page, StrictClient
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator
from tests.factories.stories import a_published_story
from tests.statements import cost

MOST_STATEMENTS = 12


@pytest.fixture
def many(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A site with as many topics as have to be chosen from."""
    monkeypatch.setattr(topic_lists, "MIN_FILTERED", 5)
    monkeypatch.setattr(topic_lists, "PER_PAGE", 2)
    with app.app_context():
        with transaction():
            a_topic("Acne", page="About acne.")
            a_topic("Écthyma", page="About sores.")
            for name, stories in (("Alopecia", 3), ("atopic eczema", 1), ("Angioma", 1)):
                for _each in range(stories):
                    a_published_story(condition=a_topic(name, TopicKind.CONDITION, f"{name} simplex"))
            a_topic("5-FU", TopicKind.TREATMENT, page="A cream.")
            a_topic("Aardvark bite")
        events.drain_all()
    return app


def listed(page: Page) -> list[str]:
    return page.texts(".topic-index li")


def test_a_short_list_is_shown_whole(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_topic("Warts", page="About warts.")
        a_topic("Acne", page="About acne.")
        a_topic("Verrucas")
        a_published_story(condition="Rosacea")
    page = client.get_page("/topics?letter=w&kind=treatment&q=x")
    assert page.texts("h2") == ["Conditions", "Treatments"]
    assert page.texts(".topic-list a") == ["Acne", "Rosacea", "Warts", "Imiquimod"]
    assert not page.select(".letters")


def test_there_are_no_topics_yet(client: StrictClient) -> None:
    assert "There are no topics yet." in client.get_page("/topics").text


@pytest.mark.usefixtures("many")
def test_a_long_list_begins_with_what_most_stories_tell_of(client: StrictClient) -> None:
    page = client.get_page("/topics")
    assert listed(page)[:2] == ["Imiquimod 5 stories", "Alopecia 3 stories"]
    assert page.texts(".tabs a") == ["All 7", "Conditions 5", "Treatments 2"]
    assert page.texts(".letters a") == ["A", "E", "I", "0–9, other"]
    conditions = client.click(page, "Conditions 5")
    assert listed(conditions) == ["Alopecia 3 stories", "Angioma 1 story", "atopic eczema 1 story"]
    assert conditions.texts(".letters a") == ["A", "E"]


@pytest.mark.usefixtures("many")
def test_a_letter_has_pages(client: StrictClient) -> None:
    page = client.click(client.get_page("/topics?kind=condition"), "A")
    assert page.texts("h2") == ["A"]
    assert listed(page) == ["Acne", "Alopecia 3 stories"]
    assert page.texts(".letters [aria-current]") == ["A"]
    assert listed(client.click(page, "Next page")) == ["Angioma 1 story", "atopic eczema 1 story"]
    # Accents count for nothing, as everywhere in names.
    assert listed(client.get_page("/topics?letter=e")) == ["Écthyma"]
    assert listed(client.get_page("/topics?letter=other")) == ["5-FU"]
    assert listed(client.get_page("/topics?letter=other&kind=condition")) == []
    assert client.get_page("/topics?kind=concept").texts(".tabs [aria-current]") == []


@pytest.mark.usefixtures("many")
def test_a_name_is_found_by_its_beginning(client: StrictClient) -> None:
    form = client.get_page("/topics?kind=condition").form("Find topics").fill("Name of a topic", "ATOP")
    page = client.submit(form)
    assert page.texts("h2") == ["1 topic matching “ATOP”"]
    assert listed(page) == ["atopic eczema 1 story"]
    assert page.form("Find topics").value("Name of a topic") == "ATOP"
    # By any of its names, and by a word within.
    assert listed(client.get_page("/topics?q=simp")) == [
        "Angioma (Angioma simplex) 1 story",
        "Alopecia (Alopecia simplex) 3 stories",
    ]
    assert listed(client.get_page("/topics?q=eczema")) == ["atopic eczema 1 story"]


@pytest.mark.usefixtures("many")
def test_a_name_that_is_not_there_leads_to_search_and_to_the_editors(client: StrictClient) -> None:
    page = client.get_page("/topics?q=aardvark")
    assert listed(page) == []
    form = client.click(page, "Ask our editors to add a topic").form("Send request")
    assert form.value("Topic") == "aardvark"
    assert client.click(page, "Search the whole site").h1 == "Search for “aardvark”"


@pytest.mark.parametrize("query", ["letter=AB", "letter=%", "letter=", "kind=x", "q=%00", "q=%25", "page=99999", "q=-"])
@pytest.mark.usefixtures("many")
def test_what_makes_no_sense_is_no_filter(client: StrictClient, query: str) -> None:
    assert client.get_page(f"/topics?{query}").texts(".tabs a")[0].startswith("All")


def test_what_was_hidden_leaves_the_list_at_once(many: Flask, client: StrictClient) -> None:
    with many.app_context(), transaction():
        story = a_published_story(condition="Angioma")
        decisions.hide(a_moderator(), story, "privacy")
    assert "Angioma 1 story" in listed(client.get_page("/topics?letter=a&page=2"))


def test_without_an_index_there_are_no_numbers(
    app: Flask, client: StrictClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic_lists, "MIN_FILTERED", 2)
    with app.app_context(), transaction():
        a_published_story(condition="Acne")
    assert "Choose a letter" in client.get_page("/topics").text
    assert listed(client.get_page("/topics?letter=a")) == ["Acne"]


def test_a_long_list_costs_few_statements(many: Flask, client: StrictClient) -> None:
    for query in ("", "?kind=condition", "?letter=a", "?q=a"):
        assert cost(many, client, f"/topics{query}") <= MOST_STATEMENTS


def test_the_list_on_both_databases(either_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic_lists, "MIN_FILTERED", 2)
    with either_app.app_context():
        with transaction():
            a_published_story(condition="Acne")
        events.drain_all()
    client = either_app.test_client()
    for query in ("", "?kind=condition", "?letter=a", "?letter=a&kind=condition", "?q=ac"):
        assert "Acne 1 story" in listed(client.get_page(f"/topics{query}")), query
    assert client.get("/search/suggest?q=acn").get_json()["suggestions"][0]["title"] == "Acne"
