"""The main journey over HTTP: write a story, approve it, find it."""

from __future__ import annotations

from flask import Flask

from app.foundation.access import Role
from app.topics.models import TopicKind
from tests.factories.building import made
from tests.factories.pages import a_topic
from tests.factories.people import logged_in


def test_a_story_is_written_approved_and_read(app: Flask) -> None:
    made(app, lambda: a_topic("Warts"))
    made(app, lambda: a_topic("Diphencyprone", TopicKind.TREATMENT, "DPCP"))
    patient, stranger = logged_in(app, "quietfern"), app.test_client()
    moderator = logged_in(app, "marlow", Role.MODERATOR)

    form = patient.get_page("/stories/new").form("Send for review")
    form.fill("Title", "Eleven warts and then none").fill("Condition", "warts").fill("Treatment", "dpcp")
    form.fill("Your story", "They painted a small square on my arm first and then we waited for two weeks.")
    page = patient.submit(form.check("Publish my story"), "Send for review")
    assert "waiting to be read" in page.text

    assert "Eleven warts" not in stranger.get_page("/stories").text
    stranger.get_page("/stories/1", status=404)

    item = moderator.click(moderator.get_page("/moderation"), "Eleven warts and then none")
    moderator.submit(item.form("Approve"), "Approve")

    assert "published" in patient.get_page("/account/contributions").text
    assert "Eleven warts" in stranger.get_page("/stories").text
    assert "Diphencyprone" in stranger.get_page("/stories/1/eleven-warts-and-then-none").text
