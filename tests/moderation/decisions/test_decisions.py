"""Decisions in detail: what each button does, who may press it, who reads what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.accounts.models import Person
from app.comments.models import Comment
from app.foundation.access import Role
from app.foundation.contributions import publication
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.publication import pending_of
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db, transaction
from app.foundation.errors import Conflict, NotAllowed, Refused
from app.moderation.decisions import decisions
from app.moderation.decisions.models import Decision, DecisionNote
from app.moderation.queue.models import QueueItem
from app.moderation.reasons import REASONS
from app.notifications.models import Notice
from app.stories import authoring
from app.stories.models import Story
from tests.client import Page, StrictClient
from tests.factories.comments import a_pending_comment, a_published_comment
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story, a_story_content

TITLE = "Half a year, week by week"
KINDS = ["story", "comment"]


@pytest.fixture
def author(app: Flask) -> StrictClient:
    return logged_in(app, "quietfern")


def person(name: str) -> Person:
    """Somebody by name, made if need be. Within a transaction."""
    return registration.find_by_username(name) or a_person(name)


def waiting(app: Flask, kind: str = "story") -> int:
    """A story or comment of the author that waits; answers the id of its item in the queue."""
    with app.app_context(), transaction():
        if kind == "story":
            a_pending_story(person("quietfern"), title=TITLE)
        else:
            a_pending_comment(a_published_story(person("tallowby")), person("quietfern"), TITLE)
        db.session.flush()
        return db.session.scalars(sa.select(QueueItem.id).where(QueueItem.closed_at.is_(None))).one()


def press(client: StrictClient, item: int, button: str, status: int = 200, **fields: str) -> Page:
    form = client.get_page(f"/moderation/{item}").form(button)
    if "reason" in fields:
        form.choose("Reason", str(REASONS[fields["reason"]].title))
    return client.submit(form.fill("Note to the author", fields.get("note", "")), button, status=status)


def post(client: StrictClient, address: str, **fields: Any) -> Any:
    token = client.csrf_token()
    return client.post(address, data={"csrf_token": token, **fields})


def the_revision(app: Flask, kind: str) -> Any:
    model = Story if kind == "story" else Comment
    [thing] = [each for each in db.session.scalars(sa.select(model)) if each.author.username == "quietfern"]
    return thing.revisions[-1]


def count(app: Flask, model: type[Any]) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


# --- The three buttons ---


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("button", "state", "published", "told"),
    [
        ("Approve", RevisionState.APPROVED, PublicationState.PUBLISHED, "published"),
        ("Ask for changes", RevisionState.CHANGES_REQUESTED, PublicationState.UNPUBLISHED, "changes needed"),
        ("Reject", RevisionState.REJECTED, PublicationState.UNPUBLISHED, "not published"),
    ],
)
def test_each_button_does_what_it_says_and_the_author_is_told(
    app: Flask, author: StrictClient, moderator: StrictClient, kind: str, button: str,
    state: RevisionState, published: PublicationState, told: str,
) -> None:  # fmt: skip
    item = waiting(app, kind)

    page = press(moderator, item, button, reason="privacy", note="A word from me.")

    assert "Nothing is waiting" in page.text
    with app.app_context():
        revision = the_revision(app, kind)
        assert (revision.state, revision.contribution.state) == (state, published)
        decision = decisions.history(revision.contribution)[-1]
        assert (decision.moderator.username, decision.note.text) == ("marlow", "A word from me.")
        assert decision.revision.id == revision.id
    page = author.get_page("/account/contributions")
    assert told in page.texts(".is-new strong")
    assert "A word from me." in page.text
    assert "1 unread notice" in page.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("button", ["Ask for changes", "Reject"])
@pytest.mark.parametrize("reason", ["", "nonsense", "other", "\x00"])
def test_no_refusal_goes_out_without_one_of_the_reasons(
    app: Flask, moderator: StrictClient, kind: str, button: str, reason: str
) -> None:
    item = waiting(app, kind)
    form = moderator.get_page(f"/moderation/{item}").form(button)
    revision = dict(form.pairs())["revision"]
    action = {"Reject": "reject", "Ask for changes": "changes"}[button]

    response = post(moderator, f"/moderation/{item}", decision=action, revision=revision, reason=reason, note="kept")

    assert response.status_code == 422
    assert Page(response).form(button).value("Note to the author") == "kept"
    assert Page(response).texts("#reason-error")
    with app.app_context():
        assert the_revision(app, kind).state is RevisionState.PENDING


@pytest.mark.parametrize("code", REASONS)
@pytest.mark.parametrize("note", ["", "  \n "])
def test_every_reason_has_a_note_ready_and_a_guideline(
    app: Flask, author: StrictClient, moderator: StrictClient, code: str, note: str
) -> None:
    press(moderator, waiting(app), "Reject", reason=code, note=note)

    page = author.get_page("/account/contributions")

    assert str(REASONS[code].note) in page.text
    guideline = author.click(page, str(REASONS[code].title))
    assert guideline.one(f"#{REASONS[code].anchor}") is not None


def test_a_long_note_comes_back(app: Flask, moderator: StrictClient) -> None:
    item, note = waiting(app), "x" * (decisions.NOTE_MAX_LENGTH + 1)

    page = press(moderator, item, "Reject", 422, reason="privacy", note=note)

    assert page.form("Reject").value("Note to the author") == note
    assert page.form("Reject").value("Reason") == str(REASONS["privacy"].title)
    assert count(app, DecisionNote) == 0


def test_approval_without_a_note_says_nothing_more(app: Flask, author: StrictClient, moderator: StrictClient) -> None:
    press(moderator, waiting(app), "Approve")

    assert count(app, DecisionNote) == 0
    assert author.get_page("/account/contributions").select("blockquote") == []


def test_a_note_is_words_not_markup(app: Flask, author: StrictClient, moderator: StrictClient) -> None:
    hostile = "<script>alert(1)</script> **not bold** & </blockquote>"

    press(moderator, waiting(app), "Reject", reason="privacy", note=hostile)

    assert author.get_page("/account/contributions").texts("blockquote") == [hostile]


@pytest.mark.parametrize("action", ["hide", "restore", "keep", "", "erase", "\x00", "approve "])
def test_a_button_that_is_not_there_does_nothing(app: Flask, moderator: StrictClient, action: str) -> None:
    item = waiting(app)
    revision = dict(moderator.get_page(f"/moderation/{item}").form("Approve").pairs())["revision"]

    response = post(moderator, f"/moderation/{item}", decision=action, revision=revision, reason="privacy")

    assert response.status_code == 404
    assert count(app, Decision) == 0


# --- Too late ---


def superseded(app: Flask) -> None:
    with app.app_context(), transaction():
        story = db.session.get(Story, 1)
        authoring.submit_edit(story.author, story, a_story_content(title="A newer title"))


def withdrawn(app: Flask) -> None:
    with app.app_context(), transaction():
        story = db.session.get(Story, 1)
        publication.withdraw(story.author, story)


def decided(app: Flask, domain_function: Callable[..., Any], *more: str) -> Callable[[], None]:
    def decide() -> None:
        with app.app_context(), transaction():
            domain_function(a_moderator("lanternhill"), pending_of(db.session.get(Story, 1)), *more)

    return decide


@pytest.mark.parametrize("button", ["Approve", "Ask for changes", "Reject"])
@pytest.mark.parametrize("meanwhile", ["superseded", "withdrawn", "approved", "rejected", "asked for changes"])
def test_a_decision_that_came_too_late_changes_nothing_and_says_why(
    app: Flask, moderator: StrictClient, meanwhile: str, button: str
) -> None:
    item = waiting(app)
    form = moderator.get_page(f"/moderation/{item}").form(button)
    form.choose("Reason", str(REASONS["privacy"].title)).fill("Note to the author", "My note.")
    happened: dict[str, Callable[[], None]] = {
        "superseded": lambda: superseded(app),
        "withdrawn": lambda: withdrawn(app),
        "approved": decided(app, decisions.approve),
        "rejected": decided(app, decisions.reject, "disrespect"),
        "asked for changes": decided(app, decisions.request_changes, "disrespect"),
    }
    happened[meanwhile]()
    before = count(app, Decision)

    page = moderator.submit(form, status=409)

    assert "Your decision came too late" in page.text
    expected = {"superseded": "The author has sent a newer version", "withdrawn": "The author withdrew this"}
    assert expected.get(meanwhile, "Someone else decided on this") in page.text
    if meanwhile not in expected:
        assert f"{meanwhile} by lanternhill" in page.text
    assert page.form(button).value("Note to the author") == "My note."
    assert count(app, Decision) == before


def test_the_newer_version_waits_in_an_item_of_its_own(app: Flask, moderator: StrictClient) -> None:
    item = waiting(app)
    superseded(app)

    page = moderator.get_page("/moderation")

    assert page.texts(".queue a") == ["A newer title"]
    assert "no longer waiting" in moderator.get_page(f"/moderation/{item}").text
    assert "newer" not in moderator.get_page(f"/moderation/{item}").h1


def test_a_version_cannot_be_decided_on_through_the_item_of_another(app: Flask, moderator: StrictClient) -> None:
    item = waiting(app)
    with app.app_context(), transaction():
        other = pending_of(a_pending_story())
        db.session.flush()
        number = other.id

    response = post(moderator, f"/moderation/{item}", decision="approve", revision=number)

    assert response.status_code == 404
    assert count(app, Decision) == 0


# --- Nobody decides on their own words, nobody but moderators decides ---


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADMIN])
@pytest.mark.parametrize("action", ["approve", "changes", "reject"])
def test_nobody_decides_on_their_own_words_by_any_way(app: Flask, role: Role, action: str) -> None:
    client = logged_in(app, "adair", role)
    with app.app_context(), transaction():
        a_pending_story(registration.find_by_username("adair"))

    response = post(client, "/moderation/1", decision=action, revision=1, reason="privacy", note="by myself")

    assert response.status_code == 403
    assert "another moderator decides" in response.text
    assert count(app, Decision) == 0


@pytest.mark.parametrize("action", ["hide", "restore", "keep"])
def test_nobody_hides_restores_or_keeps_their_own(app: Flask, action: str) -> None:
    client = logged_in(app, "adair", Role.MODERATOR)
    with app.app_context(), transaction():
        story = a_published_story(registration.find_by_username("adair"))
        if action == "restore":
            decisions.hide(a_moderator(), story, "privacy")

    response = post(client, "/moderation/stories/1", decision=action, reason="privacy")

    assert response.status_code == 403
    with app.app_context():
        expected = PublicationState.HIDDEN if action == "restore" else PublicationState.PUBLISHED
        assert db.session.get(Story, 1).state is expected


@pytest.mark.parametrize("role", [Role.MEMBER, Role.EDITOR])
def test_the_verbs_themselves_refuse_everybody_else(app: Flask, role: Role) -> None:
    with app.app_context(), transaction():
        actor = a_person("tallowby", role)
        pending, published = a_pending_story(), a_published_story()
        for decide in (
            lambda: decisions.approve(actor, pending_of(pending)),
            lambda: decisions.request_changes(actor, pending_of(pending), "privacy"),
            lambda: decisions.reject(actor, pending_of(pending), "privacy"),
            lambda: decisions.hide(actor, published, "privacy"),
            lambda: decisions.restore(actor, published),
            lambda: decisions.keep(actor, published),
        ):
            with pytest.raises(NotAllowed):
                decide()


def test_a_suspended_moderator_decides_on_nothing(app: Flask) -> None:
    from app.foundation import clock

    with app.app_context(), transaction():
        actor, story = a_moderator(), a_pending_story()
        actor.suspended_at = clock.now()

        with pytest.raises(NotAllowed):
            decisions.approve(actor, pending_of(story))


# --- Hiding and restoring ---


@pytest.mark.parametrize("kind", KINDS)
def test_hiding_needs_a_reason_and_tells_the_author(
    app: Flask, author: StrictClient, moderator: StrictClient, kind: str
) -> None:
    press(moderator, waiting(app, kind), "Approve")
    kinds = {"story": "stories", "comment": "comments"}[kind]
    with app.app_context():
        number = the_revision(app, kind).contribution.id
    form = (
        moderator.get_page(f"/moderation/{kinds}/{number}").form("Hide").fill("Note to the author", "A town is named.")
    )

    page = moderator.submit(form, status=422)
    assert page.form("Hide").value("Note to the author") == "A town is named."
    moderator.submit(page.form("Hide").choose("Reason", str(REASONS["privacy"].title)))

    page = author.get_page("/account/contributions")
    assert page.texts(".is-new strong") == ["hidden by a moderator"]
    assert "A town is named." in page.text
    assert str(REASONS["privacy"].title) in page.text


def test_what_was_hidden_by_somebody_else_cannot_be_hidden_again(app: Flask, moderator: StrictClient) -> None:
    press(moderator, waiting(app), "Approve")
    form = moderator.get_page("/moderation/stories/1").form("Hide").choose("Reason", str(REASONS["privacy"].title))
    with app.app_context(), transaction():
        decisions.hide(a_moderator(), db.session.get(Story, 1), "disrespect")
    before = count(app, Decision)

    page = moderator.submit(form.fill("Note to the author", "My note."), status=409)

    assert "Someone else decided first" in page.text
    assert "My note." in page.html
    assert count(app, Decision) == before


def test_hiding_what_its_author_withdrew_meanwhile_keeps_the_note_on_the_page(
    app: Flask, moderator: StrictClient
) -> None:
    press(moderator, waiting(app), "Approve")
    form = moderator.get_page("/moderation/stories/1").form("Hide").choose("Reason", str(REASONS["privacy"].title))
    withdrawn(app)

    page = moderator.submit(form.fill("Note to the author", "My note."), status=409)

    assert "My note." in page.html
    with app.app_context():
        assert db.session.get(Story, 1).state is PublicationState.WITHDRAWN


@pytest.mark.parametrize("state", ["unpublished", "withdrawn", "removed"])
def test_only_what_is_public_is_hidden_and_only_what_is_hidden_is_restored(app: Flask, state: str) -> None:
    with app.app_context(), transaction():
        actor, story = a_moderator(), a_pending_story()
        story.state = PublicationState(state)
        db.session.flush()

        for turn in (lambda: decisions.hide(actor, story, "privacy"), lambda: decisions.restore(actor, story)):
            with pytest.raises(Conflict):
                turn()


def test_the_verbs_refuse_what_is_no_reason_and_a_note_without_end(app: Flask) -> None:
    with app.app_context(), transaction():
        actor, story = a_moderator(), a_published_story()
        for reason in ("", "other", "nonsense"):
            with pytest.raises(Refused):
                decisions.hide(actor, story, reason)
        with pytest.raises(Refused):
            decisions.hide(actor, story, "privacy", "x" * (decisions.NOTE_MAX_LENGTH + 1))


# --- What the author is told ---


def test_notices_count_until_they_are_read(app: Flask, author: StrictClient, moderator: StrictClient) -> None:
    for _ in range(2):
        press(moderator, waiting(app), "Reject", reason="privacy")
    assert "2 unread notices" in author.get_page("/about").text
    assert "unread" not in logged_in(app, "tallowby").get_page("/about").text

    page = author.get_page("/account/contributions")
    assert page.texts(".badge") == ["New", "New"]
    page = author.submit(page.form("Mark as read"))

    assert page.texts(".badge") == []
    assert "unread" not in page.text
    # Told again with the next decision.
    press(moderator, waiting(app), "Approve")
    assert "1 unread notice" in author.get_page("/about").text


def test_looking_at_the_page_alone_marks_nothing_as_read(
    app: Flask, author: StrictClient, moderator: StrictClient
) -> None:
    press(moderator, waiting(app), "Approve")

    for _ in range(2):
        page = author.get_page("/account/contributions")

    assert "1 unread notice" in page.text


def test_marking_as_read_touches_nobody_elses_notices(
    app: Flask, author: StrictClient, moderator: StrictClient
) -> None:
    press(moderator, waiting(app), "Approve")
    other = logged_in(app, "tallowby")

    assert post(other, "/account/contributions/seen").status_code == 302

    assert "1 unread notice" in author.get_page("/about").text


def test_keeping_after_a_report_tells_the_author_nothing(
    app: Flask, author: StrictClient, moderator: StrictClient, client: StrictClient
) -> None:
    press(moderator, waiting(app), "Approve")
    author.submit(author.get_page("/account/contributions").form("Mark as read"))
    form = client.get_page("/stories/1/report").form("Send report").check("It’s unkind")
    client.submit(form.fill("In your words", "I do not like it."))

    page = moderator.click(moderator.get_page("/moderation?kind=report"), TITLE)
    moderator.submit(page.form("Keep as it is"), "Keep as it is")

    page = author.get_page("/account/contributions")
    assert "unread" not in page.text
    assert "I do not like it." not in page.html
    assert not any("report" in words.lower() for words in page.texts("main"))
    assert count(app, Notice) == 1


@pytest.mark.parametrize("button", ["Ask for changes", "Reject"])
def test_a_note_and_its_reason_are_for_the_author_and_the_moderators_alone(
    app: Flask, author: StrictClient, moderator: StrictClient, client: StrictClient, button: str
) -> None:
    note = "The name of the nurse in the third sentence."
    press(moderator, waiting(app), button, reason="not_own_experience", note=note)
    other, editor = logged_in(app, "tallowby"), logged_in(app, "emory", Role.EDITOR)

    assert note in author.get_page("/account/contributions").text
    assert note in logged_in(app, "lanternhill", Role.MODERATOR).get_page("/moderation/stories/1").text
    for stranger in (client, other, editor):
        for address in ("/", "/stories", "/stories/1", "/stories/1/story", "/moderation/1", "/account/contributions"):
            response = stranger.get(address, follow_redirects=True)
            assert note not in response.text, address
            assert str(REASONS["not_own_experience"].title) not in response.text, address


def test_the_author_does_not_learn_who_decided(app: Flask, author: StrictClient, moderator: StrictClient) -> None:
    press(moderator, waiting(app), "Reject", reason="privacy")

    for address in ("/account/contributions", "/stories/1/story"):
        assert "marlow" not in author.get_page(address).html


def test_a_note_on_an_approved_text_does_not_stand_beside_it(
    app: Flask, author: StrictClient, moderator: StrictClient, client: StrictClient
) -> None:
    press(moderator, waiting(app), "Approve", note="Thank you for this.")

    assert "Thank you for this." in author.get_page("/account/contributions").text
    for reader in (client, author):
        assert "Thank you for this." not in reader.get_page("/stories/1", follow_redirects=True).text


# --- What is kept ---


def test_every_decision_is_kept_with_the_version_it_was_about(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        story, first, second = a_pending_story(person("quietfern")), a_moderator(), a_moderator()
        decisions.request_changes(first, pending_of(story), "too_little", "More, please.")
        authoring.submit_edit(story.author, story, a_story_content(title="More"))
        decisions.reject(second, pending_of(story), "privacy", "Too much.")
        authoring.submit_edit(story.author, story, a_story_content(title="Just right"))
        decisions.approve(first, pending_of(story), "Thank you.")
        decisions.hide(second, story, "disrespect")
        decisions.restore(first, story, "It was a mistake.")
        publication.withdraw(story.author, story)

    with app.app_context():
        kept = decisions.history(db.session.get(Story, 1))
        assert [(str(each.action), each.revision.number, each.reason) for each in kept] == [
            ("request_changes", 1, "too_little"),
            ("reject", 2, "privacy"),
            ("approve", 3, None),
            ("hide", 3, "disrespect"),
            ("restore", 3, None),
        ]
    page = moderator.get_page("/moderation/stories/1")
    for words in ("More, please.", "Too much.", "Thank you.", "It was a mistake.", str(REASONS["disrespect"].note)):
        assert words in page.text


def test_an_author_with_a_history_is_shown_at_a_glance(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        author, decider = person("quietfern"), a_moderator()
        a_published_comment(a_published_story(author, decider), author, moderator=decider)
        decisions.reject(decider, pending_of(a_pending_story(author)), "advertising")
    item = waiting(app)

    page = moderator.get_page(f"/moderation/{item}")

    [record] = page.texts(".author-record")
    assert record.startswith("quietfern · joined ")
    assert record.endswith("2 published · 1 rejected · 0 sanctions")


def test_a_first_contribution_is_marked_as_one_whose_name_is_read_too(app: Flask, moderator: StrictClient) -> None:
    assert "New here: check the user name too." in moderator.get_page(f"/moderation/{waiting(app)}").text
