"""Staff carry a badge beside their name on everything they write."""

from __future__ import annotations

import pytest
from flask import Flask

from app.accounts.models import Person
from app.foundation.access import Role
from app.foundation.database import db, transaction
from tests.client import StrictClient
from tests.factories.comments import a_published_comment
from tests.factories.people import a_person
from tests.factories.stories import a_published_story

TITLES = {Role.MODERATOR: "Moderator", Role.EDITOR: "Editor", Role.ADMIN: "Administrator", Role.MEMBER: None}


@pytest.mark.parametrize("role", Role)
def test_stories_and_comments_of_staff_carry_a_badge(app: Flask, client: StrictClient, role: Role) -> None:
    with app.app_context(), transaction():
        story = a_published_story(author=a_person("quillan", role))
        a_published_comment(story, author=story.author)
        number = story.id

    for address, badges in ((f"/stories/{number}", 2), ("/stories", 1), ("/", 1)):
        shown = client.get_page(address, follow_redirects=True).texts(".badge--staff")
        assert shown == ([TITLES[role]] * badges if TITLES[role] else []), address


def test_the_badge_is_gone_while_somebody_is_suspended(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        story = a_published_story(author=a_person("quillan", Role.MODERATOR))
        number = story.id
    with app.app_context(), transaction():
        person = db.session.query(Person).filter_by(username="quillan").one()
        person.suspended_at = person.created_at

    assert client.get_page(f"/stories/{number}", follow_redirects=True).texts(".badge--staff") == []
