"""The story form has many fields with numbers in their names: none of them leads to a 500, no words are lost."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
import sqlalchemy as sa
from flask import Flask

from app.foundation.database import db
from app.stories.models import Story, StoryDraft, StoryRevision
from tests.client import Page, StrictClient
from tests.stories.story_form import BODY, TITLE, typed_values

GOOD = {
    "title": TITLE,
    "condition": "Warts",
    "about": "myself",
    "body": BODY,
    "treatments-0-treatment": "Imiquimod",
    "publish": "y",
}

NAMES = [
    "treatments-99999-treatment",
    "treatments--1-treatment",
    "treatments-²-treatment",
    "treatments-٣-treatment",
    "treatments-0x1-treatment",
    f"treatments-{'9' * 5_000}-treatment",
    "treatments-0-side_effects-99999-effect",
    "treatments-0-side_effects-²-effect",
    f"treatments-0-side_effects-{'9' * 5_000}-effect",
    "treatments-0-side_effects--1-effect",
    "treatments-0-treatment-0-treatment",
    "treatments-0-",
    "treatments-",
    "treatments",
    "treatments[0][treatment]",
    "treatments-0-side_effects",
    "title-0",
    "title[]",
    "live_revision_id",
    "author_id",
    "state",
    "is_invented",
    "published_at",
    "\x00",
    "tit\x00le",
    "\ud7ff",
    "😀",
    "x" * 10_000,
    "__class__",
    "csrf_token.x",
]


def token_of(writer: StrictClient) -> str:
    return writer.csrf_token()


def send(
    writer: StrictClient, fields: list[tuple[str, str]] | dict[str, str], button: str = "send", token: str = ""
) -> Page:
    """Post these fields by this button. Without a `token`, the form is loaded first to get one."""
    pairs = [
        *(fields.items() if isinstance(fields, dict) else fields),
        ("csrf_token", token or token_of(writer)),
        (button, "1"),
    ]
    response = writer.post(
        "/stories/new",
        data=urlencode(pairs, quote_via=quote).encode(),
        content_type="application/x-www-form-urlencoded",
        follow_redirects=True,
    )
    return Page(response)


@pytest.mark.parametrize("button", ["send", "save", "add"])
def test_fields_that_the_form_does_not_have_are_overlooked(app: Flask, writer: StrictClient, button: str) -> None:
    page = send(writer, {**GOOD, **dict.fromkeys(NAMES, "Imiquimod")}, button)

    assert page.status == 200
    with app.app_context():
        if button == "send":
            story = db.session.scalars(sa.select(Story)).one()
            assert (story.state, story.author.username, story.is_invented) == ("unpublished", "quietfern", False)
            assert {tried.topic.name for tried in story.revisions[0].treatments} == {"Imiquimod"}


@pytest.mark.parametrize("value", ["", "-1", "Imiquimod"])
def test_no_name_of_a_field_is_too_much(writer: StrictClient, value: str) -> None:
    token = token_of(writer)

    for name in NAMES:
        page = send(writer, {**GOOD, "title": "", name: value}, token=token)

        assert page.status == 422, name[:40]
        held = typed_values(page.form("Send for review"))
        assert held["body"] == [BODY], name[:40]
        assert held["treatments-0-treatment"] == ["Imiquimod"], name[:40]


CHOICES = [
    *("about", "age_band", "sex", "treatments-0-status", "treatments-0-effect", "treatments-0-duration"),
    *("treatments-0-first_effect", "treatments-0-side_effects_overall", "treatments-0-again"),
    *("treatments-0-stop_reasons", "treatments-0-companions", "treatments-0-side_effects-0-severity"),
]


@pytest.mark.parametrize("value", ["cured", "-1", "None", "\x00", "myself, someone_i_care_for"])
def test_an_answer_that_is_not_offered_is_refused(app: Flask, writer: StrictClient, value: str) -> None:
    token = token_of(writer)

    for name in CHOICES:
        page = send(writer, {**GOOD, "treatments-0-side_effects-0-effect": "Itch", name: value}, token=token)

        assert page.status == 422, name
        assert typed_values(page.form("Send for review"))["body"] == [BODY], name
    with app.app_context():
        assert db.session.scalars(sa.select(Story)).all() == []


def test_the_first_of_several_values_counts(app: Flask, writer: StrictClient) -> None:
    send(writer, [*GOOD.items(), ("title", "Another title"), ("body", "x" * 100)])

    with app.app_context():
        revision = db.session.scalars(sa.select(StoryRevision)).one()
        assert (revision.title, revision.body_source) == (TITLE, BODY)


def test_gaps_between_treatments_close(app: Flask, writer: StrictClient) -> None:
    send(writer, {**GOOD, "treatments-5-treatment": "Cryotherapy", "treatments-3-treatment": "Salicylic acid"})

    with app.app_context():
        tried = db.session.scalars(sa.select(StoryRevision)).one().treatments
        assert [(each.position, each.topic.name) for each in tried] == [
            (0, "Imiquimod"),
            (1, "Salicylic acid"),
            (2, "Cryotherapy"),
        ]


def test_a_treatment_that_is_not_there_cannot_be_taken_out(app: Flask, writer: StrictClient) -> None:
    token = token_of(writer)

    for number in ("-1", "99", "9" * 5_000, "²", "١", "0x1", "", "\x00", "1; DROP TABLE"):
        page = Page(writer.post("/stories/new", data={**GOOD, "title": "", "csrf_token": token, "remove": number}))

        assert page.status in (200, 422), number[:40]
        assert typed_values(page.form("Send for review"))["treatments-0-treatment"] == ["Imiquimod"], number[:40]
    with app.app_context():
        assert db.session.scalars(sa.select(Story)).all() == []


@pytest.mark.parametrize("unseen", ["\x00", "\x08", "\u202e", "\ufffe", "\U0010ffff"])
def test_what_nobody_can_see_is_left_out_of_every_text(app: Flask, writer: StrictClient, unseen: str) -> None:
    page = send(writer, {name: value.replace("a", f"a{unseen}") for name, value in GOOD.items() if name != "about"})

    assert page.status == 200, page.texts(".error-summary li")
    with app.app_context():
        revision = db.session.scalars(sa.select(StoryRevision)).one()
        assert (revision.title, revision.body_source) == (TITLE, BODY)


def test_more_than_the_site_takes_is_answered_with_a_page(app: Flask, writer: StrictClient) -> None:
    page = send(writer, {**GOOD, "body": "x" * (1024 * 1024)})

    assert (page.status, page.h1) == (413, "That’s too large")
    with app.app_context():
        assert db.session.scalars(sa.select(StoryDraft)).all() == []


def test_a_story_nearly_as_large_as_the_site_takes_stays_on_the_page(writer: StrictClient) -> None:
    words = "word" * 200_000

    page = send(writer, {**GOOD, "body": words})

    assert page.status == 422
    assert typed_values(page.form("Send for review"))["body"] == [words]
