"""Suggestions while somebody types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.ctx import AppContext

from app.foundation import clock
from app.foundation.contributions import publication
from app.foundation.database import db, transaction
from app.moderation.decisions import decisions
from app.search.query import suggestions
from app.stories.models import Story
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories.pages import a_topic, an_article
from tests.factories.people import a_moderator
from tests.factories.stories import a_pending_story, a_published_story
from tests.search.searching import committed_and_indexed

FILLER = "It was a long year and we tried one thing after the other until the summer came."


def suggested(client: StrictClient, typed: str) -> list[tuple[str, str]]:
    """Titles with their notes."""
    answer: Any = client.get("/search/suggest", query_string={"q": typed}).get_json()
    return [(each["title"], each["note"]) for each in answer["suggestions"]]


@pytest.fixture
def reader(app: Flask, client: StrictClient) -> StrictClient:
    """Somebody who types, on a site with topics, stories and an article."""
    with app.app_context(), committed_and_indexed():
        a_topic("Diphencyprone", TopicKind.TREATMENT, "DPCP", "diphenylcyclopropenone", page="Painted.")
        a_topic("Squaric acid dibutyl ester", TopicKind.TREATMENT, "SADBE", page="Also painted.")
        a_topic("Acid burn", page="It stings.")
        a_topic("Acidophilus", TopicKind.TREATMENT)
        a_published_story(title="Acids and patience", body=FILLER)
        a_published_story(title="Itching all winter", body=FILLER)
        an_article(title="Which acid for whom", body="A comparison.")
    return client


@pytest.mark.parametrize("typed", ["dph", "diph", "Diphén", "diphencyprone", "DIPHENC"])
def test_topics_by_the_beginning_of_their_name(reader: StrictClient, typed: str) -> None:
    assert suggested(reader, typed) == ([] if typed == "dph" else [("Diphencyprone", "Topic")])


def test_topics_by_their_other_names(reader: StrictClient) -> None:
    assert suggested(reader, "dpc") == [("Diphencyprone", "DPCP")]
    assert suggested(reader, "sad") == [("Squaric acid dibutyl ester", "SADBE")]


def test_who_types_its_own_name_is_told_of_no_other(app: Flask, client: StrictClient) -> None:
    with app.app_context(), committed_and_indexed():
        a_topic("Imiquimod", TopicKind.TREATMENT, "Imiquad", "Aldara", page="A cream.")
    assert suggested(client, "imiq") == [("Imiquimod", "Topic")]
    assert suggested(client, "imiqua") == [("Imiquimod", "Imiquad")]


def test_topics_go_before_titles_and_beginnings_before_words_within(reader: StrictClient) -> None:
    assert [title for title, _note in suggested(reader, "acid")] == [
        "Acid burn",
        "Squaric acid dibutyl ester",
        "Which acid for whom",
        "Acids and patience",
    ]


@pytest.mark.parametrize("typed", ["itc", "itching", "ITCHING A", "all winter itch", "winter wint"])
def test_titles_by_their_words(reader: StrictClient, typed: str) -> None:
    assert suggested(reader, typed) == ([] if typed == "ITCHING A" else [("Itching all winter", "Story")])


@pytest.mark.parametrize("typed", ["", " ", "*", "it", "elephant", "\x00", "%", "_", "a" * 5000, "a " * 500, "\ud800"])
def test_whatever_is_typed_there_is_an_answer(reader: StrictClient, typed: str) -> None:
    response = reader.get("/search/suggest", query_string={"q": typed.encode("utf-8", "surrogatepass")})
    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert response.headers["Cache-Control"] == "no-cache"
    assert len(response.get_json()["suggestions"]) <= suggestions.MAX_SUGGESTIONS


def test_suggestions_lead_to_pages(reader: StrictClient) -> None:
    for typed in ("dpc", "itching", "which acid"):
        answer: Any = reader.get("/search/suggest", query_string={"q": typed}).get_json()
        for each in answer["suggestions"]:
            assert reader.get_page(each["url"]).h1 == each["title"]


def test_there_are_few_and_the_newest_titles_first(context: AppContext, client: StrictClient) -> None:
    with committed_and_indexed():
        for number in range(9):
            a_topic(f"Patience {number}", page="A topic.")
        for year in range(2010, 2020):
            with clock.at(clock.now().replace(year=year)):
                a_published_story(title=f"Patience in {year}", body=FILLER)
    titles = [title for title, _note in suggested(client, "pati")]
    assert titles == [*(f"Patience {number}" for number in range(5)), *(f"Patience in {y}" for y in (2019, 2018, 2017))]


def test_topics_without_an_overview_are_suggested(context: AppContext, client: StrictClient) -> None:
    with committed_and_indexed():
        a_published_story(title="Told", body=FILLER, condition=a_topic("Rosacea", TopicKind.CONDITION, "red face"))
        a_topic("Roseola")
    assert suggested(client, "rose") == []
    assert suggested(client, "rosa") == [("Rosacea", "Topic")]
    assert suggested(client, "red") == [("Rosacea", "red face")]


def test_of_equal_topics_those_with_an_overview_and_with_more_stories_go_first(
    context: AppContext, client: StrictClient
) -> None:
    with committed_and_indexed():
        for name, stories in (("Rash of a", 1), ("Rash of the b", 3), ("Rash of the third c", 2)):
            for _each in range(stories):
                a_published_story(title="Told", body=FILLER, condition=name)
        a_topic("Rash of the very last kind", page="An overview.")
        a_topic("Itch", TopicKind.CONDITION, "rash", page="An overview.")
    titles = ["Rash of the very last kind", "Rash of the b", "Rash of the third c", "Rash of a", "Itch"]
    assert [title for title, _note in suggested(client, "rash")] == titles
    # The whole name goes before what only begins like it.
    with committed_and_indexed():
        a_published_story(title="Told", body=FILLER, condition="Rash")
    assert [title for title, _note in suggested(client, "rash")] == ["Rash", *titles[:4]]


def test_topics_without_an_overview_are_suggested_without_an_index(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_published_story(condition="Rosacea")
        a_published_story(condition="Rosettes")
    assert suggested(client, "ros") == [("Rosacea", "Topic"), ("Rosettes", "Topic")]


def hide(story: Story) -> None:
    decisions.hide(a_moderator(), story, "privacy")


def withdraw(story: Story) -> None:
    publication.withdraw(story.author, story)


@pytest.mark.parametrize("take_away", [hide, withdraw])
def test_what_was_hidden_is_not_suggested_any_more(
    context: AppContext, client: StrictClient, take_away: Callable[[Story], None]
) -> None:
    with committed_and_indexed():
        story = a_published_story(title="Secretive summer", body=FILLER)
    assert suggested(client, "secr") == [("Secretive summer", "Story")]
    with transaction():
        take_away(story)
    assert suggested(client, "secr") == []


def test_what_was_hidden_takes_nobodys_place(context: AppContext, client: StrictClient) -> None:
    with committed_and_indexed():
        stories = [a_published_story(title=f"Secretive summer {number}", body=FILLER) for number in range(10)]
    with transaction():
        for story in stories[5:]:
            hide(story)
    assert len(suggested(client, "secr")) == 5


def test_what_the_index_alone_knows_is_not_suggested(context: AppContext, client: StrictClient) -> None:
    with committed_and_indexed():
        story = a_published_story(title="Secretive summer", body=FILLER)
    with transaction():
        hide(story)
        # The row that tells the worker is lost.
        db.session.execute(db.text("DELETE FROM outbox"))
    assert suggested(client, "secr") == []


def test_what_waits_is_not_suggested(context: AppContext, client: StrictClient) -> None:
    with committed_and_indexed():
        a_pending_story(title="Secretive summer", body=FILLER)
        a_topic("Secret topic")
        a_published_story(title="Told", body=FILLER)
    assert suggested(client, "secr") == []


def test_topics_are_suggested_while_there_is_no_index(context: AppContext, client: StrictClient) -> None:
    with transaction():
        a_topic("Diphencyprone", TopicKind.TREATMENT, page="Painted.")
    assert suggested(client, "diph") == [("Diphencyprone", "Topic")]


def test_suggestions_take_few_statements(reader: StrictClient, statements: list[str]) -> None:
    del statements[:]
    assert len(suggested(reader, "acid")) == 4
    assert len(statements) <= 5
