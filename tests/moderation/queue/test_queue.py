"""The queue: everything that waits, oldest first, counted and filtered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.accounts import registration
from app.comments import authoring as comment_authoring
from app.foundation import clock
from app.foundation.access import Role
from app.foundation.contributions import publication
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.moderation.decisions import decisions
from app.moderation.queue import filters
from app.moderation.queue.filters import QueueFilters
from app.moderation.reports import reports
from app.stories import authoring
from app.stories.models import Story
from tests.client import StrictClient
from tests.factories.comments import a_pending_comment, a_published_comment
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story, a_story_content

FILTERS = ["", "?kind=story", "?kind=comment", "?kind=follow_up", "?kind=report", "?kind=appeal"]


def plant(app: Flask) -> None:
    """Two stories, an edit, two comments, a changed comment and reports on two things; and much that waits no more."""
    start = clock.now() - timedelta(days=7)
    with app.app_context(), transaction():
        author, decider = a_person("quietfern"), a_moderator()
        with clock.at(start):
            story = a_published_story(author, decider, title="A public story")
            comment = a_published_comment(story, author, "A public comment", moderator=decider)
            decisions.reject(decider, pending_of(a_pending_story(author, title="A rejected story")), "privacy")
            publication.withdraw(author, a_pending_comment(story, author, "A withdrawn comment"))
        with clock.at(start + timedelta(days=3)):
            a_pending_story(author, title="The middle story")
        with clock.at(start + timedelta(days=1)):
            a_pending_story(author, title="The oldest story")
            authoring.submit_edit(author, story, a_story_content(title="An edit that was replaced"))
        with clock.at(start + timedelta(days=2)):
            a_pending_comment(story, author, "The older comment")
            authoring.submit_edit(author, story, a_story_content(title="An edit"))
        with clock.at(start + timedelta(days=4)):
            a_pending_comment(story, author, "The newer comment")
            comment_authoring.submit_edit(author, comment, render_text("A changed comment", Profile.COMMENT))
        with clock.at(start + timedelta(days=5)):
            reports.report(author, story, "privacy")
            reports.report(decider, story, "disrespect")
        with clock.at(start + timedelta(days=6)):
            reports.report(author, comment, "privacy")


EXPECTED = {
    "": [
        "The oldest story",
        "The older comment",
        "An edit",
        "The middle story",
        "The newer comment",
        "A changed comment",
        "A public story",
        "A public comment",
    ],
    "?kind=story": ["The oldest story", "An edit", "The middle story"],
    "?kind=comment": ["The older comment", "The newer comment", "A changed comment"],
    "?kind=follow_up": [],
    "?kind=report": ["A public story", "A public comment"],
    "?kind=appeal": [],
}


@pytest.mark.parametrize("chosen", FILTERS)
def test_what_waits_stands_oldest_first_under_its_filter(app: Flask, moderator: StrictClient, chosen: str) -> None:
    plant(app)

    page = moderator.get_page(f"/moderation{chosen}")

    assert page.texts(".queue a") == EXPECTED[chosen]


def test_the_numbers_agree_with_the_lists(app: Flask, moderator: StrictClient) -> None:
    plant(app)

    page = moderator.get_page("/moderation")

    assert page.texts(".tabs__count") == [str(len(EXPECTED[chosen])) for chosen in FILTERS]
    assert f"{len(EXPECTED[''])} waiting" in page.text


def test_the_counts_are_the_same_on_both_databases(either_app: Flask) -> None:
    plant(either_app)

    with either_app.app_context():
        assert filters.counts(QueueFilters()) == {
            "all": 8,
            "story": 3,
            "comment": 3,
            "follow_up": 0,
            "report": 2,
            "appeal": 0,
        }
        assert len(filters.items_page(QueueFilters(), 50)) == 8


def test_an_item_says_what_it_is(app: Flask, moderator: StrictClient) -> None:
    plant(app)

    page = moderator.get_page("/moderation")
    items = dict(zip(page.texts(".queue a"), page.texts(".queue small"), strict=True))

    assert items["The oldest story"].startswith("story · 1 signal · quietfern · waiting for 6 days, overdue")
    assert "new version" in items["An edit"]
    assert items["The older comment"].startswith("comment ·")
    assert items["A public story"].startswith("reported ·")


@pytest.mark.parametrize("unknown", ["?kind=nonsense", "?kind=", "?kind=all", "?kind=story'--"])
def test_an_unknown_filter_shows_everything(app: Flask, moderator: StrictClient, unknown: str) -> None:
    plant(app)

    assert moderator.get_page(f"/moderation{unknown}").texts(".queue a") == EXPECTED[""]


def test_a_long_queue_has_pages_and_the_filter_stays(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        author = a_person()
        for number in range(45):
            a_pending_story(author, title=f"Story {number}")
        a_pending_comment(a_published_story(author))

    seen, page = [], moderator.get_page("/moderation?kind=story")
    seen += page.texts(".queue a")
    while any("Next page" in link.text for link in page.links):
        [address] = [link.address for link in page.links if "Next page" in link.text]
        page = moderator.get_page(address)
        seen += page.texts(".queue a")

    assert seen == [f"Story {number}" for number in range(45)]


def test_a_page_that_is_no_more_does_not_say_that_nothing_waits(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        a_pending_story(title="Still waiting")

    page = moderator.get_page("/moderation?page=7")

    assert page.texts(".queue a") == ["Still waiting"]


def test_after_a_decision_comes_the_next_item_of_the_same_filter(app: Flask, moderator: StrictClient) -> None:
    plant(app)
    page = moderator.click(moderator.get_page("/moderation?kind=comment"), "The older comment")

    page = moderator.submit(page.form("Approve"), "Approve")
    assert page.h1 == "The newer comment"
    page = moderator.submit(page.form("Approve"), "Approve")
    assert page.h1 == "A changed comment"
    page = moderator.submit(page.form("Approve"), "Approve")

    assert page.h1 == "Moderation"
    assert "kind=comment" in page.url
    assert "Nothing of this kind is waiting" in page.text


def test_an_empty_queue_says_so(moderator: StrictClient) -> None:
    page = moderator.get_page("/moderation")

    assert "Nothing is waiting. Thank you." in page.text
    assert page.texts(".tabs__count") == ["0"] * 6


def test_the_number_in_the_header_is_for_moderators(app: Flask, moderator: StrictClient) -> None:
    plant(app)

    assert "8 waiting" in moderator.get_page("/about").text
    for reader in (app.test_client(), logged_in(app, "tallowby"), logged_in(app, "emory", Role.EDITOR)):
        assert "waiting" not in reader.get_page("/about").text
        assert "/moderation" not in reader.get_page("/about").html


def test_withdrawing_takes_an_item_off_the_queue(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        a_pending_story(a_person("quietfern"))
    with app.app_context(), transaction():
        authoring.withdraw(registration.find_by_username("quietfern"), db.session.get(Story, 1))

    assert "Nothing is waiting" in moderator.get_page("/moderation").text
    assert "no longer waiting" in moderator.get_page("/moderation/1").text


@pytest.mark.parametrize(
    "address", ["/moderation/99", "/moderation/stories/99", "/moderation/comments/99", "/moderation/people/1"]
)
def test_what_is_not_there_is_not_there(moderator: StrictClient, address: str) -> None:
    moderator.get_page(address, status=404)
