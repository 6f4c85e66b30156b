"""The life of a story over HTTP: changes requested, published, reported, hidden, restored, edited, withdrawn."""

from __future__ import annotations

from flask import Flask

from app.foundation.access import Role
from tests.client import Page, StrictClient
from tests.factories.people import logged_in
from tests.stories.story_form import TITLE, create_vocabulary, filled_form


def decide(moderator: StrictClient, title: str, button: str, reason: str | None = None, note: str = "") -> Page:
    form = moderator.click(moderator.get_page("/moderation"), title).form(button)
    if reason:
        form.choose("Reason", reason)
    return moderator.submit(form.fill("Note to the author", note), button)


def test_the_life_of_a_story(app: Flask) -> None:
    create_vocabulary(app)
    patient, friend, reader = logged_in(app, "quietfern"), logged_in(app, "tallowby"), app.test_client()
    moderator = logged_in(app, "marlow", Role.MODERATOR)

    # Submitted, and changes are requested with a reason.
    patient.submit(filled_form(patient), "Send for review")
    decide(moderator, TITLE, "Ask for changes", "Protect privacy", "Please leave out the arm.")
    page = patient.get_page("/account/contributions")
    assert "1 unread notice" in page.text
    assert "Please leave out the arm." in page.text
    page = patient.submit(page.form("Mark as read"))

    # The author edits the draft that was made from it and submits it again.
    page = patient.click(page, TITLE, css="a[href*='/stories/drafts/']")
    form = page.form("Send for review").fill("Your story", "They painted a small square first and we waited for weeks.")
    patient.submit(form, "Send for review")
    reader.get_page("/stories/1", status=404)
    decide(moderator, TITLE, "Approve", note="Thank you.")
    page = reader.get_page("/stories/1", follow_redirects=True)
    assert "a small square first" in page.text
    assert "on my arm" not in page.html

    # Commented on, and the comment appears in its place.
    form = friend.get_page("/stories/1", follow_redirects=True).form("Add a comment")
    friend.submit(form.fill("Comment", "It was the same with me."))
    decide(moderator, "It was the same with me.", "Approve")
    assert "It was the same with me." in reader.get_page("/stories/1", follow_redirects=True).text

    # Reported and hidden, with its comments, for everybody except the author.
    form = reader.get_page("/stories/1/report").form("Send report").check("Something else")
    reader.submit(form.fill("In your words", "I think I know who that is."))
    decide(moderator, TITLE, "Hide", "Protect privacy", "A reader recognised you.")
    reader.get_page("/stories/1", status=404)
    reader.get_page("/comments/1", status=404)
    assert "A reader recognised you." in patient.get_page("/account/contributions").text
    assert "It was the same" not in patient.get_page("/stories/1", follow_redirects=True).text

    # Restored, with its comments.
    moderator.submit(moderator.get_page("/moderation/stories/1").form("Restore"), "Restore")
    page = reader.get_page("/stories/1", follow_redirects=True)
    assert "It was the same with me." in page.text

    # Edited after approval: the old text stays until the new one is approved.
    form = patient.get_page("/stories/1/edit").form("Send for review").fill("Title", "Twelve warts, to be exact")
    patient.submit(form, "Send for review")
    assert reader.get_page("/stories/1", follow_redirects=True).h1 == TITLE
    decide(moderator, "Twelve warts, to be exact", "Approve")
    page = reader.get_page("/stories/1/eleven-warts-and-then-none", follow_redirects=True)
    assert page.h1 == "Twelve warts, to be exact"

    # Withdrawn: the page says so.
    form = patient.get_page("/stories/1/withdraw").form("Withdraw story")
    assert "withdrawn by you" in patient.submit(form).text
    page = reader.get_page("/stories/1", status=410)
    assert "has withdrawn it" in page.text
    assert "warts" not in page.html
