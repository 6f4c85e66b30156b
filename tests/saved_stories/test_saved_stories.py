"""Saving stories: in the account, and by the ids in an address for readers without one."""

from __future__ import annotations

import pytest
from flask import Flask

from app.foundation.database import db, transaction
from app.foundation.errors import Refused
from app.moderation.decisions import decisions
from app.saved_stories import saving
from app.saved_stories.models import SavedStory
from app.stories.models import Story
from tests.client import StrictClient
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story


@pytest.fixture
def site(app: Flask) -> Flask:
    """A site with two public stories, ids 1 and 2, and one that waits, id 3."""
    with app.app_context(), transaction():
        author = a_person("mossywood")
        a_published_story(author, title="The first winter")
        a_published_story(author, title="The second winter")
        a_pending_story(author, title="Not read yet")
    return app


def titles(client: StrictClient, address: str = "/stories/saved") -> list[str]:
    return client.get_page(address).texts(".card__title")


def test_a_member_saves_a_story_finds_it_again_and_removes_it(site: Flask) -> None:
    client = logged_in(site, "quietfern")
    assert "You haven’t saved any stories yet." in client.get_page("/stories/saved").text

    page = client.submit(client.get_page("/stories/1/the-first-winter").form("Save this story"))
    assert "You’ve saved this story." in page.text
    client.submit(client.get_page("/stories/2/the-second-winter").form("Save this story"))
    assert titles(client) == ["The second winter", "The first winter"]

    page = client.submit(client.get_page("/stories/saved").form("Remove The first winter"))
    assert "Removed from your saved stories." in page.text
    assert titles(client) == ["The second winter"]


def test_saving_twice_saves_once(site: Flask) -> None:
    with site.app_context(), transaction():
        person, story = a_person("quietfern"), db.session.get_one(Story, 1)
        saving.save(person, story)
        saving.save(person, story)
    with site.app_context():
        assert db.session.query(SavedStory).count() == 1


def test_nobody_else_sees_what_somebody_saved(site: Flask) -> None:
    client = logged_in(site, "quietfern")
    client.submit(client.get_page("/stories/1/the-first-winter").form("Save this story"))
    assert titles(logged_in(site, "tallowby")) == []
    assert titles(site.test_client()) == []


def test_a_story_that_is_not_public_any_more_is_not_listed(site: Flask) -> None:
    client = logged_in(site, "quietfern")
    client.submit(client.get_page("/stories/1/the-first-winter").form("Save this story"))
    with site.app_context(), transaction():
        decisions.hide(a_moderator("lanternhill"), db.session.get_one(Story, 1), "privacy")
    assert titles(client) == []
    assert titles(client, "/stories/saved?id=1") == []


def test_a_story_that_waits_can_be_neither_saved_nor_listed(site: Flask) -> None:
    author = logged_in(site, "mossywood")
    token = author.get_page("/stories/1/the-first-winter").select("input[name=csrf_token]")[0].get("value", "")
    assert author.post("/stories/3/save", data={"csrf_token": token}, unchecked="a refusal").status_code == 404
    assert titles(author, "/stories/saved?id=3") == []


def test_a_browser_lists_what_it_kept_in_its_order(site: Flask, client: StrictClient) -> None:
    page = client.get_page("/stories/saved?id=2&id=1&id=2&id=999")
    assert page.texts(".card__title") == ["The second winter", "The first winter"]
    assert "saved in this browser only" in page.text


@pytest.mark.parametrize("ids", ["id=x", "id=-1", "id=99999999999999999999", "id=0", "id=", "id=%00", "id=1.5"])
def test_ids_that_are_none_are_ignored(client: StrictClient, ids: str) -> None:
    assert titles(client, f"/stories/saved?{ids}") == []


def test_a_hundred_stories_can_be_saved_and_no_more(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "MAX_SAVED", 1)
    with site.app_context(), transaction():
        person = a_person("quietfern")
        saving.save(person, db.session.get_one(Story, 1))
        with pytest.raises(Refused, match="up to 1 stories"):
            saving.save(person, db.session.get_one(Story, 2))
    client = logged_in(site, "quietfern")
    refused = client.submit(client.get_page("/stories/2/the-second-winter").form("Save this story"), status=422)
    assert "Remove one first." in refused.text


def test_without_an_account_the_page_has_no_form_and_no_cookie(site: Flask, client: StrictClient) -> None:
    response = client.get("/stories/1", follow_redirects=True)
    assert "data-save=" in response.text
    assert "Set-Cookie" not in response.headers
