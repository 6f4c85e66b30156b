"""A refused word over HTTP: the form comes back with everything in it, and the word is named."""

from __future__ import annotations

from flask import Flask

from app.foundation.database import transaction
from app.moderation import rules
from app.moderation.rules import Rules
from tests.factories import a_moderator, a_published_story, logged_in


def test_the_form_comes_back_with_everything_and_the_word(app: Flask) -> None:
    with app.app_context(), transaction():
        rules.save(a_moderator(), Rules(blocked=("cheap meds",)), over=0)
        a_published_story()
    client = logged_in(app, "quietfern")
    form = client.get_page("/comments/new/story/1").form("Add a comment")

    page = client.submit(form.fill("Comment", "They sold me Cheap Meds, never again."), status=422)

    form = page.form("Add a comment")
    assert "‘Cheap Meds’ cannot be published here" in form.error("Comment")
    assert form.value("Comment") == "They sold me Cheap Meds, never again."
    client.submit(form.fill("Comment", "They sold me rubbish, never again."))
    assert "rubbish" in client.get_page("/account/contributions").text
