"""Closing a thread: what was said stays, nothing more is taken, nothing that was typed is lost."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from app.foundation.contributions.publication import is_public, pending_of
from app.foundation.database import db, transaction
from app.foundation.errors import Conflict, NotAllowed
from app.moderation.audit.audit_log import AuditEntry
from app.moderation.decisions import decisions
from app.moderation.threads import closing
from app.stories.models import Story
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories.building import made
from tests.factories.comments import a_pending_comment, a_published_comment
from tests.factories.pages import a_topic, an_article
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_published_story


def story_address(number: int) -> str:
    return f"/stories/{number}/half-a-year-week-by-week"


def discussed(app: Flask) -> int:
    with app.app_context(), transaction():
        story = a_published_story()
        a_published_comment(story, body="What was said.")
        return story.id


def test_a_closed_thread_says_so_and_takes_nothing(app: Flask, moderator: StrictClient) -> None:
    number = discussed(app)
    member = logged_in(app, "quietfern")
    typed = member.get_page(story_address(number)).form("Add a comment").fill("Comment", "Typed before it was closed.")

    page = moderator.click(moderator.get_page(story_address(number)), "Close the discussion")
    page = moderator.submit(page.form("Close discussion"), "Close discussion")

    assert "What was said." in page.text
    for reader in (member, app.test_client()):
        page = reader.get_page(story_address(number))
        assert "This discussion is closed" in page.text
        assert not page.select(".comment__actions a[href*=reply]")
        assert "Add a comment" not in page.text
    late = member.submit(typed, "Add a comment", status=409)
    assert "was closed while you were writing" in late.text
    assert late.form("Add a comment").value("Comment") == "Typed before it was closed."


def test_it_can_be_opened_again(app: Flask, moderator: StrictClient) -> None:
    number = discussed(app)
    page = moderator.click(moderator.get_page(story_address(number)), "Close the discussion")
    page = moderator.submit(page.form("Close discussion"), "Close discussion")

    page = moderator.click(page, "Reopen the discussion")
    moderator.submit(page.form("Reopen discussion"), "Reopen discussion")

    assert "Add a comment" in app.test_client().get_page(story_address(number)).text
    with app.app_context():
        lines = db.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.action.like("%thread")))
        assert list(lines) == ["close_thread", "open_thread"]


def test_every_kind_of_page_can_be_closed(either_app: Flask) -> None:
    with either_app.app_context(), transaction():
        moderator, member = a_moderator(), a_person()
        for subject in (an_article(), a_topic("Eczema", TopicKind.CONDITION, page="Words."), a_published_story()):
            closing.close(moderator, subject)
            closing.close(moderator, subject)

            with pytest.raises(Conflict, match="closed"):
                a_pending_comment(subject, member)


def test_what_waits_already_is_still_read(app: Flask) -> None:
    with app.app_context(), transaction():
        moderator, story = a_moderator(), a_published_story()
        comment = a_pending_comment(story)
        closing.close(moderator, story)

        decisions.approve(moderator, pending_of(comment))

        assert is_public(comment)


def test_only_moderators_close(app: Flask) -> None:
    number = made(app, a_published_story)
    with app.app_context(), transaction(), pytest.raises(NotAllowed):
        closing.close(a_person(), db.session.get(Story, number))
    assert "Close the discussion" not in logged_in(app, "quietfern").get_page(story_address(number)).text
