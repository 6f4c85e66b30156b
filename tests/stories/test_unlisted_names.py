"""A treatment or a condition that is in no list: sent all the same, settled by staff, public never before."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.foundation.access import Role
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.foundation.errors import Conflict, NotAllowed, Refused
from app.moderation.decisions import decisions, redaction
from app.moderation.queue.models import QueueItem
from app.stories import unlisted_names
from app.stories.models import Story, StoryRevision, UnlistedName
from app.topics import vocabulary
from app.topics.models import Topic, TopicKind
from tests.client import Form, Page, StrictClient
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story
from tests.stories.story_form import field_error, filled_form

TICK = "My treatment isn’t listed"


@pytest.fixture
def moderator(app: Flask) -> StrictClient:
    return logged_in(app, "marlow", Role.MODERATOR)


def with_luck(writer: StrictClient, address: str = "/stories/new") -> Form:
    """The form with a treatment that nobody knows."""
    return filled_form(writer, address).fill("Treatment", "Luck").check(TICK, within="Treatment 1")


def item(app: Flask) -> str:
    with app.app_context():
        return f"/moderation/{db.session.scalars(sa.select(QueueItem.id).order_by(QueueItem.id.desc())).first()}"


def names(app: Flask) -> list[tuple[str, str | None]]:
    """Every name that was in no list, and what it was said to be."""
    with app.app_context():
        rows = db.session.scalars(sa.select(UnlistedName).order_by(UnlistedName.id))
        return [(row.name, row.topic.name if row.topic else None) for row in rows]


def journey(page: Page) -> list[str]:
    return page.texts(".journey__name")


def test_a_name_that_is_not_known_can_be_said_to_be_in_no_list(app: Flask, writer: StrictClient) -> None:
    page = writer.submit(filled_form(writer).fill("Treatment", "Luck"), "Send for review", status=422)
    assert "tick the box below to use this name" in field_error(page, "treatments-0-treatment")

    page = writer.submit(page.form("Send for review").check(TICK, within="Treatment 1"), "Send for review")

    assert "waiting to be read" in page.text
    assert names(app) == [("Luck", None)]
    assert journey(writer.get_page("/stories/1/story")) == ["Luck"]


def test_a_condition_can_be_in_no_list_too(app: Flask, writer: StrictClient) -> None:
    form = filled_form(writer).fill("Condition", "Lurgy").check("My condition isn’t listed")

    writer.submit(form, "Send for review")

    assert names(app) == [("Lurgy", None)]
    assert "A story about Lurgy" in writer.get_page("/stories/1/story").text


def test_the_tick_says_nothing_about_a_name_that_is_known(app: Flask, writer: StrictClient) -> None:
    writer.submit(with_luck(writer).fill("Treatment", "dpcp"), "Send for review")

    assert names(app) == []
    with app.app_context():
        assert db.session.scalars(sa.select(StoryRevision)).one().treatments[0].topic.name == "Diphencyprone"


@pytest.mark.parametrize("name", ["---", "()", "x" * 201])
def test_what_is_no_name_is_not_taken(app: Flask, writer: StrictClient, name: str) -> None:
    writer.submit(with_luck(writer).fill("Treatment", name), "Send for review", status=422)

    assert names(app) == []


def test_the_preview_shows_the_name_and_keeps_nothing_in_the_vocabulary(app: Flask, writer: StrictClient) -> None:
    page = writer.submit(with_luck(writer), "Preview")

    assert journey(page) == ["Luck"]
    with app.app_context():
        assert db.session.scalars(sa.select(Topic).where(Topic.name.in_(["Luck", "not listed"]))).all() == []


def test_sending_it_twice_makes_one_story(app: Flask, writer: StrictClient) -> None:
    form = with_luck(writer)
    writer.submit(form, "Send for review")
    writer.submit(form, "Send for review")

    with app.app_context():
        assert len(db.session.scalars(sa.select(StoryRevision)).all()) == 1


def test_changing_the_story_begins_with_the_name(app: Flask, writer: StrictClient) -> None:
    writer.submit(with_luck(writer), "Send for review")

    form = writer.get_page("/stories/1/edit").form("Send for review")

    assert form.value("Treatment") == "Luck"
    assert form.value(TICK, within="Treatment 1") is True
    writer.submit(form.fill("Title", "Another title"), "Send for review")
    assert names(app) == [("Luck", None), ("Luck", None)]


def test_a_story_is_not_approved_before_its_names_are_settled(
    app: Flask, writer: StrictClient, moderator: StrictClient
) -> None:
    writer.submit(with_luck(writer), "Send for review")
    page = moderator.get_page(item(app))
    assert "‘Luck’ isn’t in our list" in page.text

    page = moderator.submit(page.form("Approve"), "Approve", status=422)

    assert "Settle that name first" in page.text
    with app.app_context():
        assert not db.session.get(Story, 1).is_published


def test_a_name_is_said_to_be_a_topic_that_there_is(app: Flask, writer: StrictClient, moderator: StrictClient) -> None:
    writer.submit(with_luck(writer), "Send for review")
    form = moderator.get_page(item(app)).form("Use this one").fill("Which one do they mean?", "dpcp")

    page = moderator.submit(form, "Use this one")

    assert "Done. The story is now about Diphencyprone." in page.text
    assert "in our list" not in page.text
    moderator.submit(page.form("Approve"), "Approve")
    public = app.test_client().get_page("/stories/1", follow_redirects=True)
    assert journey(public) == ["Diphencyprone"]
    assert "Luck" not in public.text
    with app.app_context():
        assert vocabulary.find("Luck") is None


def test_a_name_can_be_understood_from_now_on(app: Flask, writer: StrictClient, moderator: StrictClient) -> None:
    writer.submit(with_luck(writer), "Send for review")
    form = moderator.get_page(item(app)).form("Use this one").fill("Which one do they mean?", "Cryotherapy")

    moderator.submit(form.check("Other people call it ‘Luck’ too. Remember this name"), "Use this one")

    with app.app_context():
        assert vocabulary.find("luck").name == "Cryotherapy"


def test_a_name_can_be_taken_into_the_vocabulary(app: Flask, writer: StrictClient, moderator: StrictClient) -> None:
    writer.submit(with_luck(writer), "Send for review")
    form = moderator.get_page(item(app)).form("Use this one").fill("Which one do they mean?", "Good luck")

    page = moderator.submit(form, "Add it to the list")

    moderator.submit(page.form("Approve"), "Approve")
    assert journey(app.test_client().get_page("/stories/1", follow_redirects=True)) == ["Good luck"]
    with app.app_context():
        assert vocabulary.find("Good luck", TopicKind.TREATMENT) is not None


def test_a_topic_that_there_is_not_is_told(app: Flask, writer: StrictClient, moderator: StrictClient) -> None:
    writer.submit(with_luck(writer), "Send for review")
    form = moderator.get_page(item(app)).form("Use this one").fill("Which one do they mean?", "Warts")

    page = moderator.submit(form, "Use this one", status=422)

    assert "We don’t have ‘Warts’ in our list of these." in page.text
    assert names(app) == [("Luck", None)]


def a_story_with(app: Flask, *treatments: str) -> int:
    with app.app_context(), transaction():
        topics = [vocabulary.unlisted_topic(name, TopicKind.TREATMENT) for name in treatments]
        story = a_pending_story(a_person("quietfern"), treatments=topics)
        db.session.flush()
        return story.id


def test_nobody_settles_the_names_of_their_own_story(app: Flask) -> None:
    a_story_with(app, "Luck")
    with app.app_context(), transaction():
        author = registration.find_by_username("quietfern")
        author.role = Role.MODERATOR
        with pytest.raises(NotAllowed):
            unlisted_names.settle_as_new(author, db.session.get(UnlistedName, 1), "Luck")
        with pytest.raises(NotAllowed):
            unlisted_names.settle_as(a_person(), db.session.get(UnlistedName, 1), "Luck")


def test_a_name_is_settled_once(either_app: Flask) -> None:
    a_story_with(either_app, "Luck", "Patience")
    with either_app.app_context(), transaction():
        moderator = a_moderator()
        name = db.session.get(UnlistedName, 1)
        unlisted_names.settle_as_new(moderator, name, "Luck")
        with pytest.raises(Conflict):
            unlisted_names.settle_as_new(moderator, name, "Fortune")

        revision = db.session.scalars(sa.select(StoryRevision)).one()
        assert [tried.name for tried in revision.treatments] == ["Luck", "Patience"]
        assert [each.name for each in unlisted_names.open_names(revision)] == ["Patience"]
        with pytest.raises(Refused, match="Settle that name first"):
            decisions.approve(moderator, pending_of(revision.story))


def test_a_name_stays_with_its_treatment_when_a_passage_is_masked(app: Flask) -> None:
    with app.app_context(), transaction():
        condition, known = (
            vocabulary.unlisted_topic("Lurgy", TopicKind.CONDITION),
            a_topic("Imiquimod", TopicKind.TREATMENT),
        )
        treatments = [known, vocabulary.unlisted_topic("Luck", TopicKind.TREATMENT)]
        story = a_pending_story(title="With Anna", condition=condition, treatments=treatments)
        redaction.redact(a_moderator(), pending_of(story), "Anna", "a friend")

        masked = pending_of(story)

        assert masked.title == "With a friend"
        assert masked.condition_name == "Lurgy"
        assert [tried.name for tried in masked.treatments] == ["Imiquimod", "Luck"]
        assert [name.name for name in unlisted_names.open_names(masked)] == ["Lurgy", "Luck"]
