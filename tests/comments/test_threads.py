"""Comments: writing, answering, changing, withdrawing, and where they stand."""

from __future__ import annotations

import pytest
from flask import Flask

from app.comments import authoring, threads
from app.comments.models import Comment
from app.foundation.access import Role
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.moderation.decisions import decisions
from tests.client import StrictClient
from tests.factories.building import made
from tests.factories.comments import a_published_comment
from tests.factories.pages import a_topic, an_article
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_published_story

WORDS = "It was the same with me, only slower."


@pytest.fixture
def story(app: Flask) -> str:
    number = made(app, a_published_story)
    return f"/stories/{number}"


def comment_on(client: StrictClient, page: str, words: str = WORDS) -> str:
    form = client.get_page(page, follow_redirects=True).form("Add a comment")
    return client.submit(form.fill("Comment", words), "Add a comment").text


def approve_everything(app: Flask) -> None:
    with app.app_context(), transaction():
        moderator = a_moderator()
        for comment in db.session.query(Comment):
            if pending_of(comment) is not None:
                decisions.approve(moderator, pending_of(comment))


@pytest.mark.parametrize("page", ["/stories/1", "/topics/warts", "/articles/how-to-read-a-figure"])
def test_a_comment_waits_and_then_stands_under_its_page(app: Flask, page: str) -> None:
    made(app, lambda: a_topic("Warts", page="About warts."))
    made(app, a_published_story)
    made(app, an_article)
    writer, reader = logged_in(app, "quietfern"), app.test_client()

    assert "Waiting to be read" in comment_on(writer, page)
    assert WORDS not in reader.get_page(page, follow_redirects=True).text
    approve_everything(app)

    assert WORDS in reader.get_page(page, follow_redirects=True).text


def test_an_empty_or_too_long_comment_comes_back_with_its_words(app: Flask, story: str) -> None:
    writer = logged_in(app, "quietfern")
    form = writer.get_page(story, follow_redirects=True).form("Add a comment")

    page = writer.submit(form, "Add a comment", status=422)
    assert "Write your comment first" in page.text

    long = "word " * 1_001
    page = writer.submit(page.form("Add a comment").fill("Comment", long), "Add a comment", status=422)
    assert str(page.form("Add a comment").value("Comment")).strip() == long.strip()


def test_answers_stand_below_what_they_answer(app: Flask, story: str) -> None:
    writer = logged_in(app, "quietfern")
    comment_on(writer, story, "the first")
    approve_everything(app)
    page = writer.get_page(story, follow_redirects=True)

    reply = writer.get_page("/comments/1/reply")
    assert "the first" in reply.text
    writer.submit(reply.form("Add a comment").fill("Comment", "the answer"), "Add a comment")
    approve_everything(app)

    page = writer.get_page(story, follow_redirects=True)
    assert page.one("#comment-1 + .thread #comment-2, li:has(> #comment-1) .thread #comment-2") is not None
    assert "the answer" in page.text


def test_an_answer_to_what_was_hidden_meanwhile_is_refused_with_its_words(app: Flask, story: str) -> None:
    writer = logged_in(app, "quietfern")
    comment_on(writer, story, "the first")
    approve_everything(app)
    form = writer.get_page("/comments/1/reply").form("Add a comment").fill("Comment", WORDS)
    with app.app_context(), transaction():
        decisions.hide(a_moderator(), db.session.get_one(Comment, 1), "disrespect")

    page = writer.submit(form, "Add a comment", status=404)

    assert WORDS in page.html


def test_an_address_of_a_comment_leads_to_its_place(app: Flask, story: str) -> None:
    writer, reader = logged_in(app, "quietfern"), app.test_client()
    comment_on(writer, story)
    reader.get_page("/comments/1", status=404)
    approve_everything(app)

    assert reader.get("/comments/1").headers["Location"].endswith("#comment-1")

    withdraw = writer.get_page("/comments/1/withdraw").form("Withdraw comment")
    writer.submit(withdraw, "Withdraw comment")
    assert "withdrawn" in reader.get_page("/comments/1", status=410).text


def test_the_old_words_stay_until_the_new_ones_are_approved(app: Flask, story: str) -> None:
    writer, reader = logged_in(app, "quietfern"), app.test_client()
    comment_on(writer, story, "the old words")
    approve_everything(app)

    form = writer.get_page("/comments/1/edit").form("Send for review")
    writer.submit(form.fill("Comment", "the new words"), "Send for review")
    assert "the old words" in reader.get_page(story, follow_redirects=True).text

    approve_everything(app)
    text = reader.get_page(story, follow_redirects=True).text
    assert "the new words" in text
    assert "the old words" not in text


def test_counts_are_of_what_is_shown(either_app: Flask) -> None:
    with either_app.app_context(), transaction():
        story, moderator = a_published_story(), a_moderator()
        parent = a_published_comment(story, moderator=moderator)
        a_published_comment(story, parent=parent, moderator=moderator)
        a_published_comment(story, moderator=moderator)
        article = an_article()
        a_published_comment(article, moderator=moderator)
        assert authoring.count_by_subject([story, article]) == {
            "story": {story.id: 3},
            "article": {article.id: 1},
            "topic": {},
        }

        decisions.hide(moderator, parent, "disrespect")

        assert authoring.count_by_subject([story])["story"] == {story.id: 1}
        with either_app.test_request_context():
            page = threads.thread(story)
        assert (len(page.nodes), page.total) == (1, 1)


def test_a_deep_thread_is_drawn_whole(app: Flask) -> None:
    with app.app_context(), transaction():
        story, moderator, author = a_published_story(), a_moderator(), a_person()
        parent = None
        for number in range(30):
            parent = a_published_comment(story, author, f"level {number}", parent=parent, moderator=moderator)
        number = story.id

    page = app.test_client().get_page(f"/stories/{number}", follow_redirects=True)

    assert len(page.select(".comment")) == 30
    assert "level 29" in page.text


def test_a_moderator_finds_the_way_from_a_comment_to_its_history(app: Flask, story: str) -> None:
    comment_on(logged_in(app, "quietfern"), story)
    approve_everything(app)
    moderator = logged_in(app, "marlow", Role.MODERATOR)

    links = moderator.get_page(story, follow_redirects=True).links

    assert any(link.address.endswith("/moderation/comments/1") for link in links)
