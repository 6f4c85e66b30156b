"""Two people at the same moment, through the public door, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts.models import Person
from app.foundation.access import Role
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db, transaction
from app.moderation.audit.audit_log import AuditEntry
from app.moderation.decisions.models import Decision
from app.moderation.queue.models import QueueItem
from app.notifications.models import Notice
from app.stories.models import Story, StoryRevision
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories.building import made
from tests.factories.pages import a_topic
from tests.factories.people import a_person, logged_in
from tests.factories.stories import a_pending_story

FEW = 12
MANY = 200


def at_once(*acts: Callable[[], int]) -> list[int]:
    """Do these things at the same moment, each in a thread of its own; answers what each answered, in order."""
    start = threading.Barrier(len(acts))
    answers: dict[int, int] = {}

    def run(number: int, act: Callable[[], int]) -> None:
        start.wait()
        answers[number] = act()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return [answers[number] for number in range(len(acts))]


def token_of(client: StrictClient) -> str:
    return client.csrf_token()


def waiting(app: Flask, number: int) -> list[tuple[int, int]]:
    """This many waiting stories, as (item of the queue, revision)."""
    with app.app_context():
        with transaction():
            author = a_person("quietfern")
            for _ in range(number):
                a_pending_story(author)
        return [tuple(row) for row in db.session.execute(sa.select(QueueItem.id, QueueItem.story_revision_id))]


def decide(client: StrictClient, token: str, item: tuple[int, int], decision: str) -> Callable[[], int]:
    item_id, revision_id = item
    fields = {"csrf_token": token, "revision": revision_id, "decision": decision, "reason": "privacy", "note": "a note"}
    return lambda: client.post(f"/moderation/{item_id}", data=fields).status_code


@pytest.mark.parametrize("number", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
def test_of_two_opposite_decisions_exactly_one_counts(either_app: Flask, number: int) -> None:
    items = waiting(either_app, number)
    first, second = (logged_in(either_app, name, Role.MODERATOR) for name in ("marlow", "lanternhill"))
    tokens = token_of(first), token_of(second)

    for item in items:
        answers = at_once(decide(first, tokens[0], item, "approve"), decide(second, tokens[1], item, "reject"))
        assert sorted(answers) == [302, 409]

    with either_app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Decision.id))) == number
        assert db.session.scalar(sa.select(sa.func.count(Notice.id))) == number
        assert db.session.scalar(sa.select(sa.func.count(AuditEntry.id))) == number
        for revision in db.session.scalars(sa.select(StoryRevision)):
            approved = revision.state is RevisionState.APPROVED
            assert revision.story.is_published == approved
            assert (revision.story.live_revision_id == revision.id) == approved


def test_nobody_approves_words_that_changed_meanwhile(either_app: Flask) -> None:
    author, moderator = logged_in(either_app, "quietfern"), logged_in(either_app, "marlow", Role.MODERATOR)
    made(either_app, lambda: a_topic("Warts"))
    made(either_app, lambda: a_topic("Imiquimod", TopicKind.TREATMENT))
    with either_app.app_context():
        with transaction():
            person = db.session.scalars(sa.select(Person).where(Person.username == "quietfern")).one()
            for _ in range(FEW):
                a_pending_story(person)
        items = [tuple(row) for row in db.session.execute(sa.select(QueueItem.id, QueueItem.story_revision_id))]
        stories = list(db.session.scalars(sa.select(Story.id).order_by(Story.id)))
    tokens = token_of(author), token_of(moderator)
    fields = {
        "csrf_token": tokens[0],
        "title": "Other words",
        "condition": "Warts",
        "about": "myself",
        "treatments-0-treatment": "Imiquimod",
        "body": "These are other words, which no moderator has read so far, and there are enough of them.",
        "publish": "y",
    }

    for item, story_id in zip(items, stories, strict=True):
        edit = lambda story_id=story_id: author.post(f"/stories/{story_id}/edit", data=fields).status_code  # noqa: E731
        answers = at_once(edit, decide(moderator, tokens[1], item, "approve"))
        assert answers[0] in (302, 422)
        assert answers[1] in (302, 409)

    with either_app.app_context():
        for story in db.session.scalars(sa.select(Story)):
            assert story.live is None or story.live.title != "Other words"


def test_a_double_click_sends_one_story(either_app: Flask) -> None:
    author = logged_in(either_app, "quietfern")
    made(either_app, lambda: a_topic("Warts"))
    made(either_app, lambda: a_topic("Imiquimod", TopicKind.TREATMENT))
    twin = either_app.test_client()
    token = token_of(author)
    twin.set_cookie("salve", author.get_cookie("salve").value)
    fields = {
        "csrf_token": token,
        "title": "Sent by an impatient finger",
        "condition": "Warts",
        "about": "myself",
        "treatments-0-treatment": "Imiquimod",
        "body": "I pressed the button twice because nothing seemed to happen for a long, long moment.",
        "publish": "y",
    }
    for number in range(FEW // 5):
        once = {**fields, "key": f"a-key-of-a-form-{number}"}
        answers = at_once(
            lambda once=once: author.post("/stories/new", data=once).status_code,
            lambda once=once: twin.post("/stories/new", data=once).status_code,
        )
        assert answers == [302, 302]

    with either_app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Story.id))) == FEW // 5
        assert db.session.scalar(sa.select(sa.func.count(StoryRevision.id))) == FEW // 5
