"""'This helped me': once each, taken back, never a number below three, never a name."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from app.accounts import registration
from app.foundation.database import db, transaction
from app.foundation.errors import Missing, NotAllowed
from app.moderation.decisions import decisions
from app.stories import thanks
from app.stories.models import Story
from tests.client import StrictClient
from tests.factories.people import PASSWORD, a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story

SAID = "people say this helped them"


@pytest.fixture
def site(app: Flask) -> Flask:
    """A public story (1) by quietfern, and tallowby, who reads it."""
    with app.app_context(), transaction():
        a_published_story(a_person("quietfern"))
        a_person("tallowby")
    return app


def thanked_by(app: Flask, number: int) -> None:
    with app.app_context(), transaction():
        for _ in range(number):
            thanks.thank(a_person(), db.session.get(Story, 1))


def story_page(client: StrictClient) -> str:
    return client.get_page("/stories/1", follow_redirects=True).text


def helpful(app: Flask) -> int:
    with app.app_context():
        return db.session.get(Story, 1).helpful


def test_a_member_says_so_and_takes_it_back(site: Flask) -> None:
    thanked_by(site, 2)
    reader = logged_in(site, "tallowby")
    page = reader.get_page("/stories/1", follow_redirects=True)
    page = reader.submit(page.form("This helped me"))
    assert "You said this helped you." in page.text
    assert f"3 {SAID}" in page.text
    page = reader.submit(page.form("Undo"))
    assert "You said that" not in page.text
    assert SAID not in page.text
    assert helpful(site) == 0


@pytest.mark.parametrize(("number", "shown"), [(0, False), (1, False), (2, False), (3, True), (4, True)])
def test_no_number_below_three_is_shown_anywhere(site: Flask, client: StrictClient, number: int, shown: bool) -> None:
    thanked_by(site, number)
    author = logged_in(site, "quietfern")
    assert (SAID in story_page(client)) is (SAID in story_page(author)) is shown
    for words in (client.get_page("/stories").text, author.get_page("/account/contributions").text):
        assert (f"helped {number} people" in words) is shown
        assert "helped 1" not in words
        assert "helped 2" not in words


def test_saying_it_twice_counts_once(site: Flask) -> None:
    thanked_by(site, 2)
    reader = logged_in(site, "tallowby")
    form = reader.get_page("/stories/1", follow_redirects=True).form("This helped me")
    for _ in range(3):
        reader.submit(form)
    assert helpful(site) == 3


def test_a_reader_without_an_account_is_led_over_the_log_in(site: Flask, client: StrictClient) -> None:
    page = client.click(client.get_page("/stories/1", follow_redirects=True), "This helped me")
    page = client.submit(page.form("Log in").fill("User name", "tallowby").fill("Password", PASSWORD))
    assert page.h1 == "Did this story help you?"
    assert "You said this helped you." in client.submit(page.form("This helped me")).text


def test_nobody_thanks_themselves(site: Flask) -> None:
    author = logged_in(site, "quietfern")
    assert "This helped me" not in story_page(author)
    assert author.get("/stories/1/thanks").status_code == 302
    with site.app_context(), transaction(), pytest.raises(NotAllowed):
        thanks.thank(registration.find_by_username("quietfern"), db.session.get(Story, 1))


def test_only_what_is_public_is_thanked_for(app: Flask) -> None:
    with app.app_context(), transaction():
        hidden = a_published_story()
        decisions.hide(a_moderator(), hidden, "privacy")
        for story in (a_pending_story(), hidden):
            with pytest.raises(Missing):
                thanks.thank(a_person(), story)


def test_many_at_the_same_moment_are_all_counted(either_app: Flask) -> None:
    with either_app.app_context(), transaction():
        a_published_story()
        people = [a_person().id for _ in range(8)]

    def thank(person_id: int) -> None:
        with either_app.app_context(), transaction():
            thanks.thank(db.session.get(registration.Person, person_id), db.session.get(Story, 1))

    threads = [threading.Thread(target=thank, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert helpful(either_app) == 8
