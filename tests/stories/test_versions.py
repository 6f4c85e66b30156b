"""What becomes of a story once it is sent: edits, withdrawal, its address."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.accounts.models import Person
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.publication import pending_of
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db, transaction
from app.moderation.decisions import decisions
from app.stories import authoring
from app.stories.models import Story, StoryRevision
from tests.client import StrictClient
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story, a_story_content
from tests.stories.story_form import TITLE

OLD, NEW, NEWER = "The old title", "The new title", "The newer title"


@pytest.fixture
def reader(client: StrictClient) -> StrictClient:
    return client


@pytest.fixture
def author(app: Flask) -> StrictClient:
    return logged_in(app, "quietfern")


def own(app: Flask, build: Callable[[Person], Story]) -> int:
    with app.app_context(), transaction():
        story = build(registration.find_by_username("quietfern") or a_person("quietfern"))
        db.session.flush()
        return story.id


def published(app: Flask, title: str = OLD) -> int:
    return own(app, lambda person: a_published_story(person, title=title))


def pending(app: Flask, title: str = OLD) -> int:
    return own(app, lambda person: a_pending_story(person, title=title))


def decide(app: Flask, story_id: int, domain_function: Callable[..., object], *more: str) -> None:
    with app.app_context(), transaction():
        domain_function(a_moderator(), pending_of(db.session.get(Story, story_id)), *more)


def change(author: StrictClient, story_id: int, title: str) -> None:
    form = author.get_page(f"/stories/{story_id}/edit").form("Send for review")
    author.submit(form.fill("Title", title), "Send for review")


def withdraw(author: StrictClient, story_id: int, button: str = "Withdraw story") -> None:
    author.submit(author.get_page(f"/stories/{story_id}/withdraw").form(button), button)


def states(app: Flask) -> list[RevisionState]:
    with app.app_context():
        return list(db.session.scalars(sa.select(StoryRevision.state).order_by(StoryRevision.number)))


# --- Edits ---


def test_the_old_text_stays_public_until_the_edit_is_approved(
    app: Flask, author: StrictClient, reader: StrictClient
) -> None:
    story = published(app)
    change(author, story, NEW)

    before = reader.get_page(f"/stories/{story}/the-old-title")
    decide(app, story, decisions.approve)
    after = reader.get_page(f"/stories/{story}/the-new-title")

    assert before.h1 == OLD
    assert NEW not in before.html
    assert after.h1 == NEW
    assert OLD not in after.html


def test_the_author_sees_that_a_new_version_waits(app: Flask, author: StrictClient) -> None:
    story = published(app)

    change(author, story, NEW)

    page = author.get_page("/account/contributions")
    assert "published a new version is waiting to be read" in page.text
    assert author.get_page(f"/stories/{story}", follow_redirects=True).h1 == OLD


def test_a_rejected_edit_leaves_the_public_text_alone(app: Flask, author: StrictClient, reader: StrictClient) -> None:
    story = published(app)
    change(author, story, NEW)

    decide(app, story, decisions.reject, "privacy")

    assert reader.get_page(f"/stories/{story}/the-old-title").h1 == OLD
    assert "The earlier one stays public." in author.get_page("/account/contributions").text


def test_a_second_edit_takes_the_place_of_the_one_that_waits(app: Flask, author: StrictClient) -> None:
    story = published(app)
    change(author, story, NEW)

    change(author, story, NEWER)

    assert states(app) == [RevisionState.APPROVED, RevisionState.SUPERSEDED, RevisionState.PENDING]
    with app.app_context():
        assert pending_of(db.session.get(Story, story)).title == NEWER


def test_an_edit_begins_from_the_version_sent_last(app: Flask, author: StrictClient) -> None:
    story = published(app)
    change(author, story, NEW)

    form = author.get_page(f"/stories/{story}/edit").form("Send for review")

    assert form.value("Title") == NEW


def test_a_first_version_that_waits_can_be_replaced(app: Flask, author: StrictClient) -> None:
    story = pending(app)

    change(author, story, NEW)

    assert states(app) == [RevisionState.SUPERSEDED, RevisionState.PENDING]


def test_a_rejected_story_can_be_sent_again(app: Flask, author: StrictClient, reader: StrictClient) -> None:
    story = pending(app)
    decide(app, story, decisions.reject, "privacy")

    change(author, story, NEW)
    decide(app, story, decisions.approve)

    assert reader.get_page(f"/stories/{story}/the-new-title").h1 == NEW


# --- Withdrawing ---


def test_withdrawing_only_the_new_version_leaves_the_public_one(
    app: Flask, author: StrictClient, reader: StrictClient
) -> None:
    story = published(app)
    change(author, story, NEW)

    withdraw(author, story, "Withdraw just the new version")

    assert reader.get_page(f"/stories/{story}/the-old-title").h1 == OLD
    assert states(app) == [RevisionState.APPROVED, RevisionState.WITHDRAWN]


def test_withdrawing_the_story_takes_both_away(app: Flask, author: StrictClient, reader: StrictClient) -> None:
    story = published(app)
    change(author, story, NEW)

    withdraw(author, story)

    page = reader.get_page(f"/stories/{story}/the-old-title", status=410)
    assert "has withdrawn it" in page.text
    assert OLD not in page.html
    assert states(app) == [RevisionState.APPROVED, RevisionState.WITHDRAWN]
    assert "withdrawn by you" in author.get_page("/account/contributions").text


def test_the_new_version_can_be_withdrawn_alone_only_if_there_is_one(app: Flask, author: StrictClient) -> None:
    story = published(app)

    buttons = author.get_page(f"/stories/{story}/withdraw").form("Withdraw story").buttons

    assert "Withdraw just the new version" not in buttons


def test_a_version_that_was_decided_meanwhile_cannot_be_withdrawn(app: Flask, author: StrictClient) -> None:
    story = published(app)
    change(author, story, NEW)
    form = author.get_page(f"/stories/{story}/withdraw").form("Withdraw just the new version")
    decide(app, story, decisions.approve)

    page = author.submit(form, status=409)

    assert "A moderator has made a decision" in page.text
    assert states(app) == [RevisionState.SUPERSEDED, RevisionState.APPROVED]


def test_a_withdrawn_story_comes_back_with_a_moderators_consent(
    app: Flask, author: StrictClient, reader: StrictClient
) -> None:
    story = published(app)
    withdraw(author, story)

    change(author, story, NEW)
    reader.get_page(f"/stories/{story}", status=404)
    decide(app, story, decisions.approve)

    assert reader.get_page(f"/stories/{story}/the-new-title").h1 == NEW


def test_a_story_is_withdrawn_once(app: Flask, author: StrictClient) -> None:
    story = published(app)
    form = author.get_page(f"/stories/{story}/withdraw").form("Withdraw story")
    author.submit(form)

    page = author.submit(form, status=403)

    assert page.h1 == "You can’t do this"


def test_withdrawing_throws_the_draft_away(app: Flask, author: StrictClient) -> None:
    story = published(app)
    author.submit(author.get_page(f"/stories/{story}/edit").form("Save draft"), "Save draft")

    withdraw(author, story)

    assert "Drafts" not in author.get_page("/account/contributions").texts("h2")


# --- Addresses: 404 for what never was public, 410 for what was, the canonical one for the rest ---


def unpublished(app: Flask) -> dict[str, int]:
    """A story in every state in which it never was public."""

    def rejected(person: Person) -> Story:
        story = a_pending_story(person, title=TITLE)
        decisions.reject(a_moderator(), pending_of(story), "privacy")
        return story

    def changes_asked(person: Person) -> Story:
        story = a_pending_story(person, title=TITLE)
        decisions.request_changes(a_moderator(), pending_of(story), "privacy")
        return story

    def withdrawn(person: Person) -> Story:
        story = a_pending_story(person, title=TITLE)
        authoring.withdraw(person, story)
        return story

    def edited_and_rejected(person: Person) -> Story:
        story = rejected(person)
        authoring.submit_edit(person, story, a_story_content(title=TITLE))
        return story

    waiting = pending(app, TITLE)
    return {"pending": waiting} | {
        build.__name__: own(app, build) for build in (rejected, changes_asked, withdrawn, edited_and_rejected)
    }


def test_what_never_was_public_answers_like_nothing_at_every_address(app: Flask, reader: StrictClient) -> None:
    nothing = reader.get_page("/stories/999", status=404).html

    for state, story in unpublished(app).items():
        for slug in ("", "/story", "/eleven-warts-and-then-none", "/anything"):
            page = reader.get_page(f"/stories/{story}{slug}", status=404)
            assert page.html == nothing, state


def test_the_author_reads_their_own_at_an_address_that_tells_nothing(app: Flask, author: StrictClient) -> None:
    for state, story in unpublished(app).items():
        response = author.get(f"/stories/{story}/eleven-warts-and-then-none")

        assert (response.status_code, response.location) == (302, f"/stories/{story}/story"), state
        assert author.get_page(f"/stories/{story}/story").h1 == TITLE


@pytest.mark.parametrize("slug", ["", "/", "/wrong", "/the-old-titl", "/THE-OLD-TITLE", "/the-new-title"])
def test_every_address_of_a_story_leads_to_the_one(app: Flask, reader: StrictClient, slug: str) -> None:
    story = published(app)

    response = reader.get(f"/stories/{story}{slug}")

    if slug == "/":
        assert response.status_code == 404
    else:
        assert (response.status_code, response.location) == (302, f"/stories/{story}/the-old-title")


def test_no_address_shows_the_title_of_a_version_that_waits(
    app: Flask, author: StrictClient, reader: StrictClient
) -> None:
    story = published(app)
    change(author, story, NEW)

    for client in (reader, author):
        assert client.get(f"/stories/{story}/the-new-title").location == f"/stories/{story}/the-old-title"
    assert "the-new-title" not in author.get_page("/account/contributions").html


def test_a_hidden_story_answers_like_nothing(app: Flask, author: StrictClient, reader: StrictClient) -> None:
    story = published(app)
    with app.app_context(), transaction():
        decisions.hide(a_moderator(), db.session.get(Story, story), "privacy")

    assert reader.get_page(f"/stories/{story}", status=404).html == reader.get_page("/stories/999", status=404).html
    assert "hidden by a moderator" in author.get_page("/account/contributions").text


def test_a_removed_story_says_so_and_cannot_be_changed(app: Flask, author: StrictClient, reader: StrictClient) -> None:
    story = published(app)
    with app.app_context(), transaction():
        db.session.get(Story, story).state = PublicationState.REMOVED

    page = reader.get_page(f"/stories/{story}/the-old-title", status=410)

    assert "Our moderators took this story down" in page.text
    assert OLD not in page.html
    author.get_page(f"/stories/{story}/edit", status=404)
    author.get_page(f"/stories/{story}/withdraw", status=404)


@pytest.mark.parametrize("title", ["Edit", "Withdraw", "Report!", "edit "])
def test_no_title_takes_the_place_of_another_page(app: Flask, reader: StrictClient, title: str) -> None:
    story = published(app, title)

    page = reader.get_page(f"/stories/{story}", follow_redirects=True)

    assert page.h1 == title.strip()
    assert reader.click(reader.get_page("/stories"), title.strip()).h1 == title.strip()


@pytest.mark.parametrize("title", ["Ångström’s café", "皮膚の話", "😀😀", "a" * 120, "/ ? # % &", "../../etc", "-"])
def test_a_story_of_any_title_has_an_address(app: Flask, reader: StrictClient, title: str) -> None:
    story = published(app, title)

    page = reader.get_page(f"/stories/{story}", follow_redirects=True)

    assert page.h1 == title
    assert page.url.isascii()
