"""More of what can happen at the same moment: nobody sees a 500, nothing is lost, nothing happens twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.accounts.models import Person
from app.comments.models import Comment, CommentRevision
from app.foundation.access import Role
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.publication import pending_of
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db, transaction
from app.moderation.appeals import appeals
from app.moderation.appeals.models import Appeal, AppealState
from app.moderation.audit.audit_log import AuditEntry
from app.moderation.decisions import decisions
from app.moderation.decisions.models import Action, Decision
from app.moderation.queue.models import QueueItem, Task
from app.moderation.reports.models import Report
from app.moderation.rules import rules
from app.moderation.rules.models import RulesVersion
from app.moderation.sanctions import sanctions
from app.stories.models import Story, StoryDraft, StoryRevision
from tests.client import StrictClient
from tests.factories.people import PASSWORD, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story
from tests.moderation.decisions.test_races import at_once, token_of
from tests.stories.story_form import BODY, TITLE, create_vocabulary

TIMES = 5


def twins(app: Flask, name: str) -> tuple[StrictClient, StrictClient, str]:
    """One person in two windows of the same browser, and the token of their forms."""
    client, twin = logged_in(app, name), app.test_client()
    token = token_of(client)
    twin.set_cookie("salve", client.get_cookie("salve").value)
    return client, twin, token


def posting(client: StrictClient, address: str, fields: dict[str, str]) -> Callable[[], int]:
    return lambda: client.post(address, data=fields).status_code


def stories_of(app: Flask, name: str, build: Callable[[Person], Story]) -> list[int]:
    with app.app_context(), transaction():
        person = registration.find_by_username(name) or a_person(name)
        stories = [build(person) for _ in range(TIMES)]
        db.session.flush()
        return [story.id for story in stories]


def count(app: Flask, what: sa.Select[tuple[int]]) -> int:
    with app.app_context():
        return db.session.scalar(what) or 0


@pytest.mark.parametrize("reporters", ["anonymous", "members"])
def test_two_first_reports_are_two_reports_of_one_item(either_app: Flask, reporters: str) -> None:
    stories = stories_of(either_app, "quietfern", a_published_story)
    names = ("tallowby", "mossywood")
    clients = [logged_in(either_app, name) if reporters == "members" else either_app.test_client() for name in names]
    tokens = [
        client.get_page(f"/stories/{stories[0]}/report").select("input[name=csrf_token]")[0].get("value", "")
        for client in clients
    ]

    for story in stories:
        fields = [{"csrf_token": token, "category": "privacy", "words": "a town"} for token in tokens]
        sent = zip(clients, fields, strict=True)
        assert at_once(*(posting(client, f"/stories/{story}/report", each) for client, each in sent)) == [302, 302]

    items = sa.select(sa.func.count(QueueItem.id)).where(QueueItem.task == Task.REPORT)
    assert count(either_app, items) == TIMES
    assert count(either_app, sa.select(sa.func.count(Report.id))) == 2 * TIMES


def test_a_comment_of_an_impatient_finger_is_one_comment(either_app: Flask) -> None:
    [story, *_others] = stories_of(either_app, "tallowby", a_published_story)
    client, twin, token = twins(either_app, "quietfern")

    for number in range(TIMES):
        fields = {"csrf_token": token, "body": f"Words of comment {number}.", "key": f"key-of-comment-{number}"}
        address = f"/comments/new/story/{story}"
        assert at_once(posting(client, address, fields), posting(twin, address, fields)) == [302, 302]

    assert count(either_app, sa.select(sa.func.count(Comment.id))) == TIMES
    assert count(either_app, sa.select(sa.func.count(CommentRevision.id))) == TIMES


def test_a_draft_saved_in_two_windows_is_one_draft(either_app: Flask) -> None:
    client, twin, token = twins(either_app, "quietfern")

    for number in range(TIMES):
        fields = {"csrf_token": token, "title": "In one window", "key": f"key-of-draft-{number}", "save": "1"}
        other = {**fields, "title": "In the other"}
        answers = at_once(posting(client, "/stories/new", fields), posting(twin, "/stories/new", other))
        assert answers == [302, 302]

    assert count(either_app, sa.select(sa.func.count(StoryDraft.id))) == TIMES


def test_two_edits_at_once_leave_one_waiting_and_lose_no_words(either_app: Flask) -> None:
    create_vocabulary(either_app)
    stories = stories_of(either_app, "quietfern", a_published_story)
    client, twin, token = twins(either_app, "quietfern")
    fields = {
        "csrf_token": token, "condition": "Warts", "about": "myself", "body": BODY, "publish": "y", "send": "1",
        "treatments-0-treatment": "Imiquimod",
    }  # fmt: skip

    for story in stories:
        address = f"/stories/{story}/edit"
        answers = at_once(
            posting(client, address, {**fields, "title": "One edit"}),
            posting(twin, address, {**fields, "title": "Another edit"}),
        )
        assert set(answers) <= {302, 409, 422}
        assert 302 in answers

    waiting = sa.select(sa.func.count(StoryRevision.id)).where(StoryRevision.state == RevisionState.PENDING)
    assert count(either_app, waiting) == TIMES


def test_an_author_who_withdraws_while_a_moderator_approves(either_app: Flask) -> None:
    stories = stories_of(either_app, "quietfern", a_pending_story)
    author, moderator = logged_in(either_app, "quietfern"), logged_in(either_app, "marlow", Role.MODERATOR)
    tokens = token_of(author), token_of(moderator)
    with either_app.app_context():
        items = {item.story_id: (item.id, item.story_revision_id) for item in db.session.scalars(sa.select(QueueItem))}

    for story in stories:
        item, revision = items[story]
        decision = {"csrf_token": tokens[1], "decision": "approve", "revision": str(revision)}
        answers = at_once(
            posting(author, f"/stories/{story}/withdraw", {"csrf_token": tokens[0]}),
            posting(moderator, f"/moderation/{item}", decision),
        )
        assert set(answers) <= {302, 409}
        assert 302 in answers
        with either_app.app_context():
            thing = db.session.get(Story, story)
            [state] = [each.state for each in thing.revisions]
            withdrawn, approved = (answer == 302 for answer in answers)
            assert (thing.state is PublicationState.WITHDRAWN) == withdrawn
            assert (state is RevisionState.APPROVED) == approved
            assert thing.is_published == (approved and not withdrawn)


def test_two_moderators_hide_the_same_thing_once(either_app: Flask) -> None:
    stories = stories_of(either_app, "quietfern", a_published_story)
    clients = [logged_in(either_app, name, Role.MODERATOR) for name in ("marlow", "lanternhill")]
    tokens = [token_of(client) for client in clients]

    for story in stories:
        acts = [
            posting(
                client, f"/moderation/stories/{story}", {"csrf_token": token, "decision": "hide", "reason": "privacy"}
            )
            for client, token in zip(clients, tokens, strict=True)
        ]
        assert sorted(at_once(*acts)) == [302, 409]

    hidden = sa.select(sa.func.count(Decision.id)).where(Decision.action == Action.HIDE)
    assert count(either_app, hidden) == TIMES


def test_one_name_is_given_once(either_app: Flask) -> None:
    for number in range(TIMES):
        clients = [either_app.test_client(), either_app.test_client()]
        acts = []
        for who, client in enumerate(clients):
            token = client.get_page("/register").one("input[name=csrf_token]").get("value", "")
            name = f"quietfern{number}"
            fields = {"csrf_token": token, "username": name, "email": f"{name}.{who}@example.org", "password": PASSWORD}
            acts.append(posting(client, "/register", fields))
        assert sorted(at_once(*acts)) == [302, 422]

    assert count(either_app, sa.select(sa.func.count(Person.id))) == TIMES


def test_a_story_sent_and_its_draft_discarded_at_once(either_app: Flask) -> None:
    create_vocabulary(either_app)
    client, twin, token = twins(either_app, "quietfern")
    fields = {
        "csrf_token": token, "title": TITLE, "condition": "Warts", "about": "myself", "body": BODY, "publish": "y",
        "treatments-0-treatment": "Imiquimod",
    }  # fmt: skip

    for number in range(TIMES):
        once = {**fields, "key": f"key-of-story-{number}"}
        assert client.post("/stories/new", data={**once, "save": "1"}).status_code == 302
        with either_app.app_context():
            draft = db.session.scalars(sa.select(StoryDraft.id)).one()
        answers = at_once(
            posting(client, "/stories/new", once),
            posting(twin, f"/stories/drafts/{draft}/discard", {"csrf_token": token}),
        )
        assert answers[0] == 302
        assert answers[1] in (302, 404, 409)

    assert count(either_app, sa.select(sa.func.count(Story.id))) == TIMES
    assert count(either_app, sa.select(sa.func.count(StoryDraft.id))) == 0


def test_of_two_answers_to_one_appeal_exactly_one_counts(either_app: Flask) -> None:
    decider, answerers = "lanternhill", ("marlow", "linden")
    with either_app.app_context(), transaction():
        moderator, author = a_person(decider, Role.MODERATOR), a_person("quietfern")
        asked = []
        for _ in range(TIMES):
            refused = decisions.reject(moderator, pending_of(a_pending_story(author)), "privacy")
            asked.append(appeals.submit(author, refused, "Please look again."))
        bans = [a_person() for _ in range(2)]
        asked += [appeals.submit(each, sanctions.ban(moderator, each, "privacy", "No more."), "Why?") for each in bans]
        db.session.flush()
        ids = [each.id for each in asked]
    clients = [logged_in(either_app, name, Role.MODERATOR) for name in answerers]
    tokens = [token_of(client) for client in clients]

    for appeal_id in ids:
        fields = [
            {"csrf_token": token, "answer": "We looked.", "outcome": outcome}
            for token, outcome in zip(tokens, ("uphold", "overturn"), strict=True)
        ]
        sent = zip(clients, fields, strict=True)
        answers = at_once(*(posting(client, f"/moderation/appeals/{appeal_id}", each) for client, each in sent))
        assert sorted(answers) == [302, 409]

    with either_app.app_context():
        answered = db.session.scalars(sa.select(Appeal)).all()
        assert all(each.answer == "We looked." and not each.is_open for each in answered)
        lines = db.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.action.in_(["uphold", "overturn"])))
        assert len(lines.all()) == len(ids)
        # Only what was overturned is public, or lifted.
        overturned = {each.id for each in answered if each.state is AppealState.OVERTURNED}
        turned = {each.id for each in answered if each.decision and each.decision.contribution.is_published}
        lifted = {each.id for each in answered if each.sanction and each.sanction.lifted_at is not None}
        assert turned | lifted == overturned


def test_of_two_who_save_rules_at_once_one_is_told_and_loses_nothing(either_app: Flask) -> None:
    clients = [logged_in(either_app, name, Role.MODERATOR) for name in ("marlow", "linden")]
    tokens = [token_of(client) for client in clients]

    for number in range(TIMES):
        words = [f"{name}{number}" for name in ("first", "second")]
        pages: dict[str, StrictClient] = {}

        def save(client: StrictClient, token: str, word: str, over: int = number, pages: dict = pages) -> int:
            fields = {"csrf_token": token, "save": "1", "over": str(over), "suspect": word, "blocked": "",
                      "most_links": "3", "alike_percent": "70", "rejected_percent": "50", "lane_approved": "0",
                      "lane_percent": "10"}  # fmt: skip
            answer = client.post("/moderation/rules", data=fields, unchecked="pages are read elsewhere")
            pages[word] = answer
            return answer.status_code

        sent = zip(clients, tokens, words, strict=True)
        answers = at_once(*(lambda each=each: save(*each) for each in sent))

        assert sorted(answers) == [302, 409]
        saved, refused = (words[answers.index(status)] for status in (302, 409))
        assert refused in pages[refused].text
        with either_app.app_context():
            assert rules.current().suspect == (saved,)
    assert count(either_app, sa.select(sa.func.count(RulesVersion.id))) == TIMES
