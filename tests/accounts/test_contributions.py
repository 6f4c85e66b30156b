"""'Your contributions' as a list in pages: everything is reachable, nothing twice, at a cost that does not grow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from app.accounts import registration
from app.accounts.models import Person
from app.comments import authoring
from app.comments.models import Comment, CommentRevision
from app.foundation import clock
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.moderation.decisions import decisions
from app.moderation.queue.models import QueueItem
from app.stories.models import Story
from tests import statements
from tests.client import Page, StrictClient
from tests.factories.building import made
from tests.factories.comments import a_pending_comment
from tests.factories.follow_ups import a_pending_follow_up
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story

THEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADDRESS = "/account/contributions"


def the_author() -> Person:
    return registration.find_by_username("quietfern") or a_person("quietfern")


def send(stories: int = 0, comments: int = 0, follow_ups: int = 0) -> None:
    """Three published stories, which is what follow-ups need, and so many more of each kind, thirty in a minute."""
    author, moderator = the_author(), a_moderator()
    with clock.at(THEN):
        published = [a_published_story(author, moderator, title=f"Published {number}") for number in range(3)]
    sent = ["story"] * stories + ["comment"] * comments + ["follow_up"] * follow_ups
    for number, kind in enumerate(sent):
        # In turns: neither the kinds nor the ids say when something was sent.
        with clock.at(THEN + timedelta(minutes=number * 7 % 15)):
            if kind == "story":
                a_pending_story(author, title=f"Story {number}")
            elif kind == "comment":
                a_pending_comment(published[0], author, f"Comment {number}")
            else:
                a_pending_follow_up(published[number % 3])


def send_hourly(author: Person, count: int) -> None:
    """'Story 0' at THEN and so on, so many in all, each an hour after the one before."""
    for number in range(count):
        with clock.at(THEN + timedelta(hours=number)):
            a_pending_story(author, title=f"Story {number}")


def listed(page: Page) -> list[str]:
    """The contributions on a page, by the addresses at which they are erased."""
    return [str(link.element.get("href")) for link in page.links if link.address.endswith("/erase")]


def pages_from(client: StrictClient, page: Page, link: str) -> Iterator[Page]:
    """A page and those that its pager leads to in one direction."""
    yield page
    while any(each.text == link for each in page.links):
        page = client.click(page, link)
        yield page


def test_everything_is_on_exactly_one_page(app: Flask) -> None:
    with app.app_context(), transaction():
        send(stories=17, comments=170, follow_ups=30)
    author = logged_in(app, "quietfern")

    pages = list(pages_from(author, author.get_page(ADDRESS), "Next page"))

    found = [address for page in pages for address in listed(page)]
    expected = {
        *(f"{ADDRESS}/stories/{number}/erase" for number in range(1, 21)),
        *(f"{ADDRESS}/comments/{number}/erase" for number in range(1, 171)),
        *(f"{ADDRESS}/follow-ups/{number}/erase" for number in range(1, 31)),
    }
    assert len(found) == 220
    assert set(found) == expected


def test_the_pages_on_both_databases(either_app: Flask) -> None:
    with either_app.app_context(), transaction():
        send(stories=20, comments=21, follow_ups=9)
    author = logged_in(either_app, "quietfern")

    forth = list(pages_from(author, author.get_page(ADDRESS), "Next page"))
    back = list(pages_from(author, forth[-1], "Previous page"))

    assert [len(listed(page)) for page in forth] == [20, 20, 13]
    assert len({address for page in forth for address in listed(page)}) == 53
    assert [listed(page) for page in back[::-1]] == [listed(page) for page in forth]


def test_last_moved_first(app: Flask) -> None:
    with app.app_context(), transaction():
        author, moderator = the_author(), a_moderator()
        send_hourly(author, 4)
        with clock.at(THEN + timedelta(hours=5)):
            decisions.approve(moderator, pending_of(db.session.get(Story, 2)))
        with clock.at(THEN + timedelta(hours=6)):
            a_pending_comment(db.session.get(Story, 2), author, "A comment")
    author = logged_in(app, "quietfern")

    page = author.get_page(ADDRESS)

    assert page.texts(".contribution-list h3") == ["A comment", "Story 1", "Story 3", "Story 2", "Story 0"]


def test_a_decision_that_was_not_told_moves_nothing(app: Flask) -> None:
    with app.app_context(), transaction():
        author, moderator = the_author(), a_moderator()
        send_hourly(author, 2)
        with clock.at(THEN + timedelta(hours=5)):
            a_moderator()
            decisions.escalate(moderator, db.session.scalars(sa.select(QueueItem).where(QueueItem.story_id == 1)).one())
    author = logged_in(app, "quietfern")

    assert author.get_page(ADDRESS).texts(".contribution-list h3") == ["Story 1", "Story 0"]


def test_the_oldest_can_be_erased(app: Flask) -> None:
    with app.app_context(), transaction():
        send(comments=60)
    author = logged_in(app, "quietfern")
    *_earlier, last = pages_from(author, author.get_page(ADDRESS), "Next page")
    oldest = listed(last)[-1]

    author.submit(author.get_page(oldest).form("Delete permanently"))

    *_earlier, last = pages_from(author, author.get_page(ADDRESS), "Next page")
    assert oldest not in listed(last)
    assert last.texts(".contribution-list > li .notice")[-1].startswith("It will be deleted on")


def test_each_page_marks_as_read_what_it_shows(app: Flask) -> None:
    with app.app_context(), transaction():
        author, moderator = the_author(), a_moderator()
        for number in range(25):
            with clock.at(THEN + timedelta(minutes=number)):
                a_published_story(author, moderator, title=f"Story {number}")
    author = logged_in(app, "quietfern")
    first = author.get_page(ADDRESS)

    again = author.submit(first.form("Mark as read"))

    assert len(first.texts(".badge")) == 20
    assert again.texts(".badge") == []
    assert "5 unread notices" in again.text
    second = author.click(again, "There’s something new on another page")
    assert second.texts(".badge") == ["New"] * 5
    seen = author.submit(second.form("Mark as read"))
    assert seen.texts("h3.card__title") == second.texts("h3.card__title")
    assert "unread" not in seen.text
    assert "another page" not in seen.text


def test_only_numbers_name_notices_to_mark(app: Flask) -> None:
    with app.app_context(), transaction():
        a_published_story(the_author())
    author = logged_in(app, "quietfern")
    form = author.get_page(ADDRESS).form("Mark as read")

    for value in ("x", "-1", "9" * 30, "²"):
        fields = {"csrf_token": dict(form.pairs())["csrf_token"], "notice": value}
        assert author.post(f"{ADDRESS}/seen", data=fields).status_code == 302

    assert "1 unread notice" in author.get_page(ADDRESS).text


def test_drafts_and_news_stand_on_the_first_page_alone(app: Flask) -> None:
    with app.app_context(), transaction():
        send(comments=30)
    author = logged_in(app, "quietfern")
    form = author.get_page("/stories/new").form("Save draft")
    author.submit(form.fill("Title", "Half a title"))

    first = author.get_page(ADDRESS)
    second = author.click(first, "Next page")

    assert "Half a title" in first.text
    assert "Half a title" not in second.text


def test_a_page_beyond_the_end_leads_back(app: Flask) -> None:
    with app.app_context(), transaction():
        send()
    author = logged_in(app, "quietfern")

    page = author.get_page(f"{ADDRESS}?after=1.1.1")

    assert "There’s nothing more here." in page.text
    assert len(listed(author.click(page, "Previous page"))) == 3


# --- What it costs ---


def test_a_page_costs_the_same_however_much_somebody_wrote(app: Flask) -> None:
    with app.app_context(), transaction():
        send(stories=7, comments=7, follow_ups=6)
    author = logged_in(app, "quietfern")
    little = statements.cost(app, author, ADDRESS)

    with app.app_context(), transaction():
        send(stories=30, comments=50, follow_ups=30)

    assert statements.cost(app, author, ADDRESS) == little
    assert little < 25


@contextmanager
def loaded(model: type) -> Iterator[list[int]]:
    """The ids of the rows of a model that are made into objects meanwhile."""
    ids: list[int] = []

    def note(row: Comment | CommentRevision, _context: object) -> None:
        ids.append(sa.inspect(row).identity[0])

    event.listen(model, "load", note)
    try:
        yield ids
    finally:
        event.remove(model, "load", note)


def test_a_page_loads_the_latest_revisions_of_what_it_shows(app: Flask) -> None:
    with app.app_context(), transaction():
        send(comments=60)
        comment = db.session.get(Comment, 60)
        for number in range(30):
            authoring.submit_edit(comment.author, comment, render_text(f"Version {number}", Profile.COMMENT))
    author = logged_in(app, "quietfern")

    with loaded(Comment) as comments, loaded(CommentRevision) as revisions:
        page = author.get_page(ADDRESS)

    assert page.texts("h3.card__title")[0] == "Version 29"
    assert len(comments) == len(revisions) == 20


def test_nobody_elses_are_listed(app: Flask) -> None:
    story = made(app, a_published_story)
    with app.app_context(), transaction():
        a_pending_comment(db.session.get(Story, story), the_author(), "Mine")

    page = logged_in(app, "quietfern").get_page(ADDRESS)

    assert listed(page) == [f"{ADDRESS}/comments/1/erase"]
