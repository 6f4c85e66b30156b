"""Every address, read by everybody there is: what is not for somebody answers as if it were not there."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.foundation import access
from app.foundation.access import Role
from app.foundation.contributions import pending_of
from app.foundation.database import transaction
from app.moderation import decisions
from app.stories import authoring
from tests.client import StrictClient
from tests.factories import a_moderator, a_pending_comment, a_pending_story, a_person, a_published_story, logged_in

# The ids of things that exist and belong to the author; 999 does not exist.
OWN = {"story_id": 1, "comment_id": 1, "draft_id": 1, "item_id": 1, "contribution_id": 1, "subject_id": 2}
FIXED = {
    "slug": "story",
    "kind": "story",
    "kinds": "stories",
    "digest": "0",
    "name": "main.css",
    "filename": "js/main.js",
}


@pytest.fixture
def site(app: Flask) -> Flask:
    """Of the author: a pending story (1), a published one (2), a pending comment (1) and a draft (1)."""
    with app.app_context(), transaction():
        author, moderator = a_person("quietfern"), a_moderator("marlow")
        a_pending_story(author)
        a_published_story(author, moderator)
        a_pending_comment(a_published_story(author, moderator), author)
        authoring.save_draft(author, "key-of-a-draft", {"title": ["a draft"]})
    return app


def address_of(app: Flask, rule: object, **more: object) -> str:
    values = {name: {**OWN, **FIXED, **more}[name] for name in rule.arguments}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


def routes(app: Flask, method: str, level: str) -> list[object]:
    return [
        rule
        for rule in app.url_map.iter_rules()
        if method in rule.methods and access.access_of(app, rule.endpoint).level == level
    ]


def read(client: StrictClient, address: str) -> tuple[int, str]:
    response = client.get(address, buffered=True)
    return response.status_code, response.headers.get("Location", "")


def test_a_stranger_is_asked_to_log_in_where_an_account_is_needed(site: Flask) -> None:
    stranger = site.test_client()
    for level in ("member", "staff"):
        for rule in routes(site, "GET", level):
            status, location = read(stranger, address_of(site, rule))
            assert (status, location.partition("?")[0]) == (302, "/login"), rule


@pytest.mark.parametrize("role", [Role.MEMBER, Role.EDITOR])
def test_staff_pages_do_not_exist_for_others(site: Flask, role: Role) -> None:
    other = logged_in(site, "tallowby", role)
    token = other.get_page("/stories/new").select("input[name=csrf_token]")[0].get("value")
    for rule in routes(site, "GET", "staff"):
        assert read(other, address_of(site, rule))[0] == 404, rule
    for rule in routes(site, "POST", "staff"):
        assert other.post(address_of(site, rule), data={"csrf_token": token}).status_code == 404, rule


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADMIN])
def test_staff_pages_open_for_moderators_and_administrators(site: Flask, role: Role) -> None:
    staff = logged_in(site, "lanternhill", role)
    for rule in routes(site, "GET", "staff"):
        assert read(staff, address_of(site, rule))[0] == 200, rule


def test_public_pages_answer_everybody(site: Flask) -> None:
    readers = [site.test_client(), logged_in(site, "tallowby"), logged_in(site, "lanternhill", Role.ADMIN)]
    for rule in routes(site, "GET", "public"):
        for reader in readers:
            status, _location = read(reader, address_of(site, rule, story_id=2))
            assert status in (200, 302, 404, 503), rule
            assert status != 404 or "comment_id" in rule.arguments or "slug" in rule.arguments, rule


def without_addresses(text: str) -> str:
    return re.sub(r'name="csrf_token" value="[^"]*"', "", text)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_things_of_others_answer_exactly_like_missing_ones(site: Flask, method: str) -> None:
    other = logged_in(site, "tallowby")
    token = other.get_page("/stories/new").select("input[name=csrf_token]")[0].get("value")
    theirs = [
        rule
        for rule in [*routes(site, method, "member"), *routes(site, method, "public")]
        if rule.arguments & {"story_id", "comment_id", "draft_id"}
    ]
    assert len(theirs) > 5
    for rule in theirs:
        missing = dict.fromkeys(OWN, 999)
        answers = [
            other.open(address, method=method, data={"csrf_token": token} if method == "POST" else None)
            for address in (address_of(site, rule), address_of(site, rule, **missing))
        ]
        assert [answer.status_code for answer in answers] == [404, 404], rule
        assert without_addresses(answers[0].text) == without_addresses(answers[1].text), rule


def test_the_author_reaches_their_own(site: Flask) -> None:
    author = logged_in(site, "quietfern")
    for address in ("/stories/drafts/1", "/stories/1/edit", "/stories/1/withdraw", "/comments/1", "/comments/1/edit"):
        assert author.get_page(address).status == 200


def test_a_decision_on_ones_own_words_is_refused_by_the_verb(site: Flask) -> None:
    with site.app_context(), transaction():
        moderator = a_moderator("lanternhill")
        story = a_pending_story(moderator)
        with pytest.raises(Exception, match="Somebody else"):
            decisions.approve(moderator, pending_of(story))
