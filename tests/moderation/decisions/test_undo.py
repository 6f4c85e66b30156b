"""Undo: for half a minute a decision can be taken back, and both stay on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.foundation import clock
from app.foundation.contributions import publication
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.publication import latest_of, pending_of
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db, transaction
from app.foundation.errors import Conflict, NotAllowed, Refused
from app.moderation.decisions import decisions, undo
from app.moderation.decisions.models import Action, Decision
from app.moderation.queue import filters
from app.moderation.queue.filters import QueueFilters
from app.moderation.reports import reports
from app.notifications.models import Notice
from app.stories import authoring, drafts
from app.stories.models import Story, StoryDraft
from tests.factories.comments import a_pending_comment
from tests.factories.people import a_moderator, a_person
from tests.factories.stories import a_pending_story, a_published_story, a_story_content

ON_A_VERSION: dict[str, Callable[[Any, Any], Decision]] = {
    "approve": decisions.approve,
    "changes": lambda who, revision: decisions.request_changes(who, revision, "privacy"),
    "reject": lambda who, revision: decisions.reject(who, revision, "privacy"),
}


@pytest.mark.parametrize("action", ON_A_VERSION)
def test_what_waited_waits_again_in_its_old_place(either_app: Flask, action: str) -> None:
    with either_app.app_context(), transaction():
        moderator = a_moderator()
        story, later = a_pending_story(title="First in the queue"), a_pending_story(title="Second")
        places = [item.id for item in filters.items_page(QueueFilters(), 5)]
        decision = ON_A_VERSION[action](moderator, pending_of(story))
        assert [item.story_id for item in filters.items_page(QueueFilters(), 5)] == [later.id]

        undo.undo(moderator, decision)

        assert [item.id for item in filters.items_page(QueueFilters(), 5)] == places
        assert story.state is PublicationState.UNPUBLISHED
        assert story.live is None
        assert story.published_at is None
        assert pending_of(story).number == 1
        assert db.session.scalar(sa.select(sa.func.count(StoryDraft.id))) == 0
        assert list(db.session.scalars(sa.select(Decision.action).order_by(Decision.id))) == [
            decision.action,
            Action.UNDO,
        ]


@pytest.mark.parametrize("action", ON_A_VERSION)
def test_the_author_is_told_of_neither(app: Flask, action: str) -> None:
    with app.app_context(), transaction():
        moderator, story = a_moderator(), a_pending_story()
        decision = ON_A_VERSION[action](moderator, pending_of(story))
        assert db.session.scalar(sa.select(sa.func.count(Notice.id))) == 1

        undo.undo(moderator, decision)

        assert db.session.scalar(sa.select(sa.func.count(Notice.id))) == 0


def test_what_was_public_before_an_edit_is_public_again(either_app: Flask) -> None:
    with either_app.app_context(), transaction():
        moderator, story = a_moderator(), a_published_story(title="As it was")
        published_at = story.published_at
        authoring.submit_edit(story.author, story, a_story_content(title="As it would be"))
        decision = decisions.approve(moderator, pending_of(story))
        assert story.live.title == "As it would be"

        undo.undo(moderator, decision)

        assert story.live.title == "As it was"
        assert story.live.state is RevisionState.APPROVED
        assert pending_of(story).title == "As it would be"
        assert (story.state, story.published_at) == (PublicationState.PUBLISHED, published_at)


@pytest.mark.parametrize("action", ["hide", "remove"])
def test_what_was_taken_down_stands_again_and_its_reports_are_open(either_app: Flask, action: str) -> None:
    with either_app.app_context(), transaction():
        moderator, story = a_moderator(), a_published_story()
        reports.report(a_person(), story, "privacy")
        decision = getattr(decisions, action)(moderator, story, "privacy")
        assert not publication.is_public(story)

        undo.undo(moderator, decision)

        assert publication.is_public(story)
        assert filters.counts(QueueFilters())["report"] == 1


def test_reports_that_were_answered_are_open_again(app: Flask) -> None:
    with app.app_context(), transaction():
        moderator, story = a_moderator(), a_published_story()
        reports.report(a_person(), story, "privacy")

        undo.undo(moderator, decisions.keep(moderator, story))

        assert filters.counts(QueueFilters())["report"] == 1


def test_a_second_reader_is_not_needed_after_all(app: Flask) -> None:
    with app.app_context(), transaction():
        moderator, story = a_moderator(), a_pending_story()
        a_moderator()
        item = filters.items_page(QueueFilters(), 1)[0]
        decision = decisions.escalate(moderator, item)
        with pytest.raises(NotAllowed, match="second opinion"):
            decisions.approve(moderator, pending_of(story))

        undo.undo(moderator, decision)

        decisions.approve(moderator, pending_of(story))
        assert publication.is_public(story)


def test_it_is_for_half_a_minute_and_for_who_decided(app: Flask) -> None:
    with app.app_context(), transaction():
        moderator, other, story = a_moderator(), a_moderator(), a_pending_story()
        decision = decisions.approve(moderator, pending_of(story))

        with pytest.raises(NotAllowed):
            undo.undo(other, decision)
        assert undo.last(moderator) is decision
        assert undo.last(other) is None
        with clock.at(clock.now() + timedelta(seconds=31)):
            assert undo.last(moderator) is None
            with pytest.raises(Refused, match="30 seconds"):
                undo.undo(moderator, decision)
        assert publication.is_public(story)


def test_only_once(app: Flask) -> None:
    with app.app_context(), transaction():
        moderator, story = a_moderator(), a_pending_story()
        decision = decisions.reject(moderator, pending_of(story), "privacy")
        undo.undo(moderator, decision)
        db.session.expire_all()

        assert undo.last(moderator) is None
        with pytest.raises(Refused):
            undo.undo(moderator, decision)


def withdrew(story: Story) -> None:
    authoring.withdraw(story.author, story)


def sent_another(story: Story) -> None:
    authoring.submit_edit(story.author, story, a_story_content(title="Another one"))


@pytest.mark.parametrize("meanwhile", [withdrew, sent_another])
@pytest.mark.parametrize("action", ON_A_VERSION)
def test_where_the_author_went_on_the_decision_stays(
    app: Flask, action: str, meanwhile: Callable[[Story], None]
) -> None:
    with app.app_context():
        with transaction():
            moderator, story = a_moderator(), a_pending_story()
            decision = ON_A_VERSION[action](moderator, pending_of(story))
            meanwhile(story)
            after = story.state, [revision.state for revision in story.revisions]

        with pytest.raises(Conflict), transaction():
            undo.undo(moderator, decision)

        db.session.refresh(story)
        assert (story.state, [revision.state for revision in story.revisions]) == after


def test_a_draft_the_author_began_to_change_stays_theirs(app: Flask) -> None:
    with app.app_context(), transaction():
        moderator, story = a_moderator(), a_pending_story()
        decision = decisions.request_changes(moderator, pending_of(story), "privacy")
        drafts.save(story.author, "a-key-of-theirs", {"title": ["Begun"]}, story)

        undo.undo(moderator, decision)

        assert db.session.scalars(sa.select(StoryDraft)).one().fields == {"title": ["Begun"]}


def test_a_comment_goes_back_too(app: Flask) -> None:
    with app.app_context(), transaction():
        moderator, comment = a_moderator(), a_pending_comment(a_published_story())

        undo.undo(moderator, decisions.approve(moderator, latest_of(comment)))

        assert not publication.is_public(comment)
        assert pending_of(comment) is not None
