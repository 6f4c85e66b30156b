"""What is not public any more is not found any more, with the very next request: the worker has not run yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app.comments.models import Comment
from app.foundation import events
from app.foundation.contributions import publication
from app.foundation.database import db, transaction
from app.foundation.events import PublicChanged, record
from app.moderation.decisions import decisions, redaction, undo
from app.search.index import indexing, visibility
from app.stories import authoring
from app.stories.models import Story
from tests.factories.comments import a_published_comment
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator
from tests.factories.stories import a_published_story, a_story_content
from tests.search.searching import committed_and_indexed, found_titles, search_for

FILLER = "It was a long year and we tried one thing after the other until the summer came."


@pytest.fixture
def story(either_app: Flask) -> Iterator[Story]:
    """A story with a thread under it, and another story, all in the index."""
    with either_app.app_context():
        with committed_and_indexed():
            told = a_published_story(title="Told", body=f"Patience. {FILLER}")
            first = a_published_comment(told, body="Patience, I say.")
            answer = a_published_comment(told, body="Patience yourself.", parent=first)
            a_published_comment(told, body="More patience.", parent=answer)
            a_published_story(title="Other", body=f"Patience. {FILLER}")
        yield told


def comments_of(story: Story) -> list[Comment]:
    return list(db.session.scalars(db.select(Comment).where(Comment.story_id == story.id).order_by(Comment.id)))


def hide(thing: Story | Comment) -> None:
    decisions.hide(a_moderator(), thing, "privacy")


def withdraw(thing: Story | Comment) -> None:
    publication.withdraw(thing.author, thing)


@pytest.mark.parametrize("take_away", [hide, withdraw])
def test_a_story_goes_with_its_comments(story: Story, take_away: Callable[[Story], None]) -> None:
    assert search_for("patience").counts == {"story": 2, "topic": 0, "article": 0}
    assert search_for("patience", kind="comment").counts == {"comment": 3}
    with transaction():
        take_away(story)
    for found in (search_for("patience"), search_for(kind="story"), search_for(condition="warts")):
        assert [item.title for item in found.items] == ["Other"]
        assert (found.total, found.counts) == (1, {"story": 1, "topic": 0, "article": 0})
        assert {choice.count for offered in found.facets for choice in offered.choices} == {1}
    for found in (search_for("patience", kind="comment"), search_for(condition="warts", kind="comment")):
        assert (found.total, found.items, found.counts) == (0, [], {"comment": 0})


@pytest.mark.parametrize("take_away", [hide, withdraw])
def test_a_comment_goes_with_its_answers(story: Story, take_away: Callable[[Comment], None]) -> None:
    _first, answer, _below = comments_of(story)
    with transaction():
        take_away(answer)
    found = search_for("patience", kind="comment")
    assert (found.total, [item.key for item in found.items]) == (1, ["comment:1"])
    assert found.counts["comment"] == 1


def test_after_the_worker_ran_all_is_the_same(story: Story) -> None:
    with transaction():
        hide(story)
    before, comments = search_for("patience"), search_for("patience", kind="comment")
    assert visibility.hidden_keys() == {"story:1"}
    events.drain_all()
    assert visibility.hidden_keys() == set()
    after = search_for("patience")
    assert (before.total, before.counts) == (after.total, after.counts)
    assert comments.total == search_for("patience", kind="comment").total == 0
    assert indexing.verify().differing == []


def test_what_is_restored_comes_back_with_its_comments(story: Story) -> None:
    with transaction():
        hide(story)
    events.drain_all()
    with transaction():
        decisions.restore(a_moderator(), story)
    assert visibility.hidden_keys() == set()
    events.drain_all()
    assert search_for("patience").counts == {"story": 2, "topic": 0, "article": 0}
    assert search_for("patience", kind="comment").total == 3
    assert indexing.verify().differing == []


def test_an_edit_is_found_by_its_new_words_once_it_is_approved(story: Story) -> None:
    with transaction():
        authoring.submit_edit(story.author, story, a_story_content(title="New", body=f"Perseverance. {FILLER}"))
    events.drain_all()
    assert found_titles("perseverance") == []
    with committed_and_indexed():
        decisions.approve(a_moderator(), publication.pending_of(story))
    assert found_titles("perseverance") == ["New"]
    assert found_titles("patience", kind="story") == ["Other"]


def edit(story: Story) -> None:
    authoring.submit_edit(story.author, story, a_story_content(title="New", body=f"Perseverance. {FILLER}"))
    decisions.approve(a_moderator(), publication.pending_of(story))


def redact(story: Story) -> None:
    redaction.redact(a_moderator(), story.live, "Patience", "Perseverance", "")


@pytest.mark.parametrize("reword", [edit, redact])
def test_words_that_were_taken_out_find_nothing_at_once(story: Story, reword: Callable[[Story], None]) -> None:
    with transaction():
        reword(story)

    assert found_titles("patience", kind="story") == ["Other"]
    assert "Told" not in found_titles("condition:warts")
    events.drain_all()
    assert found_titles("patience", kind="story") == ["Other"]
    assert len(found_titles("perseverance")) == 1


def test_words_of_an_approval_that_was_undone_find_nothing_at_once(story: Story) -> None:
    with committed_and_indexed():
        edit(story)
    assert found_titles("perseverance") == ["New"]
    with transaction():
        decision = decisions.history(story)[-1]
        undo.undo(decision.moderator, decision)

    assert found_titles("perseverance") == []
    events.drain_all()
    assert found_titles("patience", kind="story") == ["Other", "Told"]


def test_what_the_index_alone_knows_is_left_out_of_page_and_total(story: Story) -> None:
    with transaction():
        hide(story)
        # The row that tells the worker is lost.
        db.session.execute(db.text("DELETE FROM outbox"))
    found = search_for("patience", kind="story")
    assert ([item.title for item in found.items], found.total) == (["Other"], 1)


def test_only_what_is_not_public_is_masked(story: Story) -> None:
    with transaction():
        bare = a_topic("Vocabulary only")
        for kind, number in (("comment", 1), ("comment", 999), ("topic", bare.id), ("story", 2), ("story", 999)):
            record(PublicChanged(kind, number))
    assert visibility.hidden_keys() == {"comment:999", f"topic:{bare.id}", "story:999"}


def test_a_page_never_shows_what_was_hidden_a_moment_ago(story: Story, either_app: Flask) -> None:
    browser = either_app.test_client()
    assert "Told" in browser.get_page("/search?q=patience").text
    with transaction():
        hide(story)
    page = browser.get_page("/search?q=patience")
    assert "Told" not in page.text
    assert "1 result." in page.text
    assert "Stories 1" in page.texts(".filters label")
