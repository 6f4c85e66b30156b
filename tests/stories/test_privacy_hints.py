"""The privacy hints of the form: what might tell who somebody is, neutral words for it, and help lines at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app.foundation.database import db
from app.screening import help_lines
from app.stories.models import Story, StoryRevision
from config import ConfigurationError
from tests.client import Form, Page, StrictClient
from tests.stories.story_form import filled_form

NAMED = "I saw Dr Miller in spring. Dr Miller said to wait, and so we waited for another two weeks."
IN_NEED = "Nothing helped with the itching for a whole year and some nights I wanted to kill myself."


def remarks(page: Page) -> list[str]:
    return page.texts(".privacy-hints q")


def offers(form: Form) -> list[str]:
    return [button for button in form.buttons if button.startswith("Write ")]


def sent(app: Flask) -> int:
    with app.app_context():
        return len(db.session.scalars(sa.select(Story)).all())


def test_what_names_somebody_is_looked_at_once_and_sent_as_it_is_if_they_like(app: Flask, writer: StrictClient) -> None:
    page = writer.submit(filled_form(writer).fill("Your story", NAMED), "Send for review")

    assert remarks(page) == ["Dr Miller", "Dr Miller"]
    assert "Nothing is sent yet" in page.text
    assert sent(app) == 0
    page = writer.submit(page.form("Send for review"), "Send for review")
    assert "Your story is with our moderators." in page.text
    with app.app_context():
        assert db.session.scalars(sa.select(StoryRevision)).one().body_source == NAMED


def test_something_new_in_the_margin_is_looked_at_again(app: Flask, writer: StrictClient) -> None:
    page = writer.submit(filled_form(writer).fill("Your story", NAMED), "Send for review")
    form = page.form("Send for review").fill("Advice", "Write to me at fern@example.org.")

    page = writer.submit(form, "Send for review")

    assert remarks(page) == ["Dr Miller", "Dr Miller", "fern@example.org"]
    assert sent(app) == 0


def test_neutral_words_take_the_place_of_the_very_passage(app: Flask, writer: StrictClient) -> None:
    page = writer.submit(filled_form(writer).fill("Your story", NAMED), "Preview")
    [_first, second] = offers(page.form("Preview"))
    buttons = [button.get("value") for button in page.select("button[name=replace]")]
    assert buttons == ["body:0:Dr Miller", "body:1:Dr Miller"]
    assert second

    form = page.form("Preview")
    token, key = dict(form.pairs())["csrf_token"], dict(form.pairs())["key"]
    data = {"csrf_token": token, "key": key, "body": NAMED, "replace": "body:1:Dr Miller"}
    response = writer.post("/stories/new", data=data)
    again = Page(response)

    text = again.form("Preview").value("Your story")
    assert text.startswith("I saw Dr Miller in spring. ")
    assert text.count("Dr Miller") == 1
    assert text.endswith(" said to wait, and so we waited for another two weeks.")
    assert remarks(again) == ["Dr Miller"]


@pytest.mark.parametrize("key", ["", "body", "body:0:Nobody", "body:9:Dr Miller", "author_id:0:x", "::", "x" * 9_000])
def test_a_passage_that_is_not_there_changes_nothing(app: Flask, writer: StrictClient, key: str) -> None:
    form = filled_form(writer)
    data = {
        "csrf_token": dict(form.pairs())["csrf_token"],
        "key": dict(form.pairs())["key"],
        "body": NAMED,
        "replace": key,
    }

    page = Page(writer.post("/stories/new", data=data))

    assert page.form("Preview").value("Your story") == NAMED


def test_words_that_ask_for_help_show_where_it_is_before_sending(app: Flask, writer: StrictClient) -> None:
    page = writer.submit(filled_form(writer).fill("Your story", IN_NEED), "Send for review")

    assert "116 123" in page.text
    assert sent(app) == 0
    page = writer.submit(page.form("Send for review"), "Send for review")
    assert sent(app) == 1


def test_help_lines_are_called_and_written_to_by_a_tap(app: Flask, writer: StrictClient) -> None:
    page = writer.submit(filled_form(writer).fill("Your story", IN_NEED), "Send for review")

    links = [link.get("href") for link in page.select("#help a")]
    assert links == ["tel:112", "tel:999", "tel:116123", "tel:988", "sms:988"]


@pytest.mark.parametrize(
    ("contact", "phone"),
    [
        ("116 123", "116123"),
        ("+49 (0)800 111-0-111", "+4908001110111"),
        ("text SHOUT to 85258", ""),
        ("help@example.org", ""),
        ("", ""),
    ],
)
def test_only_telephone_numbers_are_links(contact: str, phone: str) -> None:
    assert help_lines.HelpLine("Utopia", "Listeners", contact).phone == phone


def test_help_is_there_while_it_is_typed(app: Flask, writer: StrictClient) -> None:
    form = filled_form(writer).fill("Your story", f"{IN_NEED} {NAMED}")

    answer = writer.post("/stories/drafts", data=dict(form.pairs()))

    assert "116 123" in answer.json["hints"]
    assert "Dr Miller" in answer.json["hints"]


def test_words_in_the_margin_are_words(writer: StrictClient) -> None:
    form = filled_form(writer).fill("Your story", f'<b>Dr</b> Dr <script>alert(1)</script> "Miller" {NAMED}')

    answer = writer.post("/stories/drafts", data=dict(form.pairs()))

    assert "<script" not in answer.json["hints"]


def test_an_ordinary_story_has_nothing_in_its_privacy_hints(writer: StrictClient) -> None:
    page = writer.submit(filled_form(writer), "Preview")

    assert remarks(page) == []
    assert "116 123" not in page.text


LINE = '[[line]]\ncountry = "Utopia"\nname = "Listeners"\ncontact = "12345"\n'


def test_help_lines_are_a_setting(tmp_path: Path) -> None:
    file = tmp_path / "lines.toml"
    file.write_text(LINE, encoding="utf-8")

    assert help_lines.read(file) == (help_lines.HelpLine("Utopia", "Listeners", "12345"),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "line = 3",
        LINE + 'more = "x"\n',
        LINE + 'sms = "javascript:1"\n',
        LINE.replace('"12345"', "12345"),
        LINE * 31,
        None,
    ],
)
def test_a_file_that_cannot_help_is_told_at_once(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "lines.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError, match="SALVE_HELP_LINES"):
        help_lines.read(file)
