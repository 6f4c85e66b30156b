"""The allowed transitions of a revision, as a table, and what each does to its contribution."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.comments.models import CommentRevision
from app.foundation.contributions import publication
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.publication import pending_of
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db, transaction
from app.foundation.errors import Conflict
from app.foundation.text.rendered_text import RenderedText
from app.moderation.decisions import decisions
from app.stories import authoring
from app.stories.models import Story, StoryRevision
from tests.factories.comments import a_pending_comment
from tests.factories.follow_ups import a_follow_up_content, a_pending_follow_up
from tests.factories.people import a_moderator
from tests.factories.stories import a_pending_story, a_published_story, a_story_content

PENDING, APPROVED, REJECTED = RevisionState.PENDING, RevisionState.APPROVED, RevisionState.REJECTED
CHANGES, WITHDRAWN, SUPERSEDED = RevisionState.CHANGES_REQUESTED, RevisionState.WITHDRAWN, RevisionState.SUPERSEDED

# All transitions. Any other raises an error.
ALLOWED = [
    (PENDING, APPROVED),  # a moderator lets it through
    (PENDING, REJECTED),  # a moderator does not
    (PENDING, CHANGES),  # a moderator asks for another version
    (PENDING, WITHDRAWN),  # the author takes it back
    (PENDING, SUPERSEDED),  # the author sends a newer one
    (APPROVED, SUPERSEDED),  # a newer one is approved
    (APPROVED, PENDING),  # the approval is undone at once
    (SUPERSEDED, APPROVED),  # the approval of its successor is undone at once
    (REJECTED, APPROVED),  # an appeal is upheld
    (REJECTED, PENDING),  # the rejection is undone at once
    (CHANGES, APPROVED),  # an appeal is upheld
    (CHANGES, SUPERSEDED),  # the author sends another version
    (CHANGES, WITHDRAWN),  # the author leaves it at that
    (CHANGES, PENDING),  # the request is undone at once
]
FORBIDDEN = [pair for pair in product(RevisionState, repeat=2) if pair not in ALLOWED]


def a_revision_in(state: RevisionState) -> StoryRevision:
    revision = pending_of(a_pending_story())
    revision.state = state
    db.session.flush()
    return revision


def move_behind_its_back(revision: StoryRevision, to: RevisionState) -> None:
    """Make the change that another request makes between our reading and our writing."""
    db.session.execute(
        sa.update(StoryRevision)
        .where(StoryRevision.id == revision.id)
        .values(state=to)
        .execution_options(synchronize_session=False)
    )


def test_these_moves_are_made(app: Flask) -> None:
    with app.app_context(), transaction():
        for origin, to in ALLOWED:
            revision = a_revision_in(origin)

            publication.transition(revision, to, message="somebody was faster")

            assert revision.state is to, (origin, to)
            assert revision.decided_at is not None, (origin, to)


@pytest.mark.parametrize(("origin", "to"), FORBIDDEN, ids=str)
def test_every_other_move_is_a_mistake_in_the_code(origin: RevisionState, to: RevisionState) -> None:
    revision = StoryRevision(id=1, state=origin)

    with pytest.raises(ValueError, match=f"{origin} does not lead to {to}"):
        publication.transition(revision, to, message="")


def test_withdrawn_is_the_end() -> None:
    assert {origin for origin, _to in ALLOWED} == set(RevisionState) - {WITHDRAWN}


@pytest.mark.parametrize("meanwhile", [APPROVED, REJECTED, CHANGES, WITHDRAWN, SUPERSEDED], ids=str)
def test_a_revision_that_moved_meanwhile_is_left_where_it_is(either_app: Flask, meanwhile: RevisionState) -> None:
    with either_app.app_context():
        with transaction():
            revision = a_revision_in(PENDING)
            move_behind_its_back(revision, meanwhile)

            with pytest.raises(Conflict, match="somebody was faster"):
                publication.transition(revision, APPROVED, message="somebody was faster")

        assert db.session.scalars(sa.select(StoryRevision.state)).one() is meanwhile


# --- What approval does to the contribution as a whole ---


def edited(story: Story, state: PublicationState) -> StoryRevision:
    """A pending second revision of a story that is in this publication state."""
    authoring.submit_edit(story.author, story, a_story_content(title="The second version"))
    story.state = state
    db.session.flush()
    return pending_of(story)


def test_the_first_approved_version_publishes(app: Flask) -> None:
    with app.app_context(), transaction():
        story = a_pending_story()

        publication.make_live(story, pending_of(story))

        assert story.state is PublicationState.PUBLISHED
        assert story.published_at is not None
        assert story.live.number == 1


def test_a_second_version_takes_the_place_of_the_first(app: Flask) -> None:
    with app.app_context(), transaction():
        story = a_published_story()
        first, published_at = story.live, story.published_at
        second = edited(story, PublicationState.PUBLISHED)

        decisions.approve(a_moderator(), second)

        assert story.live is second
        assert first.state is SUPERSEDED
        assert story.published_at == published_at


@pytest.mark.parametrize("state", [PublicationState.HIDDEN, PublicationState.WITHDRAWN, PublicationState.REMOVED])
def test_an_approved_version_does_not_bring_back_what_was_taken_down(app: Flask, state: PublicationState) -> None:
    with app.app_context(), transaction():
        story = a_published_story()
        second = edited(story, state)

        decisions.approve(a_moderator(), second)

        assert story.state is state
        assert story.live is second


def test_what_was_published_before_keeps_its_first_date_when_it_comes_back(app: Flask) -> None:
    with app.app_context(), transaction():
        story = a_published_story()
        first_date = story.published_at
        authoring.withdraw(story.author, story)
        authoring.submit_edit(story.author, story, a_story_content())
        assert story.state is PublicationState.UNPUBLISHED

        decisions.approve(a_moderator(), pending_of(story))

        assert story.state is PublicationState.PUBLISHED
        assert story.published_at == first_date


def test_a_state_that_changed_meanwhile_is_left_where_it_is(either_app: Flask) -> None:
    with either_app.app_context(), transaction():
        story = a_published_story()
        db.session.execute(
            sa.update(Story).values(state=PublicationState.WITHDRAWN).execution_options(synchronize_session=False)
        )

        with pytest.raises(Conflict):
            publication.change_state(story, PublicationState.PUBLISHED, PublicationState.HIDDEN)

        db.session.refresh(story)
        assert story.state is PublicationState.WITHDRAWN


# --- The database allows one pending revision at a time ---


def another_version(contribution: Any, number: int, state: RevisionState) -> Any:
    if contribution.kind == "story":
        revision: Any = a_story_content()
        revision.story = contribution
    elif contribution.kind == "follow_up":
        revision = a_follow_up_content()
        revision.follow_up = contribution
    else:
        revision = CommentRevision(comment=contribution, body_source="x", body_html=RenderedText.EMPTY.html)
        revision.renderer_version = 1
    revision.number, revision.state = number, state
    return revision


def a_waiting(kind: str) -> Any:
    if kind == "story":
        return a_pending_story()
    return (a_pending_comment if kind == "comment" else a_pending_follow_up)(a_published_story())


@pytest.mark.parametrize("kind", ["story", "comment", "follow_up"])
def test_the_database_lets_one_revision_of_a_contribution_wait(either_app: Flask, kind: str) -> None:
    with either_app.app_context(), transaction():
        db.session.add(another_version(a_waiting(kind), 2, PENDING))

        with pytest.raises(IntegrityError, match=r"(?i)unique"):
            db.session.flush()

        db.session.rollback()


@pytest.mark.parametrize("kind", ["story", "comment", "follow_up"])
def test_the_database_lets_any_number_of_decided_revisions_be(app: Flask, kind: str) -> None:
    with app.app_context(), transaction():
        contribution = a_waiting(kind)
        for number, state in enumerate((APPROVED, REJECTED, REJECTED, WITHDRAWN, SUPERSEDED), start=2):
            db.session.add(another_version(contribution, number, state))

        db.session.flush()

        assert pending_of(contribution).number == 1


def test_the_database_refuses_two_versions_of_the_same_number(either_app: Flask) -> None:
    with either_app.app_context(), transaction():
        db.session.add(another_version(a_waiting("comment"), 1, REJECTED))

        with pytest.raises(IntegrityError, match=r"(?i)unique"):
            db.session.flush()

        db.session.rollback()
