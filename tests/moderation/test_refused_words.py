"""A refused word over HTTP: the form comes back with everything in it, and the word is named."""

from __future__ import annotations

from flask import Flask

from app.foundation.contributions.publication import pending_of
from app.foundation.database import transaction
from app.moderation.queue import filters
from app.moderation.rules import rules
from app.moderation.rules.rules import Rules
from app.moderation.screening import signals
from tests.factories.people import a_moderator, logged_in
from tests.factories.stories import a_pending_story, a_published_story

COPIED = (
    "I put it on every evening, and after six weeks the crusts came, one upon the other, and then they fell off again."
)


def test_the_form_comes_back_with_everything_and_the_word(either_app: Flask) -> None:
    app = either_app
    with app.app_context(), transaction():
        rules.save(a_moderator(), Rules(blocked=("cheap meds",)), based_on=0)
        a_published_story()
    client = logged_in(app, "quietfern")
    form = client.get_page("/comments/new/story/1").form("Add a comment")

    page = client.submit(form.fill("Comment", "They sold me Cheap Meds, never again."), status=422)

    form = page.form("Add a comment")
    assert "We don’t publish ‘Cheap Meds’ here." in form.error("Comment")
    assert form.value("Comment") == "They sold me Cheap Meds, never again."
    client.submit(form.fill("Comment", "They sold me rubbish, never again."))
    assert "rubbish" in client.get_page("/account/contributions").text


def test_signals_and_the_place_in_the_queue_on_either_database(either_app: Flask) -> None:
    with either_app.app_context():
        with transaction():
            rules.save(a_moderator(), Rules(suspect=("crust*",), most_links=1), based_on=0)
            a_pending_story(body=f"{COPIED} See https://example.org/a for pictures.")
            story = a_pending_story(body=f"{COPIED} Dr Patel froze it. Some nights I just want to die.")

        found = signals.signals_about(pending_of(story))

        assert {signal.code for signal in found} == {"near_duplicate", "new_author", "suspect_word", "name", "crisis"}
        assert filters.items_page(filters.QueueFilters(), limit=1, offset=0)[0].story_id == story.id
