"""Long threads: a page at a time, nothing skipped or repeated, and every comment found on the page that holds it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from app.comments import threads
from app.comments.models import Comment, CommentAncestor, CommentRevision
from app.foundation.access import Role
from app.foundation.database import db, transaction
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.moderation.decisions import decisions
from app.moderation.threads import closing
from app.stories.models import Story
from tests.client import Page, StrictClient
from tests.factories.building import made
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_published_story
from tests.house.test_statements import MOST
from tests.statements import counted

STORY = "/stories/1/half-a-year-week-by-week"
LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def story(app: Flask) -> int:
    return made(app, a_published_story)


def write_many(app: Flask, number: int, parent_of: Callable[[int], int | None] = lambda _number: None) -> None:
    """Published comments on the story, from 1 on, each a minute after the one before. By statements of their own,
    since the domain functions would take a minute.
    """
    body = render_text("A comment.", Profile.COMMENT)
    above: dict[int, list[int]] = {}
    for each in range(1, number + 1):
        parent = parent_of(each)
        above[each] = [*above[parent], parent] if parent else []
    common = [{"id": each, "created_at": LONG_AGO} for each in above]
    with app.app_context(), transaction():
        author = a_person("chatterbox")
        db.session.flush()
        db.session.execute(
            sa.insert(Comment),
            [
                {
                    **row,
                    "author_id": author.id,
                    "story_id": 1,
                    "parent_id": parent_of(row["id"]),
                    "state": "published",
                    "published_at": LONG_AGO + timedelta(minutes=row["id"]),
                }
                for row in common
            ],
        )
        db.session.execute(
            sa.insert(CommentRevision),
            [
                {
                    **row,
                    "comment_id": row["id"],
                    "number": 1,
                    "state": "approved",
                    "renderer_version": 1,
                    "body_source": f"comment {row['id']}",
                    "body_html": body.html,
                }
                for row in common
            ],
        )
        db.session.execute(sa.update(Comment).values(live_revision_id=Comment.id))
        pairs = [
            {"comment_id": each, "ancestor_id": ancestor} for each, ancestors in above.items() for ancestor in ancestors
        ]
        if pairs:
            db.session.execute(sa.insert(CommentAncestor), pairs)


def shown(page: Page) -> list[int]:
    """The comments on a page, without the one whose answers it shows."""
    return [int(each.get("id").removeprefix("comment-")) for each in page.select(".comments .comment")]


def read_through(client: StrictClient, address: str, onward: str = ".pager__next") -> list[list[int]]:
    """Page after page."""
    page = client.get_page(address)
    pages = [shown(page)]
    while page.select(onward):
        page = client.get_page(page.select(onward)[-1].get("href"))
        pages.append(shown(page))
    return pages


def landing(client: StrictClient, comment: int) -> str:
    """Where the address of a comment leads, which is on the page that it leads to."""
    address = client.get(f"/comments/{comment}").headers["Location"]
    path, _hash, part = address.partition("#")
    assert part == f"comment-{comment}"
    assert client.get_page(path).one(f"#{part}") is not None
    return path


def test_a_long_thread_comes_in_pages(app: Flask, client: StrictClient) -> None:
    write_many(app, 65)

    pages = read_through(client, STORY)

    assert pages == [[*range(1, 31)], [*range(31, 61)], [*range(61, 66)]]
    last = client.get_page(landing(client, 65))
    assert "65 comments" in last.text
    assert last.one('link[rel="canonical"]').get("href") == f"http://localhost{STORY}"
    earlier = client.click(last, "Earlier comments", css=".pager__previous")
    assert shown(earlier) == pages[1]
    first = client.click(earlier, "Earlier comments", css=".pager__previous")
    assert shown(first) == pages[0]
    assert not first.select('link[rel="canonical"]')
    assert not client.get_page(STORY).select(".pager__previous")


def test_no_page_draws_more_than_its_number_however_the_answers_are_spread(app: Flask, client: StrictClient) -> None:
    # Five threads: one of five hundred answers, one of fifty, three short ones.
    def parent_of(number: int) -> int | None:
        if number <= 5:
            return None
        return 1 if number <= 505 else 2 if number <= 555 else 3 + number % 3

    write_many(app, 565, parent_of)
    page = client.get_page(STORY)

    assert len(shown(page)) == threads.COMMENTS_PER_PAGE
    # The short ones are there in full, the long ones share what is left.
    assert page.texts(".comment__more a") == [
        "Show 457 more replies to chatterbox",
        "Show 8 more replies to chatterbox",
    ]
    assert "565 comments" in page.text
    # What is left out is read on from there, every one once.
    at_first = [number for number in shown(page) if 5 < number <= 505]
    further = read_through(client, page.select(".comment__more a")[0].get("href"))
    assert [*at_first, *(number for each in further for number in each)] == list(range(6, 506))
    assert max(map(len, further)) == threads.REPLIES_PER_PAGE


@pytest.mark.parametrize("comment", [1, 30, 31, 64, 70, 115, 116, 200, 220])
def test_a_comment_is_found_on_the_page_that_holds_it(app: Flask, client: StrictClient, comment: int) -> None:
    # Sixty-four threads; the first is answered 150 times, the sixty-fourth six times.
    write_many(app, 220, lambda number: None if number <= 64 else 1 if number <= 214 else 64)

    landing(client, comment)


def test_answers_on_pages_of_their_own_say_whom_they_answer(app: Flask, client: StrictClient) -> None:
    # A chain: each answers the one before.
    write_many(app, 180, lambda number: number - 1 or None)

    page = client.get_page(landing(client, 160))

    assert shown(page) == [*range(152, 181)]
    assert page.texts("#answers h2") == ["179 replies"]
    # The first answers what stands on the page before, and leads there; the others stand below one another.
    assert page.texts("#comment-152 .comment__head a[href='/comments/151']")[-1] == "in reply to chatterbox"
    assert shown(client.get_page(landing(client, 151))) == [*range(102, 152)]
    assert page.one("li:has(> #comment-152) .thread #comment-153") is not None


def test_nothing_is_skipped_or_repeated_when_comments_come_and_go(app: Flask, client: StrictClient) -> None:
    write_many(app, 70)
    first = client.get_page(STORY)
    with app.app_context(), transaction():
        moderator = a_moderator()
        for number in (3, 30, 31):
            decisions.hide(moderator, db.session.get_one(Comment, number), "disrespect")

    second = client.click(first, "Later comments", css=".pager__next")

    assert shown(second) == [*range(32, 62)]
    assert "67 comments" in second.text
    landing(client, 62)
    client.get_page("/comments/30", status=404)
    client.get_page("/comments/30/answers", status=404)


def test_what_is_hidden_above_hides_the_pages_below(app: Flask, client: StrictClient) -> None:
    write_many(app, 150, lambda number: None if number <= 2 else 1 if number == 3 else 3)
    answers = client.get_page("/comments/3/answers")
    assert len(shown(answers)) == threads.REPLIES_PER_PAGE
    later = client.click(answers, "Later replies", css=".pager__next")
    assert set(later.texts(".pager__previous")) == {"Earlier replies"}
    with app.app_context(), transaction():
        decisions.hide(a_moderator(), db.session.get_one(Comment, 1), "disrespect")

    assert shown(client.get_page(STORY)) == [2]
    assert "1 comment" in client.get_page(STORY).texts("#comments .meta")[0]
    for number in (1, 3, 100):
        client.get_page(f"/comments/{number}", status=404)
        client.get_page(f"/comments/{number}/answers", status=404)
    with app.app_context(), transaction():
        decisions.hide(a_moderator(), db.session.get_one(Story, 1), "privacy")
    client.get_page("/comments/2/answers", status=404)


def test_what_one_sent_is_found_where_it_waits_and_by_nobody_else(app: Flask, client: StrictClient) -> None:
    write_many(app, 40)
    writer = logged_in(app, "quietfern")
    form = writer.get_page("/comments/35/reply").form("Add a comment")
    sent = writer.post("/comments/35/reply", data=dict(form.fill("Comment", "My own words.").pairs()))
    assert sent.headers["Location"] == "/comments/41#comment-41"

    page = writer.get_page("/comments/41")

    assert page.texts("#comment-41") == ["My own words."]
    assert "in reply to chatterbox" in page.text
    for reader in (client, logged_in(app, "tallowby")):
        reader.get_page("/comments/41", status=404)
        reader.get_page("/comments/41/answers", status=404)
        assert "40 comments" in reader.get_page(STORY).text
    assert "My own words." in logged_in(app, "marlow", Role.MODERATOR).get_page("/comments/41").text
    with app.app_context(), transaction():
        comment = db.session.get_one(Comment, 41)
        decisions.approve(a_moderator(), comment.revisions[0])
    landing(client, 41)


def test_a_closed_thread_is_closed_on_all_its_pages(app: Flask) -> None:
    member = logged_in(app, "quietfern")
    write_many(app, 160, lambda number: None if number <= 40 else 1)
    with app.app_context(), transaction():
        closing.close(a_moderator(), db.session.get_one(Story, 1))

    for address in (STORY, landing(member, 40), landing(member, 160)):
        page = member.get_page(address)
        assert "This discussion is closed" in page.text
        assert not [link for link in page.links if link.text.startswith("Reply")]


def test_pages_beyond_the_end_say_so(app: Flask, client: StrictClient) -> None:
    write_many(app, 3)

    page = client.get_page(f"{STORY}?after=9999999999999999.1")

    assert "There are no more comments." in page.text
    assert shown(client.get_page(f"{STORY}?after=nonsense")) == [1, 2, 3]
    assert "No replies yet" in client.get_page("/comments/2/answers").text


@pytest.mark.parametrize("number", [30, 300])
def test_a_page_costs_few_statements_however_long_the_thread(app: Flask, client: StrictClient, number: int) -> None:
    write_many(app, number, lambda each: None if each % 2 else 1)
    costs = {}
    for address in (STORY, "/comments/1/answers?after=1767571200000000.1", "/comments/28"):
        client.get(address)
        with counted(app) as statements:
            assert client.get(address).status_code in (200, 302)
        costs[address] = len(statements)
    assert max(costs.values()) <= MOST, costs


def test_the_page_of_a_thread_on_both_databases(either_app: Flask) -> None:
    with either_app.app_context(), transaction():
        if db.session.get(Story, 1) is None:
            a_published_story()
    write_many(either_app, 150, lambda number: None if number <= 3 else 1 + number % 3)
    client = either_app.test_client()
    page = client.get_page("/stories/1", follow_redirects=True)
    assert len(shown(page)) == threads.COMMENTS_PER_PAGE
    assert [re.findall(r"\d+", words)[0] for words in page.texts(".comment__more a")] == ["16", "17", "17"]
    landing(client, 150)
