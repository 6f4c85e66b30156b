"""Every route with every method and every role: the response follows from the access that the route declares.

For each combination there is one expected result: 'in' (access is granted, whatever the page then says), 'log in',
'nothing' (the same 404 as for a missing object) or 'no such method'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.accounts import registration
from app.comments.models import Comment
from app.follow_ups.models import FollowUp
from app.foundation import access
from app.foundation.access import Role
from app.foundation.contributions import publication
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.foundation.errors import NotAllowed
from app.moderation.appeals import appeals
from app.moderation.decisions import decisions
from app.moderation.decisions.models import Decision
from app.moderation.post_moderation.models import RulePublication
from app.moderation.rules import rules as screening_rules
from app.moderation.rules.rules import Rules
from app.moderation.sanctions import sanctions
from app.moderation.sanctions.models import Sanction
from app.stories import drafts
from app.stories.models import Story, StoryDraft
from app.topics import vocabulary
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories.comments import a_pending_comment, a_published_comment
from tests.factories.follow_ups import a_pending_follow_up, a_published_follow_up
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ROLES = {"tallowby": Role.MEMBER, "marlow": Role.MODERATOR, "emory": Role.EDITOR, "adair": Role.ADMIN}
EVERYBODY = ("nobody", "quietfern", *ROLES)
STAFF = ("marlow", "adair")
# Who has access where a role is required.
OF_ROLE = {Role.MODERATOR: STAFF, Role.EDITOR: ("emory", "adair"), Role.ADMIN: ("adair",)}

# The blueprints of pages for staff.
DESK = ("moderation.", "audit.", "people.", "appeals.", "post_moderation.")

# Routes about a person's own objects: for everybody except the author they do not exist, whatever the role.
OF_THE_AUTHOR = {
    *("stories.draft", "stories.discard", "stories.edit", "stories.change", "stories.confirm_withdraw"),
    *("stories.save_edit_draft", "stories.sent"),
    *("stories.withdraw", "comments.edit", "comments.change", "comments.confirm_withdraw", "comments.withdraw"),
    *("follow_ups.new", "follow_ups.create", "follow_ups.edit", "follow_ups.change"),
    *("follow_ups.confirm_withdraw", "follow_ups.withdraw"),
    *("accounts.confirm_erase", "accounts.erase", "accounts.cancel_erasure"),
    *(
        "follow_ups.save_new_draft",
        "follow_ups.save_edit_draft",
        "follow_ups.discard_new_draft",
        "follow_ups.discard_edit_draft",
    ),
}
# Statements of reasons are for the person they concern and for moderators; for others they do not exist.
OF_THE_CONCERNED = {
    *("appeals.decision", "appeals.appeal_decision"),
    *("appeals.sanction", "appeals.appeal_sanction", "appeals.read_warning"),
}
# The fields that a POST needs in order to be refused for its content and not for its form.
FIELDS = {
    "moderation.decide": {"decision": "reject", "revision": "1"},
    "moderation.change_state": {"decision": "hide"},
    "appeals.answer": {"outcome": "uphold"},
}
# These routes remove something, so they are tried last; logging out comes after them.
TAKING = (
    *("stories.discard", "follow_ups.discard_new_draft", "follow_ups.discard_edit_draft"),
    *("follow_ups.withdraw", "stories.withdraw", "comments.withdraw"),
    *("accounts.erase", "accounts.cancel_erasure"),
)

# The first story, comment and follow-up belong to the author and are pending; the second ones are public, by somebody
# else. Only a public story can be followed up: the third one, which belongs to the author.
OWN = {
    "story_id": 1,
    "comment_id": 1,
    "follow_up_id": 1,
    "draft_id": 1,
    "item_id": 1,
    "contribution_id": 1,
    # The fifth decision is the one against the author.
    "decision_id": 5,
    "name_id": 1,
    "publication_id": 1,
    "request_id": 1,
}
PUBLIC = {**OWN, "story_id": 2, "comment_id": 2, "follow_up_id": 2, "subject_id": 2}
FOLLOWED_UP = {**OWN, "story_id": 3}
WORDS = {
    "slug": "warts",
    "kind": "story",
    "kinds": "stories",
    "digest": "0",
    "username": "quietfern",
    "sanction_id": 1,
    "appeal_id": 1,
    "name": "main.css",
    "filename": "img/mark.svg",
}


@pytest.fixture
def site(app: Flask) -> Flask:
    with app.app_context(), transaction():
        author, moderator = a_person("quietfern"), a_moderator("lanternhill")
        a_topic("Warts", TopicKind.CONDITION, page="About warts.")
        a_pending_story(author)
        public = a_published_story(a_person("mossywood"), moderator)
        a_pending_comment(public, author)
        a_published_comment(public, moderator=moderator)
        a_pending_follow_up(a_published_story(author, moderator))
        a_published_follow_up(public, moderator=moderator)
        drafts.save(author, "key-of-a-draft", {"title": ["a draft"]})
        a_pending_story(author, treatments=[vocabulary.unlisted_topic("Luck", TopicKind.TREATMENT)])
        # The fifth decision is against the author, who has appealed; the warning has been read, so they may write.
        refused = decisions.reject(moderator, pending_of(a_pending_comment(public, author)), "disrespect")
        appeals.submit(author, refused, "words of an appeal")
        sanctions.acknowledge(author, sanctions.warn(moderator, author, "disrespect", "words of a warning"))
        # As if the fast lane had published the public comment.
        version = screening_rules.save(moderator, Rules(lane_approved=1), based_on=0)
        db.session.add(RulePublication(comment_id=2, comment_revision_id=2, rules_id=version.id))
    return app


def browser(app: Flask, who: str) -> StrictClient:
    if who == "nobody":
        return app.test_client()
    return logged_in(app, who, ROLES.get(who, Role.MEMBER))


def token_of(client: StrictClient) -> str:
    address = "/account/contributions" if client.get("/account/contributions").status_code == 200 else "/login"
    return client.get_page(address).select("input[name=csrf_token]")[0].get("value", "")


def rules(app: Flask) -> Iterator[Rule]:
    def last(rule: Rule) -> tuple[bool, bool, str]:
        return rule.endpoint == "accounts.logout", rule.endpoint in TAKING, rule.rule

    yield from sorted(app.url_map.iter_rules(), key=last)


def address_of(app: Flask, rule: Rule, values: dict[str, Any]) -> str:
    with app.test_request_context():
        return app.url_for(rule.endpoint, **{name: {**WORDS, **values}[name] for name in rule.arguments})


def methods_at(app: Flask, address: str) -> set[str]:
    """The methods that the routes at this address accept."""
    adapter = app.url_map.bind("localhost")
    return set(adapter.allowed_methods(address))


def expected(app: Flask, rule: Rule, method: str, who: str) -> str:
    declared = access.access_of(app, rule.endpoint)
    # OPTIONS is answered by the page at the same address, which everybody may see.
    if declared.level == "public" or (rule.endpoint, method) == ("stories.create", "OPTIONS"):
        return "in"
    if who == "nobody":
        return "log in"
    if declared.level == "staff" and who not in OF_ROLE[declared.role]:
        return "nothing"
    if rule.endpoint in OF_THE_CONCERNED and who not in ("quietfern", *STAFF):
        return "nothing" if method != "OPTIONS" else "in"
    if rule.endpoint in OF_THE_AUTHOR and who != "quietfern":
        return "nothing" if method != "OPTIONS" else "in"
    return "in"


def answered(response: TestResponse) -> str:
    if response.status_code == 405:
        return "no such method"
    if response.status_code == 401 or (response.location or "").startswith("/login"):
        return "log in"
    return "nothing" if response.status_code == 404 else "in"


def knock(client: StrictClient, rule: Rule, method: str, address: str, token: str) -> TestResponse:
    data = {"csrf_token": token, **FIELDS.get(rule.endpoint, {})} if method == "POST" else None
    headers = {"X-CSRFToken": token} if method in ("PUT", "PATCH", "DELETE") else {}
    return client.open(
        address, method=method, data=data, headers=headers, buffered=True, unchecked="only who may come in is looked at"
    )


@pytest.mark.parametrize("who", EVERYBODY)
def test_the_answer_to_every_method_follows_from_the_declared_access(site: Flask, who: str) -> None:
    client, wrong, seen = browser(site, who), [], 0
    token = token_of(client)

    for rule in rules(site):
        values = OWN if rule.endpoint in OF_THE_AUTHOR or rule.endpoint.startswith(DESK) else PUBLIC
        if rule.endpoint.startswith("moderation.") and "report" in rule.endpoint:
            values = PUBLIC
        if rule.endpoint.startswith("follow_ups.") and "story_id" in rule.arguments:
            values = FOLLOWED_UP
        if rule.endpoint == "articles.show":
            continue  # there is no article here; the route is public and in the reviewed list
        address = address_of(site, rule, values)
        for method in METHODS:
            # That a route does not take a method is decided before anybody asks who it is: two people prove it.
            if method not in rule.methods and who not in ("nobody", "adair"):
                continue
            if method in rule.methods:
                due = expected(site, rule, method, who)
            elif method in methods_at(site, address):
                continue  # another route handles this method
            else:
                due = "no such method"
            seen += 1
            response = knock(client, rule, method, address, token)
            if answered(response) != due:
                wrong.append(f"{method} {address} ({rule.endpoint}): {response.status_code}, not {due!r}")

    assert wrong == []
    assert seen > (200 if who in ("nobody", "adair") else 120)


def test_every_route_of_an_author_is_known_to_these_tests(app: Flask) -> None:
    # A new route with an id under 'member' is either about one's own things or about public ones: decide, and say so.
    about_public_things = {"comments.new", "comments.create", "comments.reply", "comments.create_reply"}
    about_public_things |= {"stories.thanks", "stories.thank", "saved_stories.save"}
    found = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if access.access_of(app, rule.endpoint).level == "member"
        and any(name.endswith("_id") for name in rule.arguments)
    }
    assert found == OF_THE_AUTHOR | OF_THE_CONCERNED | about_public_things


# --- Other people's objects give the same response as missing ones, whatever their state ---


def plant_states(app: Flask) -> None:
    """A story and a comment of the author in every state that nobody else may know about."""
    with app.app_context(), transaction():
        author, moderator = registration.find_by_username("quietfern"), registration.find_by_username("lanternhill")
        public = db.session.get(Story, 2)

        def stories(domain_function: Any, *more: str) -> None:
            domain_function(moderator, pending_of(a_pending_story(author)), *more)
            domain_function(moderator, pending_of(a_pending_comment(public, author)), *more)

        stories(decisions.reject, "privacy")
        stories(decisions.request_changes, "privacy")
        for thing in (a_pending_story(author), a_pending_comment(public, author)):
            publication.withdraw(author, thing)
        for thing in (a_published_story(author, moderator), a_published_comment(public, author, moderator=moderator)):
            decisions.hide(moderator, thing, "privacy")
        later = a_published_follow_up(a_published_story(author, moderator), moderator=moderator)
        decisions.hide(moderator, later, "privacy")
        # A public comment on a hidden story, and a public reply to a hidden comment.
        hidden = a_published_story(author, moderator)
        a_published_comment(hidden, author, moderator=moderator)
        a_published_follow_up(hidden, moderator=moderator)
        decisions.hide(moderator, hidden, "privacy")


def concealed(app: Flask) -> dict[str, list[int]]:
    """The ids that a stranger must not be able to distinguish from missing ones."""
    with app.app_context():
        return {
            "story_id": list(db.session.scalars(sa.select(Story.id).where(~Story.public()))),
            "comment_id": list(db.session.scalars(sa.select(Comment.id).where(~Comment.public()))),
            "follow_up_id": list(db.session.scalars(sa.select(FollowUp.id).where(~FollowUp.public()))),
            "draft_id": list(db.session.scalars(sa.select(StoryDraft.id))),
            "decision_id": list(db.session.scalars(sa.select(Decision.id))),
            "sanction_id": list(db.session.scalars(sa.select(Sanction.id))),
            "subject_id": list(db.session.scalars(sa.select(Story.id).where(~Story.public()))),
        }


def told(response: TestResponse) -> tuple[int, str, list[tuple[str, str]]]:
    """Everything that can be seen in a response, without what differs every time."""
    body = re.sub(r'name="csrf_token" value="[^"]*"', "", response.text)
    headers = [
        (name, value) for name, value in response.headers if name not in ("Set-Cookie", "Content-Length", "Date")
    ]
    return response.status_code, body, headers


STRANGERS = ("nobody", "tallowby", "emory")
# HEAD is answered by the code of GET; the roles ask the same question of a concealed thing.
COMPARED = [
    pytest.param(who, method, marks=() if method != "HEAD" or who == "nobody" else pytest.mark.long)
    for who in STRANGERS
    for method in ("GET", "HEAD", "POST")
]


@pytest.mark.parametrize(("who", "method"), COMPARED)
def test_what_is_not_for_somebody_answers_byte_for_byte_like_what_is_not_there(
    site: Flask, who: str, method: str
) -> None:
    """`make test-long` also sends HEAD for people who are logged in."""
    plant_states(site)
    client, compared, hidden = browser(site, who), 0, concealed(site)
    token = token_of(client)

    for rule in rules(site):
        [name, *_none] = [*(rule.arguments & set(hidden)), ""]
        if not name or method not in rule.methods:
            continue
        missing = told(knock(client, rule, method, address_of(site, rule, {**PUBLIC, name: 9999}), token))
        for number in hidden[name]:
            address = address_of(site, rule, {**PUBLIC, name: number})
            there = told(knock(client, rule, method, address, token))
            # A redirect to the log-in page contains the address to return to.
            assert re.sub(rf"/{number}\b", "/N", str(there)) == str(missing).replace("/9999", "/N"), (
                f"{method} {address}"
            )
            compared += 1

    assert compared > 30


def test_nobody_changed_anything_by_knocking(site: Flask) -> None:
    for who in STRANGERS:
        client = browser(site, who)
        token = token_of(client)
        for rule in rules(site):
            if "POST" in rule.methods and (rule.endpoint in OF_THE_AUTHOR or rule.endpoint.startswith(DESK)):
                knock(client, rule, "POST", address_of(site, rule, {**OWN, "subject_id": 1}), token)

    with site.app_context():
        assert db.session.scalar(sa.select(sa.func.count(StoryDraft.id))) == 1
        assert db.session.scalar(sa.select(sa.func.count(Decision.id))) == 5
        assert [str(each) for each in db.session.scalars(sa.select(Story.state).order_by(Story.id))] == [
            "unpublished",
            "published",
            "published",
            "unpublished",
        ]


# --- Domain functions check access themselves ---


@pytest.mark.parametrize("who", ["marlow", "emory", "adair"])
def test_every_page_of_the_staff_opens_for_them(site: Flask, who: str) -> None:
    client = browser(site, who)

    for rule in rules(site):
        declared = access.access_of(site, rule.endpoint)
        if "GET" in rule.methods and declared.level == "staff" and who in OF_ROLE[declared.role]:
            address = address_of(site, rule, {**OWN, "subject_id": PUBLIC["subject_id"]})
            assert client.get(address, buffered=True, follow_redirects=True).status_code == 200, rule


def test_the_author_reaches_their_own(site: Flask) -> None:
    author = browser(site, "quietfern")
    for address in (
        "/stories/drafts/1",
        "/stories/1/edit",
        "/stories/1/withdraw",
        "/comments/1",
        "/comments/1/edit",
        "/stories/3/follow-up",
        "/follow-ups/1",
        "/follow-ups/1/edit",
        "/follow-ups/1/withdraw",
        "/account/contributions/stories/1/erase",
        "/account/contributions/comments/1/erase",
        "/account/contributions/follow-ups/1/erase",
    ):
        assert author.get_page(address).status == 200


def test_a_decision_on_ones_own_words_is_refused_by_the_verb(site: Flask) -> None:
    with site.app_context(), transaction():
        moderator = registration.find_by_username("lanternhill")
        with pytest.raises(NotAllowed, match="another moderator"):
            decisions.approve(moderator, pending_of(a_pending_story(moderator)))
