"""Comments have a search of their own, on request, in an index of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.ctx import AppContext

from app.comments.models import Comment
from app.foundation import clock, events
from app.foundation.contributions import models, publication
from app.foundation.database import db, transaction
from app.foundation.events import PublicChanged, record
from app.moderation.decisions import decisions
from app.search.index import indexing
from app.search.index.engine import IndexUnavailable, Sort
from app.search.index.registry import COMMENTS, MAIN, engine
from app.search.query import suggestions
from app.search.results import search
from app.stories.models import Story
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories.comments import a_pending_comment, a_published_comment
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator, a_person
from tests.factories.stories import a_published_story
from tests.search.searching import committed_and_indexed, found_titles, search_for

FILLER = "It was a long year and we tried one thing after the other until the summer came."


@pytest.fixture
def reader(app: Flask, client: StrictClient) -> StrictClient:
    """Somebody without an account, on a site with a story, two comments on it and one on a topic."""
    with app.app_context(), committed_and_indexed():
        topic = a_topic("Diphencyprone", TopicKind.TREATMENT, "DPCP", page="It is painted on.")
        story = a_published_story(title="Painted weekly", body=f"They painted it on. {FILLER}", treatments=[topic])
        first = a_published_comment(story, a_person("quietfern"), f"Mine was painted too. {FILLER} And once more.")
        a_published_comment(story, a_person("tallowby"), "How was it painted?", first)
        a_published_comment(topic, a_person("marlow"), "My nurse painted it.")
    return client


def test_comments_are_one_link_away_and_so_is_the_way_back(reader: StrictClient) -> None:
    page = reader.get_page("/search?q=painted&treatment=diphencyprone&outcome=moderately")
    assert set(page.texts(".result__kind")) == {"Story · Warts"}

    page = reader.click(page, "Search comments instead")

    assert page.url.endswith("/search?q=painted&kind=comment&treatment=diphencyprone")
    assert page.texts(".result__kind") == ["Comment"] * 3
    assert "3 results." in page.text
    assert "Stories" not in page.texts(".filters legend")
    # Other words are looked for among comments too, until somebody goes back.
    assert reader.submit(page.form("Search").fill("Search", "nurse")).texts(".result__kind") == ["Comment"]
    back = reader.click(page, "Search stories, topics and articles instead")
    assert "Painted weekly" in back.texts(".result__title")


def test_a_result_says_what_was_said_by_whom_and_on_what(reader: StrictClient) -> None:
    page = reader.get_page("/search?q=painted+once&kind=comment")

    first = "Mine was painted too. It was a long year and we tried one thing after the other…"
    assert page.texts(".result__title")[0] == first
    assert "once" in page.texts(".result:first-child .result__snippet mark")
    # What it goes by is not said again.
    assert page.texts(".result__snippet")[0].startswith("… ")
    assert "Mine was painted too" not in page.texts(".result__snippet")[0]
    # The first with both words, and the first with one of them.
    assert page.texts(".result:first-child .meta a") == ["Painted weekly", "Diphencyprone"]
    assert "by quietfern" in page.text
    assert page.select(".result time")
    # The first with both words, and the first with one of them.
    assert page.texts(".result:first-child .meta a") == ["Painted weekly", "Diphencyprone"]
    assert reader.click(page, "Painted weekly", css=".result:first-child a").h1 == "Painted weekly"
    address = page.select(".result__title a")[0].get("href")
    assert reader.get(address).headers["Location"].endswith("/painted-weekly#comment-1")


def test_only_public_comments_are_in_the_index(context: AppContext) -> None:
    with committed_and_indexed():
        story, author = a_published_story(title="Told", body=FILLER), a_person()
        a_pending_comment(story, author, "Patience waits.")
        decisions.reject(
            a_moderator(), publication.pending_of(a_pending_comment(story, author, "Patience lost.")), "disrespect"
        )
        a_published_comment(story, author, "Patience won.")
    assert found_titles("patience", kind="comment") == ["Patience won."]
    indexing.rebuild()
    assert [key for key, _ in engine(COMMENTS).fingerprints()] == ["comment:3"]


def test_what_is_above_a_comment_takes_it_along_and_brings_it_back(context: AppContext) -> None:
    with committed_and_indexed():
        story, moderator = a_published_story(title="Told", body=FILLER), a_moderator()
        first = a_published_comment(story, body="Patience, I say.")
        second = a_published_comment(story, body="Patience yourself.", parent=first)
        a_published_comment(story, body="More patience.", parent=second)
    for thing, left in ((story, 0), (first, 0), (second, 1)):
        with transaction():
            decisions.hide(moderator, thing, "privacy")
        # Before the worker ran, and after.
        assert search_for("patience", kind="comment").total == left
        events.drain_all()
        assert search_for("patience", kind="comment").total == len(list(engine(COMMENTS).fingerprints())) == left
        with committed_and_indexed():
            decisions.restore(moderator, thing)
        assert search_for("patience", kind="comment").total == 3
    with transaction():
        publication.withdraw(second.author, second)
    assert found_titles("patience", kind="comment") == ["Patience, I say."]
    assert indexing.verify().differing == []


def test_filters_of_what_a_comment_stands_on(reader: StrictClient) -> None:
    counts = {"treatment:dpcp": 3, "condition:eczema": 0, "condition:warts": 2}
    with reader.application.app_context():
        with transaction():
            a_topic("Eczema")
        for words, number in counts.items():
            found = search_for(f"painted {words}", kind="comment")
            assert (found.total, len(found.items)) == (number, number), words
        for facet in search_for("painted", kind="comment").facets:
            for choice in facet.choices:
                clicked = search_for("painted", **{"kind": "comment", facet.name: choice.value})
                assert clicked.total == choice.count, (facet.name, choice)


@pytest.mark.parametrize("filtered", ["outcome=very_well", "side_effect=warts"])
def test_what_comments_do_not_have_is_left_out_and_said(reader: StrictClient, filtered: str) -> None:
    page = reader.get_page(f"/search?q=painted&kind=comment&{filtered}&sort=helpful")
    assert "3 results." in page.text
    assert "we left those filters out" in page.text
    assert "Most helpful first" not in page.text


def test_comments_are_not_mixed_with_others(reader: StrictClient) -> None:
    page = reader.get_page("/search?q=painted&kind=comment&kind=story")
    assert page.texts(".result__kind") == ["Story · Warts"]
    assert "Comments have a search of their own" in page.text
    assert reader.get_page("/search?q=painted+kind:comments").texts(".result__kind") == ["Comment"] * 3


def test_the_newest_first_and_pages_to_the_last(context: AppContext) -> None:
    with committed_and_indexed():
        story, author, moderator = a_published_story(title="Told", body=FILLER), a_person(), a_moderator()
        for number in range(45):
            with clock.at(clock.now().replace(year=1980 + number)):
                a_published_comment(story, author, f"Patience {number}.", moderator=moderator)
    newest = [f"Patience {number}." for number in range(45)][::-1]
    read = [
        title for page in (1, 2, 3) for title in found_titles("patience", kind="comment", sort=Sort.NEWEST, page=page)
    ]
    assert read == newest
    ranked = [title for page in (1, 2, 3) for title in found_titles("patience", kind="comment", page=page)]
    assert sorted(ranked) == sorted(newest)
    result = search_for("patience", kind="comment", page=search.MAX_PAGES)
    assert (result.total, result.pages, result.page) == (45, 3, 3)


def test_no_word_of_a_comment_is_suggested_or_taken_for_a_spelling(context: AppContext) -> None:
    with committed_and_indexed():
        story = a_published_story(title="Told", body=FILLER)
        for _ in range(5):
            a_published_comment(story, body="My aunt swears by calendulaberry.")
    with context.app.test_request_context():
        assert suggestions.suggest("calend") == []
    for kind in ("comment", None):
        assert search_for("calendulabery", kind=kind).correction is None
    # What the others say is offered to who looks among comments.
    with committed_and_indexed():
        a_published_story(title="Patience", body=f"Patience. {FILLER}")
        a_published_comment(story, body="Patience!")
    assert search_for("pattience", kind="comment").correction.text == "patience"


@pytest.mark.parametrize("index", [MAIN, COMMENTS])
def test_one_index_may_be_missing_and_the_other_goes_on(reader: StrictClient, app: Flask, index: object) -> None:
    among = {MAIN: "/search?q=painted", COMMENTS: "/search?q=painted&kind=comment"}
    shutil.rmtree(app.config["SALVE_DATA"] / index.folder)
    app.extensions.pop("salve.search")
    for each, address in among.items():
        if each is not index:
            assert reader.get_page(address).texts(".result__title")
    page = reader.get_page(among[index], status=503)
    assert "Search is being repaired" in page.text
    if index is COMMENTS:
        assert "You can still search stories, topics and articles." in page.text
        assert reader.click(page, "Search stories, topics and articles instead").texts(".result__title")
    with app.app_context():
        with pytest.raises(IndexUnavailable):
            indexing.verify()
        # What is due reaches the one that is there, and the one that is not is built anew.
        events.run_periodic_tasks()
        assert indexing.verify().differing == []
    assert reader.get_page(among[index]).texts(".result__title")


def test_the_commands_know_both(reader: StrictClient, app: Flask) -> None:
    runner = app.test_cli_runner()
    with app.app_context():
        engine(COMMENTS).update([], ["comment:2"])
        result = runner.invoke(args=["search", "verify"])
        assert (result.exit_code, "missing: 1 comment:2" in result.output) == (1, True)
        result = runner.invoke(args=["search", "verify", "--repair"])
        assert result.output.splitlines()[-1] == "1 repaired."
        shutil.rmtree(app.config["SALVE_DATA"] / "search-comments")
        app.extensions.pop("salve.search")
        result = runner.invoke(args=["search", "verify", "--repair"])
        assert "The index in search-comments cannot be read: built anew." in result.output
        result = runner.invoke(args=["search", "rebuild"])
        assert result.output.splitlines()[-1] == "5 documents indexed."
        result = runner.invoke(args=["search", "query", "painted", "nurse", "--kind", "comment"])
        assert "comment  My nurse painted it.  /comments/3" in result.output


def test_a_rebuild_of_comments_leaves_the_others_alone(reader: StrictClient, app: Flask) -> None:
    folder: Path = app.config["SALVE_DATA"] / "search"
    before = (folder / "current").read_text()
    with app.app_context():
        indexing.rebuild(indexes=[COMMENTS])
        assert indexing.verify().differing == []
    assert (folder / "current").read_text() == before


def test_hiding_reaches_a_comment_whose_row_says_it_was_its_subject(context: AppContext) -> None:
    with committed_and_indexed():
        story = a_published_story(title="Told", body=FILLER)
        a_published_comment(story, body="Patience.")
    with transaction():
        db.session.get_one(Comment, 1).state = models.PublicationState.HIDDEN
        record(PublicChanged("story", story.id))
    assert search_for("patience", kind="comment").total == 0
    assert db.session.get_one(Story, story.id) is not None
