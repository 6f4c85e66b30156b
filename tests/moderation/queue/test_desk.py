"""The desk: what waits, deciding, and what the author is told."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.foundation.access import Role
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.moderation.decisions import decisions
from app.moderation.decisions.models import Decision
from app.moderation.reasons import REASONS
from app.stories import authoring
from app.stories.models import Story
from tests.client import Page, StrictClient
from tests.factories.comments import a_pending_comment, a_published_comment
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story, a_story_content


@pytest.fixture
def author(app: Flask) -> StrictClient:
    return logged_in(app, "quietfern")


def plant(app: Flask, *, published: bool = False, title: str = "Half a year, week by week") -> int:
    with app.app_context(), transaction():
        person = registration.find_by_username("quietfern") or a_person("quietfern")
        story = a_published_story(person, title=title) if published else a_pending_story(person, title=title)
        return story.id


def decide(moderator: StrictClient, title: str, button: str, *, status: int = 200, **fields: str) -> Page:
    page = moderator.click(moderator.get_page("/moderation"), title)
    form = page.form(button)
    if "reason" in fields:
        form.choose("Reason", fields["reason"])
    if "note" in fields:
        form.fill("Note to the author", fields["note"])
    return moderator.submit(form, button, status=status)


def test_the_queue_is_oldest_first_with_filters_and_counts(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        writer = a_person()
        story = a_published_story(writer, title="Published before")
        a_pending_story(writer, title="The oldest")
        a_pending_comment(story, writer, "A comment in the middle")
        authoring.submit_edit(writer, story, a_story_content(title="The newest"))

    page = moderator.get_page("/moderation")
    assert page.texts(".queue a") == ["The oldest", "A comment in the middle", "The newest"]
    assert page.texts(".tabs__count") == ["3", "2", "1", "0", "0", "0"]
    assert moderator.get_page("/moderation?kind=comment").texts(".queue a") == ["A comment in the middle"]


def test_after_a_decision_the_next_item_is_there(app: Flask, moderator: StrictClient) -> None:
    plant(app, title="The first")
    plant(app, title="The second")

    page = decide(moderator, "The first", "Approve")

    assert page.h1 == "The second"
    assert "Approved" in page.text
    assert "Nothing is waiting" in decide(moderator, "The second", "Approve").text


@pytest.mark.parametrize("button", ["Ask for changes", "Reject"])
def test_a_refusal_needs_a_reason_and_keeps_the_note(app: Flask, moderator: StrictClient, button: str) -> None:
    plant(app)

    page = decide(moderator, "Half a year, week by week", button, status=422, note="A note of some length.")

    assert page.form("Approve").value("Note to the author") == "A note of some length."
    assert "Choose a reason" in page.form("Approve").error("Reason")


def test_the_author_reads_reason_and_note_and_nobody_else(
    app: Flask, author: StrictClient, moderator: StrictClient
) -> None:
    plant(app)
    decide(moderator, "Half a year, week by week", "Reject", reason="Protect privacy", note="The name of the town.")

    page = author.get_page("/account/contributions")
    assert "1 unread notice" in page.text
    assert "The name of the town." in page.text
    assert "Protect privacy" in page.text
    other = logged_in(app, "tallowby")
    assert "town" not in other.get_page("/account/contributions").text

    page = author.submit(page.form("Mark as read"), "Mark as read")
    assert "unread notice" not in page.text


def test_a_ready_made_note_goes_out_when_none_is_written(
    app: Flask, author: StrictClient, moderator: StrictClient
) -> None:
    plant(app)
    decide(moderator, "Half a year, week by week", "Ask for changes", reason="Give readers something to go on")

    page = author.get_page("/account/contributions")

    assert str(REASONS["too_little"].note) in page.text
    assert "changes needed" in page.text
    # The draft to go on from is there.
    author.click(page, "Half a year, week by week", css=".contribution-list a[href*=drafts]")


def test_a_decision_on_a_text_that_changed_says_so(app: Flask, moderator: StrictClient) -> None:
    number = plant(app)
    page = moderator.click(moderator.get_page("/moderation"), "Half a year, week by week")
    with app.app_context(), transaction():
        story = db.session.get_one(Story, number)
        authoring.submit_edit(story.author, story, a_story_content(title="Other words"))

    page = moderator.submit(page.form("Approve").fill("Note to the author", "Thank you"), "Approve", status=409)

    assert "The author has sent a newer version" in page.text
    assert page.form("Approve").value("Note to the author") == "Thank you"
    app.test_client().get_page(f"/stories/{number}", status=404)


def test_a_decision_that_came_too_late_says_who_decided(app: Flask, moderator: StrictClient) -> None:
    plant(app)
    second = logged_in(app, "lanternhill", Role.MODERATOR)
    page = second.click(second.get_page("/moderation"), "Half a year, week by week")
    decide(moderator, "Half a year, week by week", "Approve")

    page = second.submit(page.form("Reject").choose("Reason", "Be kind"), "Reject", status=409)

    assert "Someone else decided" in page.text
    assert "by marlow" in page.text


def test_nobody_decides_on_their_own_words(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        a_pending_story(registration.find_by_username("marlow"), title="By the moderator")

    page = moderator.click(moderator.get_page("/moderation"), "By the moderator")

    assert "another moderator decides" in page.text
    assert page.select("button[value=approve]") == []


def test_hiding_and_restoring(app: Flask, author: StrictClient, moderator: StrictClient) -> None:
    number = plant(app, published=True)
    reader, desk = app.test_client(), f"/moderation/stories/{number}"

    form = moderator.get_page(desk).form("Hide").choose("Reason", "Protect privacy")
    page = moderator.submit(form, "Hide")
    reader.get_page(f"/stories/{number}", status=404)
    assert "hidden by a moderator" in author.get_page("/account/contributions").text

    moderator.submit(page.form("Restore"), "Restore")
    reader.get_page(f"/stories/{number}", follow_redirects=True)
    with app.app_context():
        actions = [str(each) for each in db.session.scalars(sa.select(Decision.action).order_by(Decision.id))]
        assert actions == ["approve", "hide", "restore"]


def test_reports_on_one_thing_share_one_item(app: Flask, moderator: StrictClient) -> None:
    number = plant(app, published=True)
    reader, member = app.test_client(), logged_in(app, "tallowby")
    address = f"/stories/{number}/report"
    for client, words in ((reader, "It names a town."), (member, "And a person."), (member, "Once more.")):
        form = client.get_page(address).form("Send report")
        client.submit(form.check("It names someone, or shows who they are").fill("In your words", words))

    page = moderator.get_page("/moderation")
    assert page.texts(".tabs__count") == ["1", "0", "0", "0", "1", "0"]
    page = moderator.click(page, "Half a year, week by week")
    assert "It names a town." in page.text
    assert "And a person." in page.text
    assert "Once more." not in page.text

    moderator.submit(page.form("Keep as it is"), "Keep as it is")
    assert "Nothing is waiting" in moderator.get_page("/moderation").text
    reader.get_page(f"/stories/{number}", follow_redirects=True)


def test_a_report_without_a_category_comes_back(app: Flask) -> None:
    number = plant(app, published=True)
    reader = app.test_client()
    form = reader.get_page(f"/stories/{number}/report").form("Send report").fill("In your words", "It is wrong.")

    page = reader.submit(form, "Send report", status=422)

    assert page.form("Send report").value("In your words") == "It is wrong."
    assert "Choose what’s wrong" in page.text


def test_the_difference_to_the_public_version_is_shown(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        story = a_published_story(body="I would not do it again, and I say so after thinking for a long while.")
        changed = a_story_content(body="I would do it again, and I say so after thinking for a long while.")
        authoring.submit_edit(story.author, story, changed)

    page = moderator.click(moderator.get_page("/moderation"), "Half a year, week by week")

    assert "".join(page.texts(".words del")) == "not"
    assert "a long while" in page.text


def test_what_a_comment_answers_is_shown_with_it(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        story = a_published_story(title="The story it stands on")
        first = a_published_comment(story, body="what was said first")
        a_pending_comment(story, body="and the answer to it", parent=first)

    page = moderator.click(moderator.get_page("/moderation"), "and the answer to it")

    assert "what was said first" in page.text
    assert "The story it stands on" in page.text


def test_a_decision_is_kept_when_another_follows(app: Flask) -> None:
    with app.app_context(), transaction():
        first, second = a_moderator(), a_moderator()
        story = a_pending_story()
        decisions.request_changes(first, pending_of(story), "too_little", "A little more, please.")
        authoring.submit_edit(story.author, story, a_story_content(title="A little more"))
        decisions.approve(second, pending_of(story))
        kept = decisions.history(story)
        assert [str(each.action) for each in kept] == ["request_changes", "approve"]
        assert kept[0].note is not None
        assert kept[0].note.text == "A little more, please."
