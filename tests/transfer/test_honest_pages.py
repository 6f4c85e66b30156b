"""What the site says of imported stories: nothing that their file did not say, and who has read them."""

from __future__ import annotations

from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.moderation.decisions import decisions
from app.moderation.rules import rules
from app.moderation.rules.rules import Rules
from app.stories.models import Story, StoryRevision
from tests.client import Page
from tests.factories.people import a_moderator
from tests.factories.stories import a_pending_story, a_published_story
from tests.statements import cost
from tests.transfer.import_command import MAPPING, a_row, as_csv, import_files, import_stories

UNREAD = "been read by our moderators"


def imported(app: Flask, folder: Path, more: str = "", state: str = "published", **cells: str) -> None:
    files = import_files(folder, as_csv(a_row(**cells)), more + MAPPING)
    assert import_stories(app, *files, "--as", state).exit_code == 0


def story_page(app: Flask) -> Page:
    with app.app_context():
        address = db.session.scalars(sa.select(Story)).one()
        identity, slug = address.id, address.slug
    return app.test_client().get_page(f"/stories/{identity}/{slug}")


def test_whom_a_story_is_about_is_not_claimed_where_the_file_does_not_say(app: Flask, tmp_path: Path) -> None:
    imported(app, tmp_path, title="My son has warts")

    page = story_page(app)

    assert "My son has warts" in page.text
    for claim in ("about their own experience", "someone they care for", "age ", "female", "male"):
        assert claim not in page.text
    with app.app_context():
        version = db.session.scalars(sa.select(StoryRevision)).one()
        assert (version.about, version.age_band, version.sex) == (None, None, None)


def test_what_the_mapping_says_is_shown(app: Flask, tmp_path: Path) -> None:
    imported(app, tmp_path, more="about = { constant = 'someone_i_care_for' }\n")

    assert "about someone they care for" in story_page(app).text


def test_whom_it_is_about_appears_among_the_differences_once_it_is_said(app: Flask, tmp_path: Path) -> None:
    from app.questionnaires import questions
    from app.stories.answers import About

    imported(app, tmp_path)

    with app.app_context():
        version = db.session.scalars(sa.select(StoryRevision)).one()
        assert "Whom it is about" not in dict(questions.labelled(version))
        version.about = About.MYSELF
        assert dict(questions.labelled(version))["Who it is about"] == "myself"
        db.session.rollback()


def test_a_story_that_nobody_read_says_so(app: Flask, tmp_path: Path) -> None:
    imported(app, tmp_path)

    page = story_page(app)

    assert "This story came from another site and hasn’t been read by our moderators." in page.text
    assert "Read by a moderator" not in page.text


def test_an_imported_story_that_a_moderator_read_says_that(app: Flask, tmp_path: Path) -> None:
    imported(app, tmp_path, state="pending")
    with app.app_context(), transaction():
        decisions.approve(a_moderator(), pending_of(db.session.scalars(sa.select(Story)).one()))

    assert "A moderator read it before we published it here" in story_page(app).text
    assert UNREAD not in app.test_client().get_page("/").text


@pytest.mark.parametrize("lane", [0, 1])
@pytest.mark.parametrize("address", ["/", "/about", "/guidelines", "/transparency"])
def test_no_page_promises_that_everything_was_read_where_it_was_not(
    app: Flask, tmp_path: Path, address: str, lane: int
) -> None:
    with app.app_context(), transaction():
        a_published_story()
        rules.save(a_moderator(), Rules(lane_approved=lane), based_on=0)
    before = app.test_client().get_page(address).text
    costs = cost(app, app.test_client(), address)

    imported(app, tmp_path)

    after = app.test_client().get_page(address).text
    assert UNREAD not in before
    assert UNREAD in after
    assert "sent to us" in before
    assert "sent to us" in after
    assert cost(app, app.test_client(), address) == costs


def test_the_description_of_the_site_promises_nothing(app: Flask) -> None:
    assert b"read by a moderator" not in app.test_client().get("/").data


def test_a_story_that_is_hidden_is_not_counted_as_unread(app: Flask, tmp_path: Path) -> None:
    imported(app, tmp_path)
    with app.app_context(), transaction():
        decisions.hide(a_moderator(), db.session.scalars(sa.select(Story)).one(), "privacy")

    assert UNREAD not in app.test_client().get_page("/").text


def test_the_migration_takes_back_what_earlier_imports_claimed(either_app: Flask, tmp_path: Path) -> None:
    imported(either_app, tmp_path)
    with either_app.app_context():
        with transaction():
            a_pending_story(about="myself")
        db.session.remove()
        flask_migrate.downgrade(revision="20261121_skeletons")
        claims = sa.text("SELECT about, decided_at IS NULL FROM story_revisions ORDER BY id")
        assert [tuple(row) for row in db.session.execute(claims)] == [("myself", False), ("myself", True)]
        db.session.remove()
        flask_migrate.upgrade()
        assert [tuple(row) for row in db.session.execute(claims)] == [(None, True), ("myself", True)]
