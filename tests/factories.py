"""Builders: the people and things a test speaks of, made through the same verbs as in real life.

    with transaction():
        author = a_person()
        story = a_published_story(author, title="Two years with DPCP")

Each needs an application context and, since verbs never commit, a `transaction()`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar

from flask import Flask

from app.accounts import passwords, registration
from app.accounts.models import Person
from app.articles import publishing
from app.articles.models import Article
from app.comments import authoring as comment_authoring
from app.comments.models import Comment
from app.follow_ups import authoring as follow_ups_authoring
from app.follow_ups.models import FollowUp, FollowUpRevision
from app.foundation.access import Role
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.moderation.decisions import decisions
from app.questionnaires.questions import version_of
from app.stories import authoring
from app.stories.answers import Effect, StillUsing
from app.stories.models import Story, StoryRevision
from app.topics import pages, vocabulary
from app.topics.models import NameKind, Topic, TopicKind
from tests.client import StrictClient

PASSWORD = "plum bucket sailing tuesday"
_numbers = count(1)
Made = TypeVar("Made")


def a_person(username: str | None = None, role: Role = Role.MEMBER) -> Person:
    """Somebody with an account and the password above."""
    name = username or f"person{next(_numbers)}"
    return registration.create_account(name, f"{name}@example.org", passwords.make_hash(PASSWORD), role=role)


def a_moderator(username: str | None = None) -> Person:
    """Somebody who may decide."""
    return a_person(username, Role.MODERATOR)


def a_topic(name: str, about: TopicKind = TopicKind.CONDITION, *names: str, page: str | None = None) -> Topic:
    """A topic by this name, found or made; `page` is the Markdown of its overview."""
    entry = vocabulary.Entry(name, about, names=tuple((NameKind.SYNONYM, each) for each in names))
    topic, _changed = vocabulary.add(entry)
    if page is not None:
        pages.publish(topic, pages.Overview(render_text(page, Profile.EDITORIAL)))
    return topic


def a_story_content(**changes: Any) -> StoryRevision:
    """A version of a story that was not sent. `body` and `advice` may be plain strings; `treatments` topics or what
    `a_treatment` makes; `condition` a name.
    """
    body = changes.pop("body", "I tried it for half a year and this is how it went, week by week, honestly told.")
    advice = changes.pop("advice", "")
    condition = changes.pop("condition", "Warts")
    treatments = changes.pop("treatments", None) or [a_topic("Imiquimod", TopicKind.TREATMENT)]
    answers = {
        "title": "Half a year, week by week",
        "body": render_text(body, Profile.STORY),
        "advice": render_text(advice, Profile.STORY),
        "condition": a_topic(condition) if isinstance(condition, str) else condition,
        "treatments": [
            each if isinstance(each, dict) else a_treatment(each, effect=Effect.MODERATELY) for each in treatments
        ],
        "publish": True,
        **changes,
    }
    return version_of(StoryRevision, answers)


def a_treatment(topic: Topic, **answers: Any) -> dict[str, Any]:
    """The answers about a treatment; `side_effects` are severities by topic."""
    named = answers.pop("side_effects", {})
    side_effects = [{"effect": effect, "severity": severity} for effect, severity in named.items()]
    return {"treatment": topic, "side_effects": side_effects, **answers}


def a_pending_story(author: Person | None = None, **content: Any) -> Story:
    """A story that waits for a moderator."""
    return authoring.submit(author or a_person(), a_story_content(**content), f"key-{next(_numbers):08}")


def a_published_story(author: Person | None = None, moderator: Person | None = None, **content: Any) -> Story:
    """A story that a moderator approved."""
    story = a_pending_story(author, **content)
    decisions.approve(moderator or a_moderator(), pending_of(story))
    return story


def a_pending_comment(
    on: Any, author: Person | None = None, body: str = "Thank you for telling this.", parent: Comment | None = None
) -> Comment:
    """A comment that waits for a moderator."""
    text = render_text(body, Profile.COMMENT)
    return comment_authoring.write(author or a_person(), on, text, f"key-{next(_numbers):08}", parent)


def a_published_comment(on: Any, *args: Any, moderator: Person | None = None, **more: Any) -> Comment:
    """A comment that a moderator approved."""
    comment = a_pending_comment(on, *args, **more)
    decisions.approve(moderator or a_moderator(), pending_of(comment))
    return comment


def a_follow_up_content(
    body: str = "It has stayed away since.", effect: Effect | None = None, **more: Any
) -> FollowUpRevision:
    """A version of a follow-up that was not sent; `effect` is that of imiquimod."""
    treatments = [a_treatment_now(a_topic("Imiquimod", TopicKind.TREATMENT), effect)] if effect else []
    answers = {"body": render_text(body, Profile.STORY), "treatments": treatments, **more}
    return version_of(FollowUpRevision, answers)


def a_treatment_now(
    topic: Topic, effect: Effect | None = None, still_using: StillUsing | None = None
) -> dict[str, Any]:
    """The answers of a follow-up about a treatment."""
    return {"topic": topic, "effect": effect, "still_using": still_using}


def a_pending_follow_up(story: Story, body: str = "It has stayed away since.", **content: Any) -> FollowUp:
    """A follow-up by the author of a public story that waits for a moderator."""
    return follow_ups_authoring.tell(
        story.author, story, a_follow_up_content(body, **content), f"key-{next(_numbers):08}"
    )


def a_published_follow_up(story: Story, *args: Any, moderator: Person | None = None, **content: Any) -> FollowUp:
    """A follow-up that a moderator approved."""
    follow_up = a_pending_follow_up(story, *args, **content)
    decisions.approve(moderator or a_moderator(), pending_of(follow_up))
    return follow_up


def an_article(slug: str = "how-to-read-a-figure", title: str = "How to read a figure", **content: Any) -> Article:
    """A published article."""
    body = render_text(content.pop("body", "Some words about figures."), Profile.EDITORIAL)
    topics = content.pop("topics", [a_topic("Warts")])
    return publishing.publish(
        slug, publishing.ArticleContent(title=title, excerpt="What figures mean.", body=body, topics=topics, **content)
    )


def made(app: Flask, build: Callable[[], Made]) -> int:
    """Build something in a transaction of its own and answer its id; for tests that go on over HTTP."""
    with app.app_context(), transaction():
        thing: Any = build()
        db.session.flush()
        return int(thing.id)


def logged_in(app: Flask, username: str, role: Role = Role.MEMBER) -> StrictClient:
    """A browser in which this person, made if need be, is logged in."""
    with app.app_context(), transaction():
        if registration.find(username) is None:
            a_person(username, role)
    client = app.test_client()
    # Not as a form filled in: that reads the page with a parser, and hundreds of tests begin here.
    page = client.get("/login", unchecked="logging in has tests of its own").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    fields = {"csrf_token": token, "username": username, "password": PASSWORD}
    assert client.post("/login", data=fields).status_code == 302
    return client
